#!/usr/bin/env bash
# Looks at this machine and says what is well, what needs a look, and what could not be measured.
#
#   vm-health-check.sh          a table for people
#   vm-health-check.sh --json   one JSON document on standard output
#   vm-health-check.sh --log    one line to /var/log/vm-health-check.log, for cron
#
# It changes nothing, needs no network, and takes a few seconds at most. Exit status: 0 nothing fails, 1 something fails,
# 2 it was called in a way it does not know. What it is not allowed to see is told as unknown, never as well.
set -u
export LC_ALL=C LANG=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

readonly LOG=/var/log/vm-health-check.log
readonly LOG_BYTES=1048576
readonly MOST_MOUNTS=20

# Limits. A value over the first is told as a warning, over the second as a failure.
readonly DISK_WARN=85 DISK_FAIL=90
readonly MEMORY_WARN=10 MEMORY_FAIL=5
readonly SWAP_WARN=50 SWAP_FAIL=90
readonly LOAD_WARN=150 LOAD_FAIL=300
readonly LISTS_DAYS=7
readonly CERT_WARN_DAYS=14 CERT_FAIL_DAYS=3

checks=()
count_ok=0 count_warn=0 count_fail=0 count_unknown=0
troubles=()

# Text for a JSON string: control characters become spaces, so that nothing has to be escaped but \ and ".
json_text() {
  local text=${1//[[:cntrl:]]/ }
  text=${text//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

# report ID TITLE STATUS MEASURED WANTED ADVICE
report() {
  local status=$3
  local -n counter="count_$status"
  counter=$((counter + 1))
  checks+=("$1" "$2" "$status" "${4:0:300}" "$5" "${6:0:300}")
  [[ $status == fail || $status == warn ]] && troubles+=("$2: ${4:0:120}")
  return 0
}

# quick SECONDS COMMAND…: what does not answer in time counts as not there.
quick() {
  local seconds=$1
  shift
  timeout --kill-after=1 "$seconds" "$@" 2>/dev/null </dev/null
}

have() { command -v "$1" >/dev/null 2>&1; }

# over VALUE WARN FAIL: the status of a value that should be low.
over() {
  if (($1 > $3)); then echo fail; elif (($1 > $2)); then echo warn; else echo ok; fi
}

# bytes KIB: 1.5 GiB
bytes() {
  local kib=$1
  if ((kib >= 1073741824)); then printf '%d.%d TiB' $((kib / 1073741824)) $((kib % 1073741824 * 10 / 1073741824))
  elif ((kib >= 1048576)); then printf '%d.%d GiB' $((kib / 1048576)) $((kib % 1048576 * 10 / 1048576))
  elif ((kib >= 1024)); then printf '%d MiB' $((kib / 1024))
  else printf '%d KiB' "$kib"; fi
}

# Local file systems on disks, and the one that / lies on, whatever it is: each once.
mounts() {
  local flag=$1
  { quick 5 df -P "$flag" / | tail -n +2
    quick 5 df -P "$flag" -l -x tmpfs -x devtmpfs -x overlay -x squashfs -x efivarfs -x iso9660 -x fuse.snapfuse | tail -n +2
  } | awk '!seen[$NF]++' | head -n "$MOST_MOUNTS"
}

check_disks() {
  local total used free percent mount name status seen=0
  while read -r name total used free percent mount; do
    [[ $total =~ ^[0-9]+$ && $percent =~ ^([0-9]+)%$ ]] || continue
    [[ $mount == /* ]] || continue
    # Files that are mounted one by one, as containers do with their own names, are no file system of this machine.
    [[ -d $mount ]] || continue
    seen=1
    percent=${BASH_REMATCH[1]}
    status=$(over "$percent" "$DISK_WARN" "$DISK_FAIL")
    report "disk:$mount" "Disk $mount" "$status" "$percent % used, $(bytes "$free") free" "at most $DISK_WARN %" \
      "Look what fills it: du -xh --max-depth=1 $mount | sort -h. Plan a cleanup of the VM or of Docker."
  done < <(mounts -k)
  ((seen)) || report disk Disks unknown 'df gave no answer' '' 'Run df by hand: a network file system that hangs holds it up.'
  : "$name" "$used"
}

check_inodes() {
  local total used free percent mount name status
  while read -r name total used free percent mount; do
    # Some file systems have no fixed number of inodes and say 0 or a dash.
    [[ $total =~ ^[1-9][0-9]*$ && $percent =~ ^([0-9]+)%$ && $mount == /* && -d $mount ]] || continue
    percent=${BASH_REMATCH[1]}
    status=$(over "$percent" "$DISK_WARN" "$DISK_FAIL")
    report "inodes:$mount" "Inodes $mount" "$status" "$percent % used, $free free" "at most $DISK_WARN %" \
      "Many small files take them: du --inodes -x --max-depth=2 $mount | sort -n"
  done < <(mounts -i)
  : "$name" "$used"
}

check_memory() {
  local total=0 available=0 swap=0 swap_free=0 key value _
  while read -r key value _; do
    case $key in
      MemTotal:) total=$value ;;
      MemAvailable:) available=$value ;;
      SwapTotal:) swap=$value ;;
      SwapFree:) swap_free=$value ;;
    esac
  done </proc/meminfo
  if ((total == 0)); then
    report memory Memory unknown '/proc/meminfo cannot be read' '' ''
    return
  fi
  local percent=$((available * 100 / total)) status=ok
  if ((percent < MEMORY_FAIL)); then status=fail; elif ((percent < MEMORY_WARN)); then status=warn; fi
  report memory Memory "$status" "$(bytes "$available") of $(bytes "$total") available" "at least $MEMORY_WARN %" \
    'See which programs take most: ps -eo rss,comm --sort=-rss | head'
  if ((swap == 0)); then
    report swap Swap ok 'there is none' '' ''
  else
    local used=$((swap - swap_free))
    status=$(over $((used * 100 / swap)) "$SWAP_WARN" "$SWAP_FAIL")
    report swap Swap "$status" "$(bytes "$used") of $(bytes "$swap") used" "at most $SWAP_WARN %" \
      'Memory is short, or was: see which programs take most.'
  fi
}

check_oom() {
  local kills
  kills=$(awk '$1 == "oom_kill" { print $2 }' /proc/vmstat 2>/dev/null)
  if [[ ! $kills =~ ^[0-9]+$ ]]; then
    report oom 'Out of memory' unknown 'the kernel does not count it' '' ''
  elif ((kills > 0)); then
    report oom 'Out of memory' warn "$kills processes were killed since the start" none \
      'Which ones: journalctl -k -b -g "Out of memory". Give them a limit, or the machine more memory.'
  else
    report oom 'Out of memory' ok 'no process was killed since the start' none ''
  fi
}

check_load() {
  local five cpus hundredths
  read -r _ five _ </proc/loadavg 2>/dev/null || five=''
  cpus=$(nproc 2>/dev/null || echo 1)
  if [[ ! $five =~ ^([0-9]+)\.([0-9][0-9])$ ]]; then
    report load Load unknown '/proc/loadavg cannot be read' '' ''
    return
  fi
  hundredths=$(((10#${BASH_REMATCH[1]} * 100 + 10#${BASH_REMATCH[2]}) / cpus))
  report load Load "$(over "$hundredths" "$LOAD_WARN" "$LOAD_FAIL")" "$five over 5 min on $cpus processors" \
    'at most 1.5 a processor' 'See what runs: top. Waiting for disks counts too.'
}

check_root_writable() {
  local options
  options=$(awk '$2 == "/" { options = $4 } END { print options }' /proc/mounts 2>/dev/null)
  case ,$options, in
    ,,) report root 'File system /' unknown '/proc/mounts does not name it' '' '' ;;
    *,ro,*) report root 'File system /' fail 'mounted read-only' 'mounted to be written' \
      'The kernel does this after errors of the disk: dmesg | grep -i "remount". Save what matters first.' ;;
    *) report root 'File system /' ok 'can be written' 'mounted to be written' '' ;;
  esac
}

check_units() {
  local failed names
  if [[ ! -d /run/systemd/system ]]; then
    report units 'Systemd units' unknown 'systemd does not run here' '' ''
  elif ! failed=$(quick 5 systemctl list-units --failed --plain --no-legend --no-pager); then
    report units 'Systemd units' unknown 'systemctl gave no answer' '' 'Run systemctl list-units --failed by hand.'
  else
    names=$(awk 'NF { print $1 }' <<<"$failed" | head -n 8 | paste -sd ' ' -)
    failed=$(grep -c . <<<"$failed")
    if ((failed == 0)); then
      report units 'Systemd units' ok 'none has failed' 'none failed' ''
    else
      report units 'Systemd units' fail "$failed failed: $names" 'none failed' \
        'What each said: systemctl status NAME. When it is put right: systemctl reset-failed NAME.'
    fi
  fi
}

# The limits that the unit of host-agent came with, as systemd holds it to them now.
check_agent() {
  local unit=console-host-agent.service settings lost=() key value
  [[ -d /run/systemd/system ]] || return 0
  settings=$(quick 5 systemctl show "$unit" --property=LoadState,MemoryMax,TasksMax,NoNewPrivileges,ProtectSystem) || return 0
  [[ $settings == *LoadState=loaded* ]] || return 0
  while IFS='=' read -r key value; do
    case $key=$value in
      MemoryMax=infinity | TasksMax=infinity | NoNewPrivileges=no) lost+=("$key") ;;
      ProtectSystem=strict) ;;
      ProtectSystem=*) lost+=("$key") ;;
    esac
  done <<<"$settings"
  if ((${#lost[@]})); then
    report agent 'Limits of host-agent' warn "taken away: ${lost[*]}" 'as it was installed' \
      "What changed it: systemctl cat $unit. Delete that file, then systemctl daemon-reload and systemctl restart $unit."
  else
    report agent 'Limits of host-agent' ok 'as it was installed' 'as it was installed' ''
  fi
}

check_reboot() {
  local running newest packages
  running=$(uname -r)
  newest=$(find /boot -maxdepth 1 -name 'vmlinuz-*' -printf '%f\n' 2>/dev/null | sed 's/^vmlinuz-//' | sort -V | tail -n 1)
  if [[ -e /run/reboot-required ]]; then
    packages=$(head -n 5 /run/reboot-required.pkgs 2>/dev/null | sort -u | paste -sd ' ' -)
    report reboot Restart warn "wanted by an update${packages:+ of $packages}" 'none waits' 'Restart the machine when it suits: systemctl reboot.'
  elif [[ -z $newest ]]; then
    report reboot Restart unknown 'no kernel lies in /boot' '' ''
  elif [[ -e /boot/vmlinuz-$running && $newest != "$running" ]]; then
    report reboot Restart warn "kernel $running runs, $newest is installed" 'none waits' 'Restart the machine when it suits: systemctl reboot.'
  else
    report reboot Restart ok 'none waits' 'none waits' ''
  fi
}

# Asks apt what an upgrade would do. Nothing is locked, fetched or written: not even apt's own cache.
check_updates() {
  local lists age planned all security
  if ! have apt-get; then
    report updates 'Security updates' unknown 'apt is not used here' '' ''
    return
  fi
  lists=$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -printf '%T@\n' 2>/dev/null | sort -n | tail -n 1)
  if [[ -z $lists ]]; then
    report updates 'Security updates' unknown 'there are no lists of packages' '' 'Fetch them: apt-get update.'
    return
  fi
  age=$((($(date +%s) - ${lists%.*}) / 86400))
  if ! planned=$(quick 8 apt-get -s -q -o Debug::NoLocking=1 -o Dir::Cache::pkgcache='' -o Dir::Cache::srcpkgcache='' upgrade); then
    report updates 'Security updates' unknown 'apt gave no answer' '' 'Run apt-get -s upgrade by hand: it says what is wrong.'
    return
  fi
  all=$(grep -c '^Inst ' <<<"$planned")
  security=$(grep -Eic '^Inst .*(-security|debian-security)' <<<"$planned")
  if ((security > 0)); then
    report updates 'Security updates' warn "$security wait, of $all updates in all" 'none waits' 'Install them: apt-get upgrade.'
  elif ((age > LISTS_DAYS)); then
    report updates 'Security updates' warn "none known, but the lists are $age d old" "lists at most $LISTS_DAYS d old" 'Fetch them: apt-get update.'
  else
    report updates 'Security updates' ok "none waits, of $all updates in all" 'none waits' ''
  fi
}

check_clock() {
  local synced offset
  if have chronyc && offset=$(quick 3 chronyc -n tracking | awk -F: '/^Leap status/ { print $2 }') && [[ -n $offset ]]; then
    if [[ $offset == *Normal* ]]; then
      report clock Clock ok 'kept by chrony' 'kept by a time service' ''
    else
      report clock Clock fail 'chrony has no time server' 'kept by a time service' 'Which servers it knows: chronyc sources.'
    fi
    return
  fi
  if [[ -d /run/systemd/system ]] && have timedatectl && synced=$(quick 5 timedatectl show --property=NTPSynchronized --value) && [[ -n $synced ]]; then
    if [[ $synced == yes ]]; then
      report clock Clock ok 'kept by a time service' 'kept by a time service' ''
    else
      report clock Clock warn 'nobody keeps it right' 'kept by a time service' 'Switch a time service on: timedatectl set-ntp true.'
    fi
    return
  fi
  report clock Clock unknown 'no time service answers' '' 'Install systemd-timesyncd or chrony.'
}

check_docker() {
  local answer
  if [[ ! -S /var/run/docker.sock ]]; then
    if have docker; then
      report docker Docker fail 'the engine has no socket' 'the engine answers' 'Start it: systemctl start docker.'
    fi
    return
  fi
  if have curl; then
    answer=$(quick 4 curl -s -m 3 --unix-socket /var/run/docker.sock http://localhost/_ping)
  elif have docker; then
    answer=$(quick 4 docker -H unix:///var/run/docker.sock version --format OK)
  else
    report docker Docker unknown 'neither curl nor the docker command is there to ask it' '' ''
    return
  fi
  if [[ $answer == OK ]]; then
    report docker Docker ok 'the engine answers' 'the engine answers' ''
  elif [[ ! -w /var/run/docker.sock ]]; then
    report docker Docker unknown 'this account may not ask the engine' '' ''
  else
    report docker Docker fail 'the engine does not answer' 'the engine answers' 'What it says: journalctl -u docker -n 50.'
  fi
}

check_ssh() {
  local settings passwords root
  have sshd || return 0
  if ! settings=$(quick 3 sshd -T) || [[ -z $settings ]]; then
    report ssh SSH unknown 'its settings cannot be read by this account' '' ''
    return
  fi
  passwords=$(awk '$1 == "passwordauthentication" { print $2 }' <<<"$settings")
  root=$(awk '$1 == "permitrootlogin" { print $2 }' <<<"$settings")
  if [[ $passwords == yes ]]; then
    report ssh SSH warn "passwords are taken, root: $root" 'keys only' 'Set PasswordAuthentication no in /etc/ssh/sshd_config, with a key in place first.'
  elif [[ $root == yes ]]; then
    report ssh SSH warn 'keys only, root may sign in' 'no sign-in as root' 'Set PermitRootLogin prohibit-password or no.'
  else
    report ssh SSH ok "keys only, root: $root" 'keys only' ''
  fi
}

check_firewall() {
  local rules status
  if ((EUID != 0)); then
    report firewall Firewall unknown 'only root may see it' '' ''
    return
  fi
  if have ufw && status=$(quick 4 ufw status) && [[ $status == 'Status: active'* ]]; then
    report firewall Firewall ok "ufw is active with $(grep -cE 'ALLOW|DENY|LIMIT|REJECT' <<<"$status") rules" 'incoming is filtered' ''
    return
  fi
  if have nft; then
    rules=$(quick 4 nft list ruleset)
  elif have iptables; then
    rules=$(quick 4 iptables -S INPUT)
  else
    report firewall Firewall unknown 'no program of a firewall is installed' '' ''
    return
  fi
  # What Docker sets up by itself forwards for containers: it guards nothing of the machine.
  if grep -Eq 'hook input.*policy drop|-P INPUT (DROP|REJECT)' <<<"$rules"; then
    report firewall Firewall ok 'incoming is refused unless a rule lets it in' 'incoming is filtered' ''
  else
    report firewall Firewall warn 'nothing on this machine filters what comes in' 'incoming is filtered' \
      'Where the provider filters before the machine this may be wanted. Else: ufw allow OpenSSH, then ufw enable.'
  fi
}

check_certificates() {
  local file name end days status seen=0
  have openssl || return 0
  for file in /etc/letsencrypt/live/*/cert.pem; do
    [[ -r $file ]] || continue
    seen=$((seen + 1))
    ((seen > MOST_MOUNTS)) && break
    name=${file#/etc/letsencrypt/live/}
    name=${name%/cert.pem}
    if ! end=$(quick 3 openssl x509 -enddate -noout -in "$file") || ! end=$(date -d "${end#notAfter=}" +%s 2>/dev/null); then
      report "certificate:$name" "Certificate $name" unknown 'it cannot be read' '' ''
      continue
    fi
    days=$(((end - $(date +%s)) / 86400))
    status=ok
    if ((days < CERT_FAIL_DAYS)); then status=fail; elif ((days < CERT_WARN_DAYS)); then status=warn; fi
    report "certificate:$name" "Certificate $name" "$status" "$days d left" "at least $CERT_WARN_DAYS d" 'Renew it: certbot renew.'
  done
}

system_name() {
  local name=''
  # The file is shell text by its own standard, but its value is only read here, never run.
  name=$(sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null | head -n 1)
  name=${name#\"}
  printf '%s' "${name%\"}"
}

run_all() {
  check_root_writable
  check_disks
  check_inodes
  check_memory
  check_oom
  check_load
  check_units
  check_agent
  check_reboot
  check_updates
  check_clock
  check_docker
  check_firewall
  check_ssh
  check_certificates
}

print_json() {
  local i up
  read -r up _ </proc/uptime 2>/dev/null || up=0
  printf '{"v":1,"host":{"name":%s,"system":%s,"kernel":%s,"uptimeSec":%d,"processors":%d},"checks":[' \
    "$(json_text "$(uname -n)")" "$(json_text "$(system_name)")" "$(json_text "$(uname -r)")" "${up%.*}" "$(nproc 2>/dev/null || echo 1)"
  for ((i = 0; i < ${#checks[@]}; i += 6)); do
    ((i > 0)) && printf ','
    printf '{"id":%s,"title":%s,"status":"%s","measured":%s,"wanted":%s,"advice":%s}' \
      "$(json_text "${checks[i]}")" "$(json_text "${checks[i + 1]}")" "${checks[i + 2]}" \
      "$(json_text "${checks[i + 3]}")" "$(json_text "${checks[i + 4]}")" "$(json_text "${checks[i + 5]}")"
  done
  printf ']}\n'
}

print_table() {
  local i
  for ((i = 0; i < ${#checks[@]}; i += 6)); do
    printf '%-8s %-22s %s\n' "${checks[i + 2]}" "${checks[i + 1]}" "${checks[i + 3]}"
    [[ ${checks[i + 2]} == fail || ${checks[i + 2]} == warn ]] && [[ -n ${checks[i + 5]} ]] && printf '%-8s %-22s → %s\n' '' '' "${checks[i + 5]}"
  done
  summary
}

summary() {
  printf '%d ok, %d warn, %d fail, %d unknown' "$count_ok" "$count_warn" "$count_fail" "$count_unknown"
  ((${#troubles[@]})) && printf ': %s' "$(IFS=';'; printf '%s' "${troubles[*]}")"
  printf '\n'
}

write_log() {
  if [[ -L $LOG ]]; then
    echo "$LOG is a symbolic link: nothing was written" >&2
    exit 2
  fi
  if [[ -f $LOG ]] && (($(stat -c %s "$LOG") > LOG_BYTES)); then mv -f "$LOG" "$LOG.1"; fi
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(summary)" >>"$LOG"
}

case ${1-} in
  '') mode=table ;;
  --json) mode=json ;;
  --log) mode=log ;;
  *) mode='' ;;
esac
if [[ -z $mode || $# -gt 1 ]]; then
  echo 'usage: vm-health-check.sh [--json | --log]' >&2
  exit 2
fi
run_all
case $mode in
  table) print_table ;;
  json) print_json ;;
  log) write_log ;;
esac
((count_fail == 0))
