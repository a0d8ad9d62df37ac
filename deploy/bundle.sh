#!/usr/bin/env bash
# All that a host without internet needs to run the console, as one archive; sourced by deploy.sh, which reads the settings.
# shellcheck disable=SC2154 # the variables of deploy.sh

# Images carry this name in the archive, so that a console of any project can take them.
readonly bundled=console-bundle

is_bundle() { [[ -f $source_dir/images.tar ]]; }

bundle() {
  local gateway staged
  ! is_bundle || fail 'this is a bundle already: make one from a checkout'
  [[ ! -e $archive ]] || fail "$archive is there already"
  [[ -d $(dirname "$archive") ]] || fail "there is no folder $(dirname "$archive")"
  gateway=${TRAEFIK_IMAGE:-$(setting TRAEFIK_IMAGE traefik:v3.7)}
  CONSOLE_VERSION=$(date -u +%Y%m%d-%H%M%S)
  build_images "$bundled"
  docker image inspect "$gateway" >/dev/null 2>&1 || act docker pull --quiet "$gateway"
  if $dry; then say "would write: $archive with the images, $gateway and deploy/"; return; fi
  staged=$(mktemp -d "$(dirname "$archive")/.bundle-XXXXXX")
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$staged'" EXIT
  mkdir "$staged/console"
  cp -R "$here" "$staged/console/deploy"
  printf '%s\n' "$CONSOLE_VERSION" >"$staged/console/version"
  docker version --format '{{.Server.Arch}}' >"$staged/console/architecture"
  # shellcheck disable=SC2046 # images, one a word
  docker save --output "$staged/console/images.tar" $(bundle_images) "$gateway"
  (cd "$staged/console" && sha256sum images.tar >images.tar.sha256)
  tar --create --gzip --owner=0 --group=0 --directory "$staged" --file "$staged/archive" console
  mv "$staged/archive" "$archive"
  # shellcheck disable=SC2046 # images, one a word
  docker image rm $(bundle_images) >/dev/null
  say "made $archive: $(stat -c %s "$archive") bytes, version $CONSOLE_VERSION"
  # What lies inside it tells of damage alone: whoever changes the archive changes that, too.
  say "SHA-256 $(sha256sum <"$archive" | cut -d' ' -f1): before it is unpacked elsewhere, let sha256sum say the same"
}

# The images of the bundle that this script lies in, under the names that building them would have given.
load_images() {
  local name machine made
  machine=$(docker version --format '{{.Server.Arch}}' 2>/dev/null || true) made=$(cat "$source_dir/architecture" 2>/dev/null || true)
  [[ -z $machine || -z $made || $machine == "$made" ]] || fail "this bundle was made for $made, and the engine here is $machine; nothing was loaded"
  (cd "$source_dir" && sha256sum --check --status images.tar.sha256) || fail 'images.tar is not what was bundled; nothing was loaded'
  say "loading the images of version $(<"$source_dir/version")"
  act docker load --quiet --input "$source_dir/images.tar"
  for name in "${parts[@]}"; do
    act docker tag "$bundled/$name:$(<"$source_dir/version")" "$(project)/$name:$CONSOLE_VERSION"
    act docker image rm "$bundled/$name:$(<"$source_dir/version")" >/dev/null
  done
}

bundle_images() { printf "$bundled/%s:$CONSOLE_VERSION " "${parts[@]}"; }
