#!/usr/bin/env bash
# run-logged.sh: runs a command of a crontab and keeps a record of it, so that the console can tell how it ended.
#
#   15 3 * * *  /opt/bytelyst-agent/current/app/vm/lib/run-logged.sh NAME COMMAND [ARGUMENT ...]
#
# NAME is what the job is called: letters, digits, dot, dash, underscore. A line with pipes goes through a shell: NAME bash -c '… | …'.
# Two small files below ~/.local/state/bytelyst-runs of the account say when NAME was last started, and when and how it last ended; each
# is replaced whole. Output, input and exit status are the command's own. A record that cannot be written is said on standard error,
# which cron mails, and does not stop the command. `run-logged.sh --help` prints this.
set -u

usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }
complain() { printf 'run-logged.sh: %s\n' "$*" >&2; }

[[ ${1-} != --help && ${1-} != -h ]] || { usage; exit 0; }
(($# >= 2)) || { usage >&2; exit 64; }
name=$1
shift
[[ $name =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$ ]] || { complain "${name@Q} is no name of a job"; exit 64; }

# The account's own home, whatever the crontab sets HOME to: there the records are looked for.
home=$(getent passwd "$(id -u)" | cut -d: -f6)
folder=${home:-/nonexistent}/.local/state/bytelyst-runs
now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }

# Whole or not at all, and on the disk: a crash leaves the record before or the new one.
# @param which of the two files; its text comes on standard input
keep() {
  local part=$folder/.$name.$1.$$.part
  (umask 077 && mkdir -p "$folder" && cat >"$part" && sync "$part" && mv -fT "$part" "$folder/$name.$1.json" && sync "$folder") 2>/dev/null && return
  rm -f "$part" 2>/dev/null
  complain "the record of $name could not be written below $folder"
}

# What earlier runs left that were ended in the middle of a write.
clean() {
  local part pid
  for part in "$folder/.$name".*.part; do
    pid=${part%.part}
    [[ -d /proc/${pid##*.} ]] || rm -f "$part" 2>/dev/null
  done
}

started=$(now)
# Which process of which boot this is: a number alone is given out again.
born=$(cut -d ' ' -f 22 <<<"$(sed 's/^.*) //;s/^/x x /' "/proc/$$/stat")")
boot=$(</proc/sys/kernel/random/boot_id)
clean
keep started <<<"{\"v\":1,\"name\":\"$name\",\"startedAt\":\"$started\",\"pid\":$$,\"born\":\"$boot:$born\"}"

# Cron ends the group, or systemd this process alone: the command gets what this one gets.
child=''
for signal in TERM INT HUP; do
  # shellcheck disable=SC2064 # the signal's name is meant as it is now
  trap "[[ -z \$child ]] || kill -s $signal \"\$child\" 2>/dev/null" "$signal"
done
"$@" <&0 &
child=$!
while :; do
  wait "$child"
  status=$?
  # A signal ends the waiting, not the command.
  kill -0 "$child" 2>/dev/null || break
done
keep ended <<<"{\"v\":1,\"name\":\"$name\",\"startedAt\":\"$started\",\"endedAt\":\"$(now)\",\"exitCode\":$status}"
exit "$status"
