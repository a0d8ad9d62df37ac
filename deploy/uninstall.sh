#!/usr/bin/env bash
# Takes the console away again, and with --purge all that was made for it, and nothing else; sourced by deploy.sh, which reads the settings.
# shellcheck disable=SC2154 # the variables of deploy.sh

# What deploy.sh made outside its own folder, one line each: a network with its id, or a folder. What was there before stays, whatever happens.
made() { printf '%s/state/made' "$dir"; }
remember() { grep -qxF -- "$1" "$(made)" 2>/dev/null || printf '%s\n' "$1" >>"$(made)"; }
# @param network or folder @returns what was made of it, one a line
remembered() { sed -n "s|^$1 ||p" "$(made)" 2>/dev/null || true; }

make_network() {
  local id
  if $dry; then act docker network create "$1"; return; fi
  id=$(docker network create "$1")
  remember "network $1 $id"
}

# @param the folder; then whose it is, and its mode
make_folder() {
  act install -d "${@:2}" "$1"
  $dry || remember "folder $1"
}

# One that was made anew by somebody else, under the same name, is not ours. @param its name and its id
is_network_of_ours() { [[ -n $2 && $(docker network inspect -f '{{.Id}}' "$1" 2>/dev/null) == "$2" ]]; }

uninstall() {
  local file=$dir/state/current.yaml keys store more=() image
  keys=$(setting CONSOLE_KEYS_DIR /var/lib/bytelyst-keys) store=$(store_kind)
  # A first version that did not get well is there, too.
  [[ -f $file ]] || file=$dir/state/next.yaml
  [[ -f $file ]] || { $purge && [[ -f $dir/.env ]]; } || fail "nothing is installed from $dir"
  if $purge; then
    more=(--volumes)
    tell_losses "$keys"
    confirmed "Remove the console of ${domain:-$dir} and ALL of this"
  else
    confirmed 'Remove the console; what it kept stays'
  fi
  remove_timer
  [[ ! -f $file ]] || act compose --file "$file" down --remove-orphans --timeout 15 "${more[@]}"
  while read -r image; do [[ -z $image ]] || act docker image rm "$image"; done < <(images)
  ! $purge || remove_rest "$keys"
  [[ ! -d $dir/backups ]] || say "backups stay in $dir/backups, and can be read with the keys that were copied elsewhere alone"
  [[ $store != cosmos ]] || say 'documents in Cosmos DB stay there: remove the database by the means of Azure'
  say 'host-agent, if it is installed, is taken away by deploy/systemd/install.sh uninstall'
}

# @param the folder of public keys
tell_losses() {
  local name
  say 'This will be lost, and cannot be had back without a backup and its keys:'
  say "  all containers, images and volumes of $(project): people, services, history, audit logs"
  for name in .env secrets tokens tls letsencrypt state; do [[ ! -e $dir/$name ]] || say "  $dir/$name"; done
  say "  the public keys of the parts in $1"
  while read -r name; do [[ -z $name ]] || say "  the network ${name% *}, unless others are on it"; done < <(remembered network)
}

# @param the folder of public keys
remove_rest() {
  local name id part folders
  for part in platform-service devops-backend docker-proxy; do act rm -f "$1/$part.jwk" "$1/$part.jwks"; done
  while read -r name id; do
    if is_network_of_ours "$name" "$id"; then act docker network rm "$name" || say "the network $name stays: others are on it"; fi
  done < <(remembered network)
  name=$(setting CONSOLE_NETWORK learning_ai_common_plat_default)
  if [[ -z $(remembered network) ]] && docker network inspect "$name" >/dev/null 2>&1; then
    say "the network $name stays: it was there before, or a version made it that wrote nothing down. If nobody else needs it: docker network rm $name"
  fi
  folders=$(remembered folder)
  act rm -rf "$dir/.env" "$dir/secrets" "$dir/tokens" "$dir/tls" "$dir/letsencrypt" "$dir/state"
  # The key or the socket of host-agent may be in them, and backups in the last one.
  while read -r name; do [[ ! -d $name ]] || act rmdir --ignore-fail-on-non-empty "$name"; done < <(printf '%s\n' "$folders" "$dir")
}
