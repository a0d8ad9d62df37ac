#!/usr/bin/env bash
# Backups of the console, made and put back in a container of its own; sourced by deploy.sh, which reads the settings.
# shellcheck disable=SC2154 # the variables of deploy.sh

# Whether the version that runs came with backups.
knows_backups() { grep -qE '^  backups:' "$dir/state/current.yaml" 2>/dev/null; }
# @param the file of a version; then what packages/backups/src/main.ts is told
run_backups() { compose --file "$1" --profile backups run --rm --no-deps --no-TTY backups "${@:2}"; }
# Who or what runs this, for the audit logs.
who() { if $by_timer; then printf 'the timer of deploy.sh'; else printf 'deploy.sh, by %s' "${SUDO_USER:-$(id -un)}"; fi; }
back_up() {
  local file=$dir/state/current.yaml newest weeks months nights
  IFS=, read -r newest weeks months nights <<<"$keep"
  # Documents that lie in no volume are brought into one by their own service: what makes the backup has no network, and no key of the store.
  [[ $(store_of "$file") == sqlite ]] || act in_stores "$file" store:export exported.db || return
  # Of nights apart: a version that does not know of them makes its backup all the same.
  act run_backups "$file" make "$(who), $1" "$newest${weeks:+,$weeks,$months}" ${nights:+"$nights"}
}

# Backups that the services keep of themselves, each asked for with an API token that an admin made for nothing else and put into a file here.
ask_services() {
  local asked=0
  ask_service platform-service 4003 /platform/api/backups || asked=1
  ask_service devops-backend 4004 /api/devops/backups || asked=1
  return "$asked"
}
ask_service() {
  local token=$dir/tokens/$1
  if [[ ! -s $token ]]; then say "$1 was not asked for a backup of its own: there is no API token in $token"; return 0; fi
  [[ $(stat -c '%u %a' "$token") =~ ^0\ [0-7]?00$ ]] || { say "$1 was not asked for a backup of its own: $token must be root's, and nobody else may read it"; return 1; }
  if $dry; then say "would ask $1 for a backup of its own"; return 0; fi
  compose --file "$dir/state/current.yaml" exec --no-TTY "$1" bash deploy/image/ask-backup.sh "$2" "$3" <"$token" || { say "$1 made no backup of its own"; return 1; }
  say "$1 makes a backup of its own"
}

# What a restore that was interrupted left, finished or undone before any part sees it. @param the file of a version
end_restore() {
  [[ ! -f $dir/backups/restoring.plan ]] || act run_backups "$1" finish || fail "a restore was interrupted and can be neither finished nor undone; $dir/backups/restoring.plan says where it stood"
  tell_agent
}

# host-agent of this console: its own log stays where it is, whatever is restored. What says so is root's alone, and not a file that host-agent can take away.
readonly agent_unit=/etc/systemd/system/console-host-agent.service agent_data=/var/lib/bytelyst-agent/host-agent
is_our_agent() { grep -qsxF "Environment=KEYS_DIR=$(setting CONSOLE_KEYS_DIR /var/lib/bytelyst-keys)" "$agent_unit"; }
agent_here() { if is_our_agent || [[ ! -f $agent_unit && -d $agent_data ]]; then printf here; else printf none; fi; }
# What host-agent's log is told of a restore, and is recorded before any part of it starts: what it witnessed until then is of the time before.
tell_agent() {
  local row name waited=0
  for row in "$dir"/backups/told/*.json; do
    [[ -f $row && ! -L $row ]] || continue
    name=$(basename "$row")
    if is_our_agent && [[ -d $agent_data ]]; then
      act install -d -m 0700 "$agent_data/told"
      act install -m 0600 "$row" "$agent_data/told/.$name"
      act mv "$agent_data/told/.$name" "$agent_data/told/$name"
      while systemctl is-active --quiet console-host-agent && [[ -f $agent_data/told/$name && $waited -lt 20 ]]; do sleep 1; waited=$((waited + 1)); done
      [[ $waited -lt 20 ]] || say 'host-agent has not recorded the restore yet: it does so once its log takes rows'
    fi
    act rm "$row"
  done
}

restore() {
  local file=$dir/state/current.yaml name
  [[ -f $archive ]] || fail "$archive is no file"
  $dry || [[ $EUID -eq 0 ]] || fail 'only root can do this: secrets are given to the account of the parts'
  write_settings
  lock
  know_host
  write_secrets
  make_ready
  know_host
  [[ -z $(docker ps --quiet --filter "label=com.docker.compose.project=$(project)") ]] || fail 'the console runs. A backup goes into one that is new: see docs/DEPLOYMENT.md, "Backups"'
  confirmed "Restore $archive into the console of $domain"
  if [[ ! -f $file ]]; then file=$dir/state/next.yaml; make_version; fi
  name=$(basename "$archive")
  if [[ $archive -ef $dir/backups/$name ]]; then
    act run_backups "$file" restore "$name" "$(who)" "$(agent_here)" || fail 'nothing was restored'
  else
    # What reads it sees the folder of backups alone.
    act install -o "$app_uid" -g "$app_uid" -m 0600 "$archive" "$dir/backups/restoring"
    act run_backups "$file" restore restoring "$(who)" "$(agent_here)" || { rm -f "$dir/backups/restoring"; fail 'nothing was restored'; }
    act rm "$dir/backups/restoring"
  fi
  tell_agent
  if [[ $(store_of "$file") == cosmos ]]; then
    act in_stores "$file" store:copy --to cosmos || fail 'the backup is in the volumes, and not in Cosmos DB: deploy.sh store copy cosmos puts it there'
  fi
  say 'start it with deploy.sh up'
}
