#!/bin/bash
# Runs one npm script of a project's copy where there is nothing else: called by unshare, in namespaces of its own, with nothing of the host
# below the new root but programs to read. All arguments are the agent's: a folder to build in, the copy, node, npm's folder, the account,
# its bound of processes, the name of the script.
set -euo pipefail
root=$1 copy=$2 node=$3 npm=$4 uid=$5 gid=$6 groups=$7 processes=$8 check=$9
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

# Where memory runs out, what is checked goes first, and not what keeps its output and its end.
echo 500 >/proc/self/oom_score_adj

mount -t tmpfs -o mode=755,size=16m,nosuid,nodev tmpfs "$root"
mkdir -p "$root"/{usr,etc,proc,dev/shm,tmp,project,node/bin,npm,var,run}

# Read-only where the kernel lets us say so: in a namespace of an ordinary account it may not, but that account may write none of it.
show() {
  mount --bind "$1" "$2"
  mount -o remount,bind,ro,nosuid "$2" 2>/dev/null || [[ $groups == keep ]]
}
show /usr "$root/usr"
for name in bin sbin lib lib32 lib64; do
  if [[ -L /$name ]]; then
    ln -s "$(readlink "/$name")" "$root/$name"
  elif [[ -d /$name ]]; then
    mkdir "$root/$name"
    show "/$name" "$root/$name"
  fi
done
if [[ -d /etc/alternatives ]]; then
  mkdir "$root/etc/alternatives"
  show /etc/alternatives "$root/etc/alternatives"
fi
[[ ! -f /etc/ld.so.cache ]] || cp /etc/ld.so.cache "$root/etc/ld.so.cache"
printf 'runner:x:%s:%s::/tmp:/bin/sh\n' "$uid" "$gid" >"$root/etc/passwd"
printf 'runner:x:%s:\n' "$gid" >"$root/etc/group"
printf '127.0.0.1 localhost\n' >"$root/etc/hosts"

for name in null zero full random urandom; do
  : >"$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
ln -s /tmp "$root/var/tmp"
mount -t tmpfs -o mode=1777,size=64m,nosuid,nodev tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=1777,size=512m,nosuid,nodev tmpfs "$root/tmp"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$copy" "$root/project"
: >"$root/node/bin/node"
show "$node" "$root/node/bin/node"
show "$npm" "$root/npm"

# An account that is root of this namespace alone owns the new root, and may write no more of it than another.
mount -o remount,bind,ro,nosuid,nodev "$root"

# Tests may talk to themselves: this loopback is not the host's, and leads nowhere else.
if command -v ip >/dev/null; then ip link set lo up 2>/dev/null || true; fi

cd "$root"
pivot_root . .
umount -l .
cd /project
# Kibibytes of one file, and no picture of memory.
ulimit -c 0 -f 1048576 -u "$processes"
exec /usr/bin/setpriv --reuid="$uid" --regid="$gid" --"$groups"-groups --no-new-privs --bounding-set=-all --inh-caps=-all -- \
  /usr/bin/env -i PATH=/node/bin:/usr/local/bin:/usr/bin:/bin HOME=/tmp USER=runner LANG=C.UTF-8 TZ=UTC CI=1 NO_COLOR=1 \
  npm_config_cache=/tmp/.npm npm_config_update_notifier=false npm_config_offline=true \
  /node/bin/node /npm/bin/npm-cli.js run "$check"
