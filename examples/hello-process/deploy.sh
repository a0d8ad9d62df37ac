#!/usr/bin/env bash
# variables: RELEASE PORT
# timeout: 60
# Replaces the running hello-process by this release and waits until it answers on 127.0.0.1, port 7401 or another.
set -euo pipefail

state=${XDG_STATE_HOME:-$HOME/.local/state}/hello-process
mkdir -p "$state"
release=${RELEASE:-$(date -u +%Y%m%d-%H%M%S)}
port=${PORT:-7401}
[[ $port =~ ^[1-9][0-9]{0,4}$ ]] || { echo "error: PORT is no port: $port" >&2; exit 2; }
unit=hello-process-$port
pidfile=$state/$port.pid

echo '::step check::'
node=$(command -v node || true)
[[ -n $node ]] || node=$(readlink -f ../../node_modules/.bin/node || true)
# pnpm's own Node lies in the repository; an older one on the PATH does as well.
"$node" --version
[[ -f server.js ]] || { echo "server.js is not in $PWD" >&2; exit 2; }

# What starts services here: root's systemd, this account's own, or nothing but sessions.
manager=()
if [[ -d /run/systemd/system ]]; then
  if [[ $EUID == 0 ]]; then
    manager=(--system)
  else
    export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$EUID}
    if systemctl --user show --property=Version >/dev/null 2>&1; then manager=(--user); fi
  fi
fi
if [[ ${#manager[@]} == 0 ]] && grep -q '/bytelyst-[^/]*\.service' /proc/self/cgroup; then
  echo "error: this run is a systemd unit, and all it starts ends with it. Let $(id -un) have units of its own: loginctl enable-linger $(id -un)" >&2
  exit 2
fi

echo '::step stop::'
if [[ ${#manager[@]} != 0 ]] && systemctl "${manager[@]}" is-active --quiet "$unit.service"; then
  echo "stopping the unit $unit"
  systemctl "${manager[@]}" stop "$unit.service"
elif [[ -f $pidfile ]] && grep -qa server.js "/proc/$(cat "$pidfile")/cmdline" 2>/dev/null; then
  echo "stopping process $(cat "$pidfile")"
  kill "$(cat "$pidfile")"
  for _ in $(seq 50); do kill -0 "$(cat "$pidfile")" 2>/dev/null || break; sleep 0.1; done
else
  echo 'nothing was running' >&2
fi

echo '::step start::'
# The service must outlive this run. On a host with systemd a run is a unit and ends with everything in it, so the service gets one of its own;
# elsewhere a session of its own, without the run's marks, and without its pipes.
if [[ ${#manager[@]} != 0 ]]; then
  rm -f "$pidfile"
  systemd-run "${manager[@]}" --quiet --collect --unit="$unit" --working-directory="$PWD" --setenv=RELEASE="$release" --setenv=PORT="$port" -- "$node" server.js
else
  # shellcheck disable=SC2016 # The inner shell expands these.
  env -u BYTELYST_RUN -u RUN_ID PORT="$port" RELEASE="$release" setsid --fork bash -c 'echo $$ >"$1"; exec "$2" server.js >"$3" 2>&1 </dev/null' _ "$pidfile" "$node" "$state/$port.log"
fi

echo '::step wait::'
for _ in $(seq 150); do
  if exec 9<>/dev/tcp/127.0.0.1/"$port"; then exec 9>&-; echo "release $release answers on 127.0.0.1:$port"; exit 0; fi 2>/dev/null
  sleep 0.1
done
echo "error: nothing answers on 127.0.0.1:$port" >&2
if [[ ${#manager[@]} == 0 ]]; then tail -5 "$state/$port.log" >&2; fi
exit 1
