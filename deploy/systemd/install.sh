#!/usr/bin/env bash
# install.sh: puts host-agent on a host with systemd, replaces it in place, takes it away.
# `install.sh --help` says how; docs/runbooks/host-agent.md says what lies where and why.
set -euo pipefail
umask 022
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

readonly unit=console-host-agent.service
readonly unit_file=/etc/systemd/system/$unit
readonly prefix=/opt/bytelyst-agent data=/var/lib/bytelyst-agent sockets=/run/bytelyst-agent settings=/etc/bytelyst-agent
# What this script made itself, and so may take away: one "kind name" a line.
readonly made=$settings/made
readonly run_account=bytelyst-run oldest_node=24

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
verb='' staged='' source_dir=$(cd "$here/../.." && pwd -P) node='' npm='' keys='' group=''
dry=false keep_data=false end_runs=false wait_sec=60

usage() {
  cat <<USAGE
Usage: install.sh install   [--source DIR] [--node FILE] [--npm DIR] [--keys-dir DIR] [--group NAME] [--wait SECONDS] [--dry-run]
       install.sh accounts  [--group NAME] [--dry-run]
       install.sh uninstall [--keep-data] [--end-runs] [--keys-dir DIR] [--dry-run]
       install.sh status
       install.sh --help

install    installs host-agent, or replaces the version that is there. Runs that go on are not touched. If the new version does
           not answer, the one before is put back and the exit status is 1.
accounts   makes the group and the account alone, for whoever must know them before host-agent is there.
uninstall  takes away everything that install made, the journal and the approvals too. Refused while a run goes on.
status     prints the versions that are there and what systemd says.

  --source DIR    the checkout to install from; by default the one that this script lies in
  --node FILE     the Node to install; by default the one of that checkout
  --npm DIR       the npm to install, for checks of code; by default that of this machine, and none where it has none
  --keys-dir DIR  folder of the public keys of all parts; /var/lib/bytelyst-keys, or the one that was named before
  --group NAME    whose members may open the socket; bytelyst, or the one that was named before
  --wait SECONDS  how long a new version may take to answer ($wait_sec)
  --keep-data     leave journal, key, approvals and runs in $data
  --end-runs      end the runs that go on
  --dry-run       print what would be done and change nothing
USAGE
}

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
misused() { printf 'install.sh: %s\n\n' "$*" >&2; usage >&2; exit 2; }

# Does what it is told, or says what it would do.
act() {
  if $dry; then printf 'would run: %s\n' "${*@Q}"; else "$@"; fi
}

installed() { [[ ! -f $unit_file ]] || sed -n "$1" "$unit_file"; }
has_value() { [[ -n ${2:-} ]] || misused "$1 needs a value"; }

read_arguments() {
  while (($# > 0)); do
    case $1 in
      --help | -h) usage; exit 0 ;;
      --dry-run) dry=true ;;
      --keep-data) keep_data=true ;;
      --end-runs) end_runs=true ;;
      --source) has_value "$@"; source_dir=$2; shift ;;
      --node) has_value "$@"; node=$2; shift ;;
      --npm) has_value "$@"; npm=$2; shift ;;
      --keys-dir) has_value "$@"; keys=$2; shift ;;
      --group) has_value "$@"; group=$2; shift ;;
      --wait) has_value "$@"; wait_sec=$2; shift ;;
      install | accounts | uninstall | status) [[ -z $verb ]] || misused 'one command at a time'; verb=$1 ;;
      *) misused "unknown: $1" ;;
    esac
    shift
  done
  [[ -n $verb ]] || misused 'say install, accounts, uninstall or status'
  [[ -n $keys ]] || keys=$(installed 's/^Environment=KEYS_DIR=//p')
  [[ -n $group ]] || group=$(installed 's/^Group=//p')
  keys=${keys:-/var/lib/bytelyst-keys} group=${group:-bytelyst}
  [[ $keys =~ ^/[A-Za-z0-9._/-]+$ && $keys != *..* ]] || misused '--keys-dir must be an absolute path of letters, digits and . _ - /'
  [[ $group =~ ^[a-z_][a-z0-9_-]{0,31}$ ]] || misused '--group is no name of a group'
  [[ $wait_sec =~ ^[1-9][0-9]{0,3}$ ]] || misused '--wait must be a number of seconds'
}

look_at_host() {
  [[ -d /run/systemd/system ]] || fail 'systemd does not run here; without it, the start of the console starts host-agent too'
  $dry || [[ $EUID -eq 0 ]] || fail 'only root can do this'
}

# One of these at a time: two would switch versions under each other.
lock() {
  $dry || exec 9>/run/lock/bytelyst-agent.lock
  $dry || flock --nonblock 9 || fail 'another install.sh is at work'
}

node_of_checkout() {
  local -A names=([x86_64]=x64 [aarch64]=arm64)
  [[ -n ${names[$(uname -m)]:-} ]] || fail "there is no Node for $(uname -m) in the checkout: name one with --node"
  printf '%s/node_modules/node-linux-%s/bin/node' "$source_dir" "${names[$(uname -m)]}"
}

