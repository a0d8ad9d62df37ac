#!/usr/bin/env bash
# The timer of systemd by which this host makes backups; sourced by deploy.sh, which reads the settings.
# shellcheck disable=SC2154 # the variables of deploy.sh

readonly units=/etc/systemd/system
timer_unit() { printf '%s-backup.%s' "$(project)" "$1"; }
has_timer() { [[ -f $units/$(timer_unit timer) ]]; }

set_timer() {
  [[ -d /run/systemd/system ]] || fail 'this host does not run systemd; let its own clock call deploy.sh backup --by-timer'
  $dry || [[ $EUID -eq 0 ]] || fail 'only root can do this: the timer runs as root'
  case $part in
    off) remove_timer ;;
    *)
      knows_backups || fail "no version that makes backups is installed from $dir"
      write_unit service
      write_unit timer
      act systemctl daemon-reload
      act systemctl enable --quiet "$(timer_unit timer)"
      # One that runs goes by the new time as well.
      act systemctl restart "$(timer_unit timer)"
      say "a backup each night at $at, $(kept_words) stay; systemctl list-timers $(timer_unit timer) says when the next one is due"
      ;;
  esac
}

kept_words() {
  local newest weeks months nights
  IFS=, read -r newest weeks months nights <<<"$keep"
  printf 'the %s newest' "$newest"
  [[ -z $weeks ]] || printf ', and the first of each of %s%s weeks and %s months' "${nights:+$nights nights, }" "$weeks" "$months"
}

# @param service or timer
write_unit() {
  local file
  file=$units/$(timer_unit "$1")
  if $dry; then say "would write: $file"; return; fi
  sed -e "s|@SCRIPT@|$here/deploy.sh|g" -e "s|@DIR@|$dir|g" -e "s|@KEEP@|$keep|g" -e "s|@AT@|$at|g" "$here/systemd/console-backup.$1" >"$file.part"
  chmod 0644 "$file.part"
  mv "$file.part" "$file"
}

remove_timer() {
  has_timer || return 0
  act systemctl disable --quiet --now "$(timer_unit timer)"
  act rm "$units/$(timer_unit timer)" "$units/$(timer_unit service)"
  act systemctl daemon-reload
}

# A timer that was set goes on with the script of the checkout that runs now.
refresh_timer() {
  has_timer || return 0
  act sed -i "s|^ExecStart=[^ ]*|ExecStart=$here/deploy.sh|" "$units/$(timer_unit service)"
  act systemctl daemon-reload
}
