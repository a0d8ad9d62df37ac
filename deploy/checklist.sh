#!/usr/bin/env bash
# What the guide lists for a console that is used in earnest, a line each: what is seen from this host, and what a person has to see to. None of it keeps
# a console from starting. Sourced by deploy.sh, which reads the settings.
# shellcheck disable=SC2154 # the variables of deploy.sh

to_see() { say "see to   $*"; }

check_in_earnest() {
  check_owners
  check_copies
  if [[ -s $dir/secrets/smtp_url ]]; then good 'mail'; else note "no mail server in $dir/secrets/smtp_url: an admin hands links over"; fi
  to_see "ports other than 22, $(setting GATEWAY_HTTP_PORT 80) and $(setting GATEWAY_HTTPS_PORT 443) are closed at the provider of this host, and browsers believe the certificates"
  to_see 'two people are admins of both dashboards, each with a second factor'
  to_see 'SCRIPT_ROOTS of host-agent holds what may be approved, and nothing else'
}

# Who asks the engine, or changes what root runs, owns the host.
check_owners() {
  local socket=${DOCKER_HOST#unix://} members writable
  # Those of the group by its own line, and by the line of the account.
  members=$({ getent group "$DOCKER_GID" | cut -d: -f4 | tr ',' '\n'; getent passwd | awk -F: -v gid="$DOCKER_GID" '$4 == gid { print $1 }'; } | grep -vx root | sort -u | paste -sd ' ') || true
  if [[ $(stat -Lc %a "$socket" 2>/dev/null) == *[2367] ]]; then
    note "who may ask the engine owns this host, and everybody may: $socket is open to all"
  elif [[ -n $members ]]; then
    note "who may ask the engine owns this host, and these may: $members"
  elif [[ -S $socket ]]; then
    good 'nobody but root may ask the engine'
  fi
  writable=$(find -H "$dir" "$here" -maxdepth 1 \( -path "$dir" -o -path "$here" -o -type f -path "$dir/.env" -o -type f -path "$here/*.sh" -o -type f -path "$here/*.yaml" \) \( ! -uid 0 -o -perm /022 \) -print 2>/dev/null | sort | head -n 5 | paste -sd ' ') || true
  if [[ -z $writable ]]; then good "nobody but root may write $dir and $here"; else note "what root runs and reads others may write: $writable"; fi
}

check_copies() {
  local newest
  newest=$(find "$dir/backups" -maxdepth 1 -name '*.backup' -printf '%TY-%Tm-%Td\n' 2>/dev/null | sort | tail -n 1) || true
  if [[ -n $newest ]]; then good "a backup of $newest"; else note 'there is no backup of the whole console: deploy.sh backup makes one'; fi
  to_see "the encryption keys of $dir/secrets and the newest backup lie in another place, and a restore was tried"
}
