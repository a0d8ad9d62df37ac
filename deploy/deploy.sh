#!/usr/bin/env bash
# deploy.sh: brings the console up on this host, replaces it by a newer version, and goes back.
# `deploy.sh --help` says how; docs/DEPLOYMENT.md says what lies where and why.
set -euo pipefail
umask 022
export LC_ALL=C

# In this order an upgrade replaces them. docker-proxy comes last: while it is away, the gateway learns of no part that is new.
readonly parts=(platform-service devops-backend devops-web admin-web docker-proxy)
readonly app_uid=1001 oldest_api=1.41 oldest_compose=2.20 least_memory_mib=1024 least_disk_mib=4096
readonly secrets=(jwt_secret platform_encryption_key devops_encryption_key csrf_secret setup_token)
# Empty until an operator fills them.
readonly given_secrets=(jwt_secret_previous smtp_url backup_passphrase cosmos_key azure_client_secret checkpoint_webhook_url oidc_client_secret)

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
source_dir=$(cd "$here/.." && pwd -P)
# shellcheck source=deploy/checks.sh
source "$here/checks.sh"
# shellcheck source=deploy/checklist.sh
source "$here/checklist.sh"
# shellcheck source=deploy/versions.sh
source "$here/versions.sh"
# shellcheck source=deploy/backups.sh
source "$here/backups.sh"
# shellcheck source=deploy/stores.sh
source "$here/stores.sh"
# shellcheck source=deploy/uninstall.sh
source "$here/uninstall.sh"
# shellcheck source=deploy/timer.sh
source "$here/timer.sh"
# shellcheck source=deploy/bundle.sh
source "$here/bundle.sh"
verb='' dir=${CONSOLE_DIR:-/etc/bytelyst-console} domain='' mode='' wait_sec=120 dry=false yes=false with_agent=false purge=false part='' archive='' keep=14,8,12,14 at=03:17 by_timer=false with_backup=true store_words=() asked_domain='' asked_mode=''