# Where Node's own archive and the packages of systems have it.
npm_of_machine() {
  local folder
  for folder in "$(dirname "$node")/../lib/node_modules/npm" /usr/local/lib/node_modules/npm /usr/lib/node_modules/npm /usr/share/nodejs/npm; do
    [[ ! -f $folder/bin/npm-cli.js ]] || { printf '%s' "$folder"; return; }
  done
}

look_at_sources() {
  [[ -f $source_dir/apps/host-agent/src/main.ts ]] || fail "$source_dir is no checkout of the console"
  [[ -n $node ]] || node=$(node_of_checkout)
  [[ -x $node ]] || fail "$node is not there: run \`npx pnpm@12 install\` in $source_dir, or name a Node with --node"
  local release
  release=$("$node" --version) || fail "$node does not start"
  release=${release#v}
  ((${release%%.*} >= oldest_node)) || fail "$node is Node $release; $oldest_node or newer is needed"
  [[ -n $npm ]] || npm=$(npm_of_machine)
  [[ -z $npm || -f $npm/bin/npm-cli.js ]] || fail "$npm is no npm: there is no bin/npm-cli.js in it"
  [[ -n $npm ]] || say "there is no npm here: code is checked once NPM_DIR in $settings/host-agent.env names one, or install.sh is run with --npm"
}

remember() {
  $dry || grep -qxF "$1" "$made" 2>/dev/null || printf '%s\n' "$1" >>"$made"
}

make_accounts() {
  act install -d -o root -g root -m 0700 "$settings"
  if ! getent group "$group" >/dev/null; then
    act groupadd --system "$group"
    remember "group $group"
  fi
  if ! getent passwd "$run_account" >/dev/null; then
    act useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$run_account"
    remember "account $run_account"
  fi
}

make_folders() {
  act install -d -o root -g root -m 0755 "$prefix" "$prefix/versions"
  act install -d -o root -g "$group" -m 0700 "$data"
  if [[ ! -d $keys ]]; then
    act install -d -o root -g root -m 0755 "$keys"
    remember "keys $keys"
  fi
  if [[ ! -e $settings/host-agent.env ]]; then
    act install -o root -g root -m 0600 "$here/host-agent.env" "$settings/host-agent.env"
  fi
}

# The folder of a version: named after all that is in it, so that the same sources are the same version. Leaves its name in `staged`.
stage_version() {
  local part=$prefix/versions/.part.$$ sources digest before
  rm -rf "$prefix"/versions/.part.*
  install -d -o root -g root -m 0755 "$part" "$part/app"
  before=$(readlink -f "$prefix/current/node" || true)
  if [[ -f $before ]] && cmp -s "$before" "$node"; then ln "$before" "$part/node"; else install -o root -g root -m 0755 "$node" "$part/node"; fi
  sources=$("$part/node" --disable-warning=ExperimentalWarning "$here/stage-agent.ts" "$source_dir" "$part/app")
  before=$prefix/current/npm
  if [[ -f $before/package.json ]] && cmp -s "$before/package.json" "$npm/package.json"; then cp -Rl "$before" "$part/npm"
  elif [[ -n $npm ]]; then cp -R "$npm/." "$part/npm"; fi
  digest=$({ printf '%s\n' "$sources"; "$part/node" --version; cat "$here/$unit"; [[ -z $npm ]] || cat "$npm/package.json"; } | sha256sum)
  staged=${digest:0:16}
  chown -R root:root "$part"
  if [[ -d $prefix/versions/$staged ]]; then rm -rf "$part"; else mv -T "$part" "$prefix/versions/$staged"; fi
  # On the disk before anything points at it.
  sync -f "$prefix/versions"
}

# Another version at once: whoever starts the agent finds the old one or the new one, whole.
point() {
  ln -sfn "versions/$2" "$prefix/.$1.$$"
  mv -fT "$prefix/.$1.$$" "$prefix/$1"
}

version_at() { basename "$(readlink "$prefix/$1" 2>/dev/null || true)"; }

# The unit names the folder of its version, so one rename switches whole; `current` is for people and for lines of crontabs.
unit_text() { sed -e "s|@VERSION@|$1|g" -e "s|@GROUP@|$group|g" -e "s|@KEYS_DIR@|$keys|g" "$here/$unit"; }

# @param the version to start from now on; the text of its unit comes on standard input
write_unit() {
  (umask 022; cat >"$unit_file.part")
  sync "$unit_file.part"
  mv -fT "$unit_file.part" "$unit_file"
  point current "$1"
  systemctl daemon-reload
}

# True when the process of this version holds the socket and refuses who brings no token, as it must.
answers() {
  local pid
  pid=$(systemctl show --property=MainPID --value -- "$unit")
  [[ ${pid:-0} -gt 0 && $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") == "$prefix/versions/$1/node "* ]] || return 1
  "$prefix/versions/$1/node" --disable-warning=ExperimentalWarning "$here/ask-agent.ts" "$sockets/host-agent.sock"
}

# Starts what the unit names, and waits until it answers. One that ends by itself is not waited for.
start_and_wait() {
  local end=$((SECONDS + wait_sec)) restarts
  systemctl stop -- "$unit" || return 1
  # The count of restarts of the version before ends here.
  systemctl reset-failed -- "$unit" 2>/dev/null || true
  systemctl start -- "$unit" || return 1
  restarts=$(systemctl show --property=NRestarts --value -- "$unit")
  until answers "$1"; do
    [[ $(systemctl show --property=NRestarts --value -- "$unit") == "$restarts" ]] || return 1
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

# In a folder of another account its files alone are believed, and root's are not.
hand_over_key() {
  local owner
  owner=$(stat -c %u "$keys")
  [[ $owner == 0 ]] || chown "$owner" "$keys/host-agent.jwk"
}

# Versions that nothing points at and no process runs from: a run that goes on keeps the one that it was started by.
prune_versions() {
  local folder used
  used=$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' || true)
  for folder in "$prefix"/versions/*; do
    [[ -d $folder && ${folder##*/} != "$(version_at current)" && ${folder##*/} != "$(version_at previous)" ]] || continue
    [[ $used != *"$folder/"* ]] || continue
    rm -rf "$folder"
    say "removed version ${folder##*/}"
  done
}

install_agent() {
  look_at_sources
  make_accounts
  make_folders
  if $dry; then
    say "would copy: host-agent of $source_dir, $node${npm:+ and $npm} to a new folder below $prefix/versions"
    say "would write: $unit_file"
    unit_text '<the folder>' | sed 's/^/    /'
    say "would enable and restart $unit, wait until it answers, and put back the version before if it does not"
    return
  fi
  local old
  old=$(version_at current)
  stage_version
  [[ ! -f $unit_file ]] || cp -p "$unit_file" "$settings/unit.before"
  unit_text "$staged" | write_unit "$staged"
  systemctl enable --quiet -- "$unit"
  if start_and_wait "$staged"; then
    [[ -z $old || $old == "$staged" ]] || point previous "$old"
    rm -f "$settings/unit.before"
    prune_versions
    hand_over_key
    say "host-agent $staged answers at $sockets/host-agent.sock"
  else
    put_back "$old"
  fi
}

# @param the version before, if there was one
put_back() {
  journalctl --unit="$unit" --lines=10 --output=cat --no-pager >&2 || true
  [[ -n $1 && $1 != "$staged" ]] || fail "version $staged does not answer; see \`journalctl --unit=$unit\`"
  write_unit "$1" <"$settings/unit.before"
  rm -f "$settings/unit.before"
  start_and_wait "$1" || fail "version $staged does not answer, and neither does $1, which was put back"
  prune_versions
  fail "version $staged does not answer; $1 was put back and answers"
}

# Units of runs, by the program that they are started with.
runs_under_way() {
  local name
  systemctl list-units --plain --no-legend --type=service --state=active,activating,deactivating 'bytelyst-*.service' | while read -r name _; do
    [[ $(systemctl show --property=ExecStart --value -- "$name") != *"$prefix/versions/"* ]] || printf '%s\n' "$name"
  done
}

uninstall_agent() {
  local runs kind name
  mapfile -t runs < <(runs_under_way)
  if ((${#runs[@]} > 0)); then
    $end_runs || fail "runs go on: ${runs[*]}. Wait for them, or say --end-runs."
  fi
  # First the agent, which would start what waits. What it started in between is looked for again.
  [[ ! -e $unit_file ]] || act systemctl disable --now --quiet -- "$unit"
  mapfile -t runs < <(runs_under_way)
  if ((${#runs[@]} > 0)) && ! $end_runs && ! $dry; then
    systemctl enable --now --quiet -- "$unit"
    fail "runs go on: ${runs[*]}. host-agent was started again."
  fi
  ((${#runs[@]} == 0)) || act systemctl stop -- "${runs[@]}"
  act rm -rf "$unit_file" "$unit_file.part" "$prefix" "$sockets"
  act rm -f "$keys/host-agent.jwk"
  act systemctl daemon-reload
  act systemctl reset-failed -- "$unit" 2>/dev/null || true
  if [[ -f $made ]]; then
    while read -r kind name; do
      case $kind in
        account) act userdel "$name" || say "account $name stays" ;;
        group) act groupdel "$name" || say "group $name stays" ;;
        # Keys of other parts stay where they are.
        keys) act rmdir --ignore-fail-on-non-empty "$name" ;;
      esac
    done < <(tac "$made")
  fi
  act rm -rf "$settings"
  if $keep_data; then say "kept: $data"; else act rm -rf "$data"; fi
  $dry || { rm -f /run/lock/bytelyst-agent.lock; say 'host-agent is gone'; }
}

show_status() {
  [[ -L $prefix/current ]] || { say 'host-agent is not installed'; exit 3; }
  say "current:  $(version_at current)"
  say "previous: $(version_at previous)"
  systemctl show --property=ActiveState,UnitFileState,ActiveEnterTimestamp,NRestarts -- "$unit"
}

read_arguments "$@"
look_at_host
case $verb in
  install) lock; install_agent ;;
  accounts) lock; make_accounts ;;
  uninstall) lock; uninstall_agent ;;
  status) show_status ;;
esac
