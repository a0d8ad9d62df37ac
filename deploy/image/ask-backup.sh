#!/usr/bin/env bash
# `ask-backup.sh PORT PATH`, in the container of a service: asks it for a backup of its own. An API token comes by standard input, where no list of processes
# shows it. Status 0 once the backup is begun; otherwise what the service answered.
set -euo pipefail
body='{"why":"nightly, by the timer of the host"}'

IFS= read -r token || true
[[ $token =~ ^[A-Za-z0-9_-]{1,200}$ ]] || { echo 'no API token was given: it is one line of letters, digits, _ and -' >&2; exit 1; }
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
  "$2" "$token" "${#body}" "$body" >&3
read -r -t 60 -u 3 _ status _ || { echo 'the service did not answer within a minute' >&2; exit 1; }
[[ $status != 202 ]] || exit 0
answer=$(cat <&3)
printf 'the service answered %s: %s\n' "$status" "${answer##*$'\r\n\r\n'}" >&2
exit 1
