#!/usr/bin/env bash
# Versions of the console: each is a file of compose with every setting filled in, `current.yaml`, `previous.yaml` or `next.yaml` in `state`, and its images.
# Sourced by deploy.sh, which reads the settings.
# shellcheck disable=SC2154 # the variables of deploy.sh

version_of() { grep -oE -m 1 '/platform-service:[0-9]{8}-[0-9]{6}' "$dir/state/$1.yaml" 2>/dev/null | cut -d: -f2 || true; }

installed() { [[ -f $dir/state/current.yaml ]] || fail "no version is installed from $dir; deploy.sh up makes the first one, and --dir names another place"; }

# Lies there from the moment the first part of a new version starts until all of them are well, or those of the version before again.
replacing() { printf '%s/state/replacing' "$dir"; }

# A version with a gateway of its own, whatever the settings say by now. @param the file of the version
has_gateway() { grep -qE '^    container_name: .*gateway$' "$1"; }

# @param the file of a version, and how long it may take
start_version() { compose --file "$1" up --detach --wait --wait-timeout "$2" --remove-orphans; }

# One part after the other, each well before the next one stops: none is away longer than its own start takes, and where one does not get well the rest was
# not touched. The old container of a part has ended before the new one starts, so that no store is open twice.
replace_version() {
  local name until=$((SECONDS + $2))
  compose --file "$1" up --detach --no-deps keys || return 1
  for name in "${parts[@]}"; do
    compose --file "$1" up --detach --no-deps --wait --wait-timeout "$((until > SECONDS ? until - SECONDS : 1))" "$name" || return 1
  done
  start_version "$1" "$((until > SECONDS ? until - SECONDS : 1))"
}

# A version that ran here before. Its parts were well together, so that none has to wait for another to be so: all are made, then all are started.
start_known_version() {
  compose --file "$1" up --no-start --remove-orphans
  compose --file "$1" start keys
  # shellcheck disable=SC2046 # identifiers, one a word
  docker start $(compose --file "$1" ps --all --quiet "${parts[@]}" $(! has_gateway "$1" || echo gateway)) >/dev/null
  start_version "$1" "$2"
}

start_next() { if [[ -f $1/current.yaml ]]; then replace_version "$1/next.yaml" "$wait_sec"; else start_version "$1/next.yaml" "$wait_sec"; fi; }

# Has each service read the settings as it will when it starts, and migrate a copy of its documents, and each dashboard read its own, while the version before
# goes on. @param the file of the version
try_version() {
  local name read_settings='import("/srv/packages/web-host/src/config.ts").then(({ readConfig }) => readConfig()).catch(({ message }) => { console.error(message); process.exit(1) })'
  in_stores "$1" store:migrate --dry-run | sed '/^There is nothing to migrate\.$/d' || return 1
  for name in devops-web admin-web; do
    once "$1" "$name" node --disable-warning=ExperimentalWarning --eval "$read_settings" || return 1
  done
}

bring_up() {
  local state=$dir/state
  make_version
  if $dry; then say "would start version $CONSOLE_VERSION, wait $wait_sec s, and start the version before again if it is not well"; return; fi
  end_restore "$state/next.yaml"
  try_version "$state/next.yaml" || fail 'it would not start by these settings, or could not migrate; nothing was changed'
  if $with_backup && knows_backups; then
    back_up "before version $CONSOLE_VERSION" || fail 'no backup could be made, and nothing was changed; --no-backup upgrades without one'
  fi
  : >"$(replacing)"
  if start_next "$state"; then
    # At every moment there is a current one.
    if [[ -f $state/current.yaml ]]; then
      cp "$state/current.yaml" "$state/previous.part"
      mv "$state/previous.part" "$state/previous.yaml"
    fi
    mv "$state/next.yaml" "$state/current.yaml"
    rm -f "$(replacing)"
    forget_images
    refresh_timer
    print_addresses
  else
    put_back "$state"
  fi
}

# @param the file of a version that did not get well, and its number
tell_of() {
  say "version $2 did not get well:"
  compose --file "$1" ps --all --format '{{.Service}}: {{.Status}}' || true
  compose --file "$1" logs --tail 5 --no-color || true
}

put_back() {
  local since=$SECONDS
  tell_of "$1/next.yaml" "$CONSOLE_VERSION"
  [[ -f $1/current.yaml ]] || { compose --file "$1/next.yaml" stop; fail 'there is no version before it; all parts were stopped'; }
  start_known_version "$1/current.yaml" "$wait_sec" || fail 'the version before did not get well either; see docs/DEPLOYMENT.md, "When something is wrong"'
  rm -f "$(replacing)"
  fail "the version before was started again and is well, $((SECONDS - since)) s later"
}

# An upgrade that was interrupted goes back to the version that it was to replace, anything else to the one before the one that runs.
roll_back() {
  local state=$dir/state to=previous number
  installed
  [[ ! -f $(replacing) ]] || to=current
  [[ -f $state/$to.yaml ]] || fail 'there is no version before the one that runs'
  number=$(version_of "$to")
  [[ $(store_of "$state/$to.yaml") == "$(store_of "$state/current.yaml")" ]] ||
    fail "the version before keeps its documents in another store, $(store_of "$state/$to.yaml"): copy them back first. See docs/DEPLOYMENT.md, \"Cosmos DB\""
  has_images "$state/$to.yaml" || fail "images of version $number are gone, and nothing was changed"
  [[ $to == previous ]] || say 'an upgrade was interrupted: some parts are of one version, some of the other'
  confirmed "Go back to version $number"
  if $dry; then say "would start version $number, and the one that runs again if it is not well"; return; fi
  end_restore "$state/current.yaml"
  if ! start_known_version "$state/$to.yaml" "$wait_sec"; then
    tell_of "$state/$to.yaml" "$number"
    { [[ $to == previous ]] && start_known_version "$state/current.yaml" "$wait_sec"; } || fail 'no other version is well; see docs/DEPLOYMENT.md, "When something is wrong"'
    fail "version $(version_of current), which ran before, was started again and is well"
  fi
  if [[ $to == previous ]]; then
    cp "$state/current.yaml" "$state/previous.part"
    mv "$state/previous.yaml" "$state/current.yaml"
    mv "$state/previous.part" "$state/previous.yaml"
  fi
  rm -f "$(replacing)"
  print_addresses
}

# Whether it can be started without building or fetching anything. @param the file of a version
has_images() {
  local image
  while read -r image; do docker image inspect "$image" >/dev/null 2>&1 || return 1; done < <(compose --file "$1" config --images)
}

# Images of versions that neither run nor stand by.
forget_images() {
  local image
  while read -r image; do
    grep -qF -- "$image" "$dir"/state/*.yaml || docker image rm "$image" >/dev/null 2>&1 || true
  done < <(images)
}
