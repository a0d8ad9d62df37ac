#!/usr/bin/env bash
# Looks at the containers of this machine and writes down which are unhealthy, restart again and again, or are dead.
#
#   docker-watchdog.sh            one look, written to /var/log/docker-watchdog.log: for cron, once a minute
#   docker-watchdog.sh --print    one look, printed and not written
#   docker-watchdog.sh --restart  one look, written; restarts what asked for it (see below)
#
# It reports and leaves everything alone, unless it is called with --restart. Then it restarts a container only if all of this holds:
# it carries the label com.bytelyst.watchdog=restart, it does not carry com.bytelyst.protect=true, it has been unhealthy for three
# minutes, and it was restarted by this script less than three times in the last hour. It never removes, stops or changes anything.
# Exit status: 0 all is well or was left alone, 1 the engine does not answer, 2 it was called in a way it does not know.
set -u
export LC_ALL=C LANG=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Where it looks and writes can be set, so that it can be tried out.
readonly DOCKER=${WATCHDOG_DOCKER:-docker}
readonly SOCKET=${WATCHDOG_SOCKET:-/var/run/docker.sock}
readonly LOG=${WATCHDOG_LOG:-/var/log/docker-watchdog.log}
readonly STATE=${WATCHDOG_STATE:-/run/docker-watchdog}
readonly LOG_BYTES=1048576
readonly UNHEALTHY_SEC=180
readonly HOUR_SEC=3600
readonly MOST_RESTARTS=3

mode='write'
case ${1-} in
  '') ;;
  --print) mode=print ;;
  --restart) mode=restart ;;
  *) mode='' ;;
esac
if [[ -z $mode || $# -gt 1 ]]; then
  echo 'usage: docker-watchdog.sh [--print | --restart]' >&2
  exit 2
fi

# say LEVEL TEXT: names of containers are letters, digits, _ . and -, so nothing has to be escaped.
say() {
  local line
  line="$(date -u +%Y-%m-%dT%H:%M:%SZ) $1 $2"
  if [[ $mode == print ]]; then
    printf '%s\n' "$line"
    return
  fi
  if [[ -L $LOG ]]; then
    echo "$LOG is a symbolic link: nothing is written" >&2
    exit 2
  fi
  if [[ -f $LOG ]] && (($(stat -c %s "$LOG") > LOG_BYTES)); then mv -f "$LOG" "$LOG.1"; fi
  printf '%s\n' "$line" >>"$LOG"
}

engine() { timeout --kill-after=2 20 "$DOCKER" -H "unix://$SOCKET" "$@" 2>/dev/null </dev/null; }

# since ID NOW: when this container was first seen unhealthy; remembered until it is well again.
since() {
  local file=$STATE/unhealthy-$1 first=''
  [[ -f $file ]] && read -r first <"$file"
  if [[ ! $first =~ ^[0-9]+$ ]]; then
    first=$2
    printf '%s\n' "$first" >"$file"
  fi
  printf '%s' "$first"
}

# restarts ID NOW: how often this script restarted it in the last hour.
restarts() {
  local file=$STATE/restarts-$1 at count=0
  [[ -f $file ]] || { printf 0; return; }
  while read -r at; do
    [[ $at =~ ^[0-9]+$ ]] && ((at > $2 - HOUR_SEC)) && count=$((count + 1))
  done <"$file"
  printf '%s' "$count"
}

# forget IDS: what is well again, or gone, is remembered no longer.
forget() {
  local file id
  for file in "$STATE"/unhealthy-*; do
    [[ -f $file ]] || continue
    id=${file##*-}
    [[ " $1 " == *" $id "* ]] || rm -f -- "$file"
  done
  find "$STATE" -maxdepth 1 -type f -name 'restarts-*' -mmin +60 -delete
}

actions=0

# unhealthy ID NAME LABELS NOW
unhealthy() {
  local id=$1 name=$2 labels=,$3, now=$4 first for_sec
  first=$(since "$id" "$now")
  for_sec=$((now - first))
  if [[ $mode != restart ]]; then
    say warn "$name unhealthy for $for_sec s"
  elif [[ $labels != *,com.bytelyst.watchdog=restart,* || $labels == *,com.bytelyst.protect=true,* ]]; then
    say warn "$name unhealthy for $for_sec s, left alone: it does not ask to be restarted"
  elif ((for_sec < UNHEALTHY_SEC)); then
    say warn "$name unhealthy for $for_sec s, left alone until $UNHEALTHY_SEC s"
  elif (($(restarts "$id" "$now") >= MOST_RESTARTS)); then
    say fail "$name unhealthy for $for_sec s, left alone: restarted $MOST_RESTARTS times within the hour"
  elif engine restart --time 15 "$id" >/dev/null; then
    actions=$((actions + 1))
    printf '%s\n' "$now" >>"$STATE/restarts-$id"
    rm -f -- "$STATE/unhealthy-$id"
    say acted "$name restarted, unhealthy for $for_sec s"
  else
    say fail "$name unhealthy for $for_sec s, and could not be restarted"
  fi
}

if ! command -v "$DOCKER" >/dev/null; then
  say fail 'the docker command is not installed'
  exit 1
fi
# One folder for one account: nobody else may put marks there.
[[ -e $STATE ]] || mkdir -m 0700 "$STATE"
if [[ ! -d $STATE || -L $STATE || ! -O $STATE ]]; then
  echo "$STATE cannot be used" >&2
  exit 2
fi
exec 9>"$STATE/lock"
flock -n 9 || exit 0

if ! listed=$(engine ps --all --no-trunc --format '{{.ID}}|{{.Names}}|{{.State}}|{{.Status}}|{{.Labels}}'); then
  say fail 'the engine does not answer'
  exit 1
fi
now=$(date +%s)
count=0
look=0
seen=''
while IFS='|' read -r id name state status labels; do
  [[ $id =~ ^[0-9a-f]{64}$ && $name =~ ^[a-zA-Z0-9][a-zA-Z0-9_.-]*$ ]] || continue
  count=$((count + 1))
  if [[ $state == running && $status == *'(unhealthy)'* ]]; then
    look=$((look + 1))
    seen+=" $id"
    unhealthy "$id" "$name" "$labels" "$now"
  elif [[ $state == restarting ]]; then
    look=$((look + 1))
    say warn "$name restarts again and again"
  elif [[ $state == dead ]]; then
    look=$((look + 1))
    say warn "$name is dead"
  fi
done <<<"$listed"
forget "$seen"
((look == 0)) && say ok "$count containers, nothing to report"
((look > 0)) && say ok "$count containers, $look to look at, $actions restarted"
exit 0
