#!/usr/bin/env bash
# variables: GREETING NAME IMAGE
# timeout: 120
# Replaces the container hello-container, or another name, by a fresh one with a health check of its own.
set -euo pipefail

name=${NAME:-hello-container}
greeting=${GREETING:-hello}

echo '::step check::'
command -v docker >/dev/null || { echo 'error: the docker command is not on this host' >&2; exit 2; }
image=${IMAGE:-}
for candidate in debian:bookworm-slim node:24-bookworm-slim busybox:latest; do
  [[ -z $image ]] || break
  if docker image inspect "$candidate" >/dev/null 2>&1; then image=$candidate; fi
done
[[ -n $image ]] || { image=debian:bookworm-slim; docker pull "$image"; }
echo "image $image"

echo '::step replace::'
if docker inspect "$name" >/dev/null 2>&1; then docker rm -f "$name" >/dev/null; echo 'the old one is gone' >&2; fi
docker run -d --name "$name" --restart unless-stopped --label com.bytelyst.example=hello \
  --health-cmd 'test -f /tmp/ready' --health-interval 2s --health-retries 2 --env GREETING="$greeting" "$image" \
  sh -c 'touch /tmp/ready; while true; do echo "$GREETING from $(hostname)"; echo "a line on stderr" >&2; sleep 5; done'

echo '::step wait::'
for _ in $(seq 60); do
  state=$(docker inspect -f '{{.State.Health.Status}}' "$name")
  echo "health: $state"
  [[ $state == healthy ]] && exit 0
  sleep 1
done
echo 'error: the container did not get healthy' >&2
exit 1
