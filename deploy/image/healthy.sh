#!/usr/bin/env bash
# `healthy.sh PORT PATH` or `healthy.sh SOCKET`: status 0 when the part of this container answers.
# The engine asks a second after each answer, so that a new part is well as soon as it answers. Of one that was well already the answer waits nine seconds
# more, at the cost of a process that sleeps: engines before API 1.44 know no other interval for the start.
well=${WELL_MARK:-/tmp/well}

answers() {
  if [[ $1 == /* ]]; then node deploy/image/healthy.ts "$1"; return; fi
  local status
  exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
  printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >&3
  read -r -t 3 -u 3 _ status _ && [[ $status == 200 ]]
}

[[ ! -e $well ]] || read -r -t "${WELL_EVERY_SEC:-9}" <> <(:)
answers "$@" 2>/dev/null || exit 1
: >"$well"