usage() {
  cat <<USAGE
Usage: deploy.sh [up] [--domain NAME] [--gateway MODE] [--agent] [--wait SECONDS] [--yes]
       deploy.sh check | status | stop | rollback | backup
       deploy.sh restore FILE
       deploy.sh store copy cosmos | copy sqlite | compare | compare-audit
       deploy.sh timer [off] [--at HH:MM] [--keep COUNT]
       deploy.sh bundle FILE
       deploy.sh logs [PART]
       deploy.sh uninstall [--purge] [--yes]
       deploy.sh --help

up         builds the images, or loads those of a bundle, starts the console or replaces the version that runs, waits until all parts are well, and prints where
           it is. A version that runs makes a backup first. If the new one does not get well, the one before is started again and the exit
           status is 1.
check      says of each thing that is needed whether it is there; changes nothing
status     prints the version that runs and how its parts are
logs       follows what the parts, or one of them, write
stop       stops all parts; \`up\` starts them again
rollback   starts the version before the one that runs; after an upgrade that was interrupted, the one that ran
backup     keeps what all parts know, encrypted, in one file in $dir/backups, while they go on
restore    puts the file of a backup into a console that is new: before its first \`up\`, or with its volumes removed
store      copies the documents of both services into the other store, or compares the stores, or the audit logs with their
           copies; the parts must be stopped
timer      lets systemd make backups each night, and \`timer off\` no more
bundle     builds the images and writes them with this script into one archive, for a host without internet
uninstall  takes the containers and the images away; with --purge all that was made for the console, too, but the backups

  --dir DIR        folder of settings and secrets; $dir
  --domain NAME    on the first run: the domain below which devops., admin. and api. lie
  --gateway MODE   on the first run: acme (certificates from Let's Encrypt; the default), certificate (your own), behind (this host has
                   a Traefik on the network), proxy (this host has a Caddy, or another proxy), local (no gateway, loopback alone)
  --agent          installs or upgrades host-agent as well, by deploy/systemd/install.sh
  --keep COUNT     how many backups stay: 14 for the newest alone, 14,8,12 for the newest and the first of each of so many weeks and months, and
                   of so many nights where there is a fourth number; $keep
  --at HH:MM       when the timer makes one; $at
  --by-timer       says in the audit logs that the timer made it, and asks both services for backups of their own
  --no-backup      upgrades without a backup
  --wait SECONDS   how long the parts may take to get well; $wait_sec
  --dry-run        prints what would be done, and does nothing
  --yes            does not ask
USAGE
}

say() { printf '%s\n' "$*"; }
fail() { printf 'deploy.sh: %s\n' "$*" >&2; exit 1; }
misused() { printf 'deploy.sh: %s; see --help\n' "$*" >&2; exit 2; }

# Does it, or says that it would.
act() { if $dry; then printf 'would run:'; printf ' %q' "$@"; printf '\n'; else "$@"; fi; }

confirmed() {
  $yes || $dry && return
  [[ -t 0 ]] || fail "$1 needs your yes: give --yes"
  local answer
  read -r -p "$1? Type yes: " answer
  [[ $answer == yes ]] || fail 'nothing was done'
}

# One at a time: two would replace parts under each other. It is held until the last program that this one started has ended.
lock() {
  $dry && return
  [[ -d $dir ]] || return 0
  exec 9<"$dir"
  flock --nonblock 9 && return
  say "another deploy.sh is at work on $dir: waiting until it has ended"
  flock --timeout "$($by_timer && echo 1800 || echo "$wait_sec")" 9 || fail 'the other one has not ended; nothing was done'
}

read_arguments() {
  while (($# > 0)); do
    case $1 in
      -h | --help) usage; exit 0 ;;
      --dry-run) dry=true ;;
      --yes) yes=true ;;
      --agent) with_agent=true ;;
      --purge) purge=true ;;
      --no-backup) with_backup=false ;;
      --by-timer) by_timer=true ;;
      --dir | --domain | --gateway | --wait | --keep | --at)
        [[ -n ${2:-} ]] || misused "$1 needs a value"
        case $1 in --dir) dir=$2 ;; --domain) domain=$2 ;; --gateway) mode=$2 ;; --wait) wait_sec=$2 ;; --keep) keep=$2 ;; --at) at=$2 ;; esac
        shift ;;
      up | check | status | logs | stop | rollback | backup | restore | store | timer | bundle | uninstall) [[ -z $verb ]] || misused 'one command at a time'; verb=$1 ;;
      *)
        if [[ $verb =~ ^(restore|bundle)$ && -z $archive && $1 != -* ]]; then archive=$1; shift; continue; fi
        if [[ $verb == store && $1 != -* ]]; then store_words+=("$1"); shift; continue; fi
        if [[ $verb == timer && -z $part && $1 == off ]]; then part=$1; shift; continue; fi
        [[ $verb == logs && -z $part && " ${parts[*]} gateway " == *" $1 "* ]] || misused "unknown: $1"
        part=$1 ;;
    esac
    shift
  done
  verb=${verb:-up} asked_domain=$domain asked_mode=$mode
  [[ $dir == /* ]] || misused '--dir must be an absolute path'
  [[ -z $domain ]] || is_domain "$domain" || misused '--domain is no domain in lower case'
  [[ -z $mode || $mode =~ ^(acme|certificate|behind|proxy|local)$ ]] || misused '--gateway is acme, certificate, behind, proxy or local'
  [[ $verb != restore || -n $archive ]] || misused 'restore needs the file of a backup'
  [[ $verb != store || "${store_words[*]}" =~ ^(copy\ cosmos|copy\ sqlite|compare|compare-audit)$ ]] || misused 'store copy cosmos, store copy sqlite, store compare or store compare-audit'
  [[ $verb != bundle || -n $archive ]] || misused 'bundle needs the name of the archive'
  [[ $at =~ ^([01][0-9]|2[0-3]):[0-5][0-9]$ ]] || misused '--at must be a time of the day like 03:17'
  # It stands in a unit of systemd.
  [[ $verb != timer || "$dir$here" =~ ^[A-Za-z0-9._/-]+$ ]] || misused 'a timer needs folders of letters, digits and . _ - /'
  [[ $keep =~ ^[1-9][0-9]{0,3}(,[0-9]{1,4},[0-9]{1,4}(,[0-9]{1,4})?)?$ ]] || misused '--keep must be a number of backups, three with weeks and months, or four with nights, such as 14,8,12,14'
  [[ $wait_sec =~ ^[1-9][0-9]{0,3}$ ]] || misused '--wait must be a number of seconds'
}

# A setting of `.env`: read as text, never run.
setting() {
  local line
  line=$(grep -E "^$1=" "$dir/.env" 2>/dev/null | tail -n 1) || true
  line=${line#*=}
  printf '%s' "${line:-${2:-}}"
}

write_settings() {
  [[ ! -f $dir/.env ]] || return 0
  [[ $mode != local ]] || domain=${domain:-localhost}
  [[ -n $domain ]] || fail "this is the first run: name your domain with --domain, or write $dir/.env yourself"
  act install -d -m 0755 "$dir"
  if $dry; then say "would write: $dir/.env with DOMAIN=$domain and GATEWAY=${mode:-acme}"; return; fi
  {
    sed -e "s|^DOMAIN=.*|DOMAIN=$domain|" -e "s|^GATEWAY=.*|GATEWAY=${mode:-acme}|" "$here/console.env"
  } >"$dir/.env.part"
  chmod 0600 "$dir/.env.part"
  mv "$dir/.env.part" "$dir/.env"
}

# Each made once, whole, and readable by the account of the parts alone.
write_secrets() {
  local name
  act install -d -m 0711 "$dir/secrets"
  act install -d -m 0700 "$dir/state" "$dir/tokens"
  [[ $mode != acme ]] || act install -d -o "$app_uid" -g "$app_uid" -m 0700 "$dir/letsencrypt"
  act install -d -o "$app_uid" -g "$app_uid" -m 0700 "$dir/backups"
  for name in "${secrets[@]}" "${given_secrets[@]}"; do
    [[ ! -e $dir/secrets/$name ]] || continue
    # A new one could not read what the old one locked.
    [[ ! -f $dir/state/current.yaml || $name != *_encryption_key ]] ||
      fail "$dir/secrets/$name is gone: put it back from a copy. Nothing that it locked can be read with a new one"
    if $dry; then say "would make: $dir/secrets/$name"; continue; fi
    (umask 077; if [[ " ${given_secrets[*]} " == *" $name "* ]] || from_vault "$name"; then :; else head -c 32 /dev/urandom | base64 | tr '+/' '-_'; fi >"$dir/state/secret.part")
    chown "$app_uid:$app_uid" "$dir/state/secret.part"
    chmod 0400 "$dir/state/secret.part"
    mv "$dir/state/secret.part" "$dir/secrets/$name"
  done
}

# What compose needs to know of this host, and nobody should have to look up.
know_host() {
  mode=$(setting GATEWAY "${mode:-acme}")
  [[ $mode != local ]] || domain=${domain:-localhost}
  domain=$(setting DOMAIN "$domain")
  local socket network
  socket=$(setting DOCKER_SOCKET /var/run/docker.sock) network=$(setting CONSOLE_NETWORK learning_ai_common_plat_default)
  export CONSOLE_DIR=$dir CONSOLE_VERSION=${CONSOLE_VERSION:-unbuilt} DOCKER_GID AGENT_GID TRUSTED_PROXY HOST_NAME COMPOSE_PROFILES=gateway DOCKER_HOST="unix://$socket"
  DOCKER_GID=$(stat -c %g "$socket" 2>/dev/null || echo 0)
  AGENT_GID=$(getent group bytelyst | cut -d: -f3 || true)
  AGENT_GID=${AGENT_GID:-$app_uid}
  HOST_NAME=$(setting HOST_NAME "$(uname -n)")
  TRUSTED_PROXY=$(setting TRUSTED_PROXY "$(docker network inspect -f '{{range .IPAM.Config}}{{.Subnet}},{{end}}' "$network" 2>/dev/null || true)")
  TRUSTED_PROXY=${TRUSTED_PROXY%,}
  HERMES_FROM=$(hermes_from)
  CONSOLE_STORE=$(store_kind)
  PUBLIC_HTTPS_PORT=$(public_port) AT_PORT=''
  [[ $PUBLIC_HTTPS_PORT == 443 ]] || AT_PORT=:$PUBLIC_HTTPS_PORT
  export HERMES_FROM CONSOLE_STORE PUBLIC_HTTPS_PORT AT_PORT
}

project() { setting CONSOLE_PROJECT bytelyst-console; }
compose() { docker compose --project-name "$(project)" "$@"; }
# What compose may know beside `.env`: it takes a variable of the shell that runs this for a setting otherwise, and prefers it.
readonly known=(PATH HOME DOCKER_HOST DOCKER_CONFIG TRAEFIK_IMAGE CONSOLE_DIR CONSOLE_VERSION CONSOLE_STORE DOCKER_GID AGENT_GID TRUSTED_PROXY HOST_NAME HERMES_FROM PUBLIC_HTTPS_PORT AT_PORT)
# The files of compose with every setting filled in. @param profiles
fill_in() {
  local name environment=("COMPOSE_PROFILES=$1")
  for name in "${known[@]}"; do [[ -z ${!name+set} ]] || environment+=("$name=${!name}"); done
  env -i "${environment[@]}" docker compose --project-name "$(project)" --env-file "$dir/.env" --file "$here/compose.yaml" --file "$here/compose.$mode.yaml" config
}
# The images of all versions of this console: another one on this host has another project.
images() { docker image ls --filter "reference=$(project)/*" --format '{{.Repository}}:{{.Tag}}' | grep -E ':[0-9]{8}-[0-9]{6}$' || true; }

make_ready() {
  local keys agent network
  keys=$(setting CONSOLE_KEYS_DIR /var/lib/bytelyst-keys) agent=$(setting AGENT_SOCKET_DIR /run/bytelyst-agent)
  network=$(setting CONSOLE_NETWORK learning_ai_common_plat_default)
  if [[ ! -d $keys ]]; then
    make_folder "$keys" -o "$app_uid" -g "$app_uid" -m 0755
  elif [[ $(stat -c %u "$keys") == 0 ]]; then
    # Made by host-agent, which came first: the parts publish their keys there, and in a folder of theirs root's are not believed.
    act chown "$app_uid:$app_uid" "$keys"
    [[ ! -f $keys/host-agent.jwk ]] || act chown "$app_uid:$app_uid" "$keys/host-agent.jwk"
  fi
  # Without host-agent the folder is empty, and the pages that need it say so.
  [[ -d $agent ]] || make_folder "$agent" -m 0750
  docker network inspect "$network" >/dev/null 2>&1 || make_network "$network"
}

# The image of a dashboard that runs now: the next one takes its scripts along, for tabs that are open. An archive for another host has none.
# @param whose the images are, and the part
previous_site() {
  local running image
  running=$(version_of current)
  image=$1/$2:$running
  if [[ -n $running && $2 == *-web && $1 == "$(project)" ]] && docker image inspect "$image" >/dev/null 2>&1; then printf '%s' "$image"; else printf 'no-site'; fi
}

# @param whose the images are
build_images() {
  local name
  for name in "${parts[@]}"; do
    say "building $name"
    act env DOCKER_BUILDKIT=1 docker build --quiet --file "$here/Dockerfile" --target "$name" \
      --build-arg "VERSION=$CONSOLE_VERSION" --build-arg "REVISION=$(git -C "$source_dir" rev-parse HEAD 2>/dev/null || echo unknown)" \
      --build-arg "PREVIOUS_SITE=$(previous_site "$1" "$name")" --tag "$1/$name:$CONSOLE_VERSION" "$source_dir"
  done
}

# The new version as one file with every setting filled in, so that it can be started again when the settings are others.
make_version() {
  local profiles=backups
  export CONSOLE_VERSION
  CONSOLE_VERSION=$(date -u +%Y%m%d-%H%M%S)
  if is_bundle; then load_images; else build_images "$(project)"; fi
  # Without a profile that is not wanted here, so that every file of a version can be started with all that is in it.
  [[ $mode != acme && $mode != certificate ]] || profiles+=,gateway
  $dry || fill_in "$profiles" >"$dir/state/next.yaml"
}

print_addresses() {
  say "version $(version_of current) is well"
  if [[ $mode == local ]]; then
    say "DevOps Dashboard: http://localhost:$(setting DEVOPS_WEB_PORT 3000)"
    say "Platform Admin:   http://localhost:$(setting ADMIN_WEB_PORT 3001)"
  else
    say "DevOps Dashboard: https://devops.$domain$AT_PORT"
    say "Platform Admin:   https://admin.$domain$AT_PORT"
  fi
  say "setup token:      $dir/secrets/setup_token (until there is an admin; good for an hour after a start)"
}

up() {
  $dry || [[ $EUID -eq 0 ]] || fail 'only root can do this: secrets are given to the account of the parts'
  write_settings
  lock
  know_host
  write_secrets
  make_ready
  # Its group is given to devops-backend, which starts before host-agent is installed.
  if $with_agent; then act "$here/systemd/install.sh" accounts; fi
  know_host
  run_checks || fail 'something is missing; nothing was started'
  confirmed "Start the console of $domain from $source_dir"
  bring_up
  if $with_agent; then act "$here/systemd/install.sh" install --keys-dir "$(setting CONSOLE_KEYS_DIR /var/lib/bytelyst-keys)"; fi
}

main() {
  local failed=0
  read_arguments "$@"
  [[ $verb == up || $verb == restore ]] || know_host
  [[ ! $verb =~ ^(stop|rollback|backup|store|timer|uninstall)$ ]] || lock
  case $verb in
    up) up ;;
    check)
      run_checks || failed=1
      check_in_earnest
      return "$failed"
      ;;
    status)
      installed
      say "version: $(version_of current)"
      [[ ! -f $(replacing) ]] || say 'note:    an upgrade is under way, or was interrupted: deploy.sh up makes a new one, deploy.sh rollback goes back'
      compose --file "$dir/state/current.yaml" ps --all
      ;;
    logs) installed; compose --file "$dir/state/current.yaml" logs --follow --tail 100 ${part:+"$part"} ;;
    stop) installed; act compose --file "$dir/state/current.yaml" stop --timeout 15 ;;
    rollback) roll_back ;;
    backup)
      knows_backups || fail "no version that makes backups is installed from $dir"
      if $by_timer; then
        # Whatever becomes of one of them, the others are made.
        back_up nightly || failed=1
        ask_services || failed=1
        ((failed == 0)) || fail 'not every backup was made'
      else
        back_up 'on demand'
      fi
      ;;
    restore) restore ;;
    store) in_other_store ;;
    timer) set_timer ;;
    bundle) bundle ;;
    uninstall) uninstall ;;
  esac
}

# On one line, so that all of this is read before anything is done, whoever changes the file meanwhile.
main "$@"; exit
