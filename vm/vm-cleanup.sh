#!/usr/bin/env bash
# Frees space on this machine: downloaded packages, archived journals over 500 MiB, rotated logs, old temporary files, old crash reports.
#
#   vm-cleanup.sh --plan [--json]   lists what would go and what stays; removes nothing
#   vm-cleanup.sh --run FILE        removes what FILE names, and of that only what a fresh look would name again, unchanged
#   vm-cleanup.sh --apply           plans and removes at once: for cron
#
# Without an argument it removes nothing and says how it is used. --root DIR looks below DIR instead of /.
# It knows the folders below and no others. It never touches objects of Docker, packages, kernels, settings, home folders or databases,
# never follows a link, and leaves what any process has open. Old kernels are counted and left to apt.
# Exit status: 0 it went as it should, 1 some of it could not be removed, 2 it was called in a way it does not know.
set -u
export LC_ALL=C LANG=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

readonly LOG_DAYS=30 CRASH_DAYS=14 TMP_DAYS=10 VAR_TMP_DAYS=30
readonly MOST_ITEMS=2000
readonly LOG_BYTES=1048576
# Made by systemd, X, terminals and agents for as long as the machine runs: their age says nothing.
readonly SPECIAL='^(systemd-private-.*|snap-private-tmp|snap\..*|\.X[0-9].*|\.(X11|ICE|font|XIM|Test)-unix|tmux-.*|ssh-.*|lost\+found|\..*\.lock)$'

usage() {
  echo 'usage: vm-cleanup.sh --plan [--json] [--root DIR] | --run FILE [--root DIR] | --apply [--root DIR]' >&2
  exit 2
}

mode='' plan_file='' json=0 root=/ now=$(date +%s) journal_kib=512000
started=$(date +%s.%N)
readonly started
while (($# > 0)); do
  case $1 in
    --plan | --apply) [[ -z $mode ]] || usage; mode=${1#--} ;;
    --run)
      [[ -z $mode && -n ${2-} ]] || usage
      mode=run plan_file=$2
      shift
      ;;
    --json) json=1 ;;
    --root)
      [[ ${2-} == /* ]] || usage
      root=$2
      shift
      ;;
    # What was written yesterday is old a year from now, and a small journal is over a small limit: so that both can be tried out.
    --now | --journal-kib)
      [[ ${2-} =~ ^[0-9]{1,12}$ ]] || usage
      if [[ $1 == --now ]]; then now=$2; else journal_kib=$2; fi
      shift
      ;;
    *) usage ;;
  esac
  shift
done
[[ -n $mode ]] || usage
ROOT=$(cd -P -- "$root" 2>/dev/null && pwd -P) || usage
[[ $ROOT == / ]] && ROOT=''
readonly ROOT LOG=$ROOT/var/log/vm-cleanup.log

items=()                # kind, path, bytes, changed, identity; five for each
declare -A identity_of  # path → identity, of what may go
declare -A why_kept     # path → why it stays
declare -A kept_count kept_bytes
left=0

# keep KIND WHY BYTES [PATH]
keep() {
  kept_count["$1 $2"]=$((${kept_count["$1 $2"]-0} + 1))
  kept_bytes["$1 $2"]=$((${kept_bytes["$1 $2"]-0} + $3))
  [[ -n ${4-} ]] && why_kept[$4]=$2
  return 0
}

# offer KIND PATH BYTES CHANGED IDENTITY: it may go.
offer() {
  identity_of[$2]="$1 $5"
  if ((${#items[@]} >= MOST_ITEMS * 5)); then
    left=$((left + 1))
    return
  fi
  items+=("$1" "$2" "$3" "$4" "$5")
}

# Names that need no care anywhere they are written down: everything else stays.
nameable() { [[ $1 =~ ^[\ -~]+$ ]]; }

declare -A open_paths
# What processes have open, run from, or stand in, as far as this account may see. Below /tmp and /var/tmp the first name counts.
look_for_open() {
  local path below
  while IFS= read -r path; do
    path=${path% (deleted)}
    open_paths[$path]=1
    for below in "$ROOT/tmp/" "$ROOT/var/tmp/"; do
      if [[ $path == "$below"?* ]]; then
        path=${path#"$below"}
        open_paths[$below${path%%/*}]=1
        break
      fi
    done
  done < <(
    find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd -maxdepth 1 -type l \
      \( -lname "$ROOT/tmp/*" -o -lname "$ROOT/var/*" \) -printf '%l\n' 2>/dev/null
    cat /proc/[0-9]*/maps 2>/dev/null | awk -v a="$ROOT/tmp/" -v b="$ROOT/var/" \
      'NF >= 6 { at = index($0, "/"); path = substr($0, at); if (index(path, a) == 1 || index(path, b) == 1) print path }' | sort -u
  )
}

is_open() { [[ -n ${open_paths[$ROOT$1]-} ]]; }

# A file as it is told: identity, allocated bytes, when it was changed, its links, its name.
readonly FILE_FORMAT='%D:%i:%s:%T@\t%b\t%T@\t%n\t%p\0'

# files KIND OLDER_THAN_SEC FIND-ARGUMENTS…: offers ordinary files that have not been written for so long.
files() {
  local kind=$1 age=$2 identity blocks changed links path bytes
  shift 2
  while IFS=$'\t' read -r -d '' identity blocks changed links path; do
    path=${path#"$ROOT"} bytes=$((blocks * 512)) changed=${changed%.*}
    if ! nameable "$path"; then keep "$kind" unnameable "$bytes"
    elif ((links > 1)); then keep "$kind" linked "$bytes" "$path"
    elif ((now - changed < age)); then keep "$kind" recent "$bytes" "$path"
    elif is_open "$path"; then keep "$kind" in-use "$bytes" "$path"
    else offer "$kind" "$path" "$bytes" "$changed" "$identity"; fi
  done < <(find "$@" -type f -printf "$FILE_FORMAT" 2>/dev/null | sort -z)
}

# Somebody holds a lock of apt or dpkg: what they downloaded may be what they are about to install.
apt_is_busy() {
  local file inode
  for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/cache/apt/archives/lock; do
    inode=$(stat -c %i -- "$ROOT$file" 2>/dev/null) || continue
    awk -v inode=":$inode" 'substr($6, length($6) - length(inode) + 1) == inode { found = 1 } END { exit !found }' /proc/locks 2>/dev/null && return 0
  done
  return 1
}

plan_packages() {
  local age=0
  apt_is_busy && age=$((now + 1))
  files packages "$age" "$ROOT/var/cache/apt/archives" "$ROOT/var/cache/apt/archives/partial" -maxdepth 1 -name '*.deb'
}

# Only journals that are archived, the oldest first, until what is left fits. journald writes into the others.
plan_journals() {
  local folder=$ROOT/var/log/journal identity blocks changed links path total kib
  [[ -d $folder ]] || return 0
  total=$(find "$folder" -mindepth 2 -maxdepth 2 -type f -name '*.journal*' -printf '%k\n' 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }')
  while IFS=$'\t' read -r -d '' changed identity blocks links path; do
    path=${path#"$ROOT"} kib=$((blocks / 2))
    if ! nameable "$path"; then keep journals unnameable $((blocks * 512))
    elif ((total <= journal_kib)); then keep journals limit $((blocks * 512)) "$path"
    elif ((links > 1)); then keep journals linked $((blocks * 512)) "$path"
    else
      # A reader that has it open, as a browser of logs does, does not need its name.
      offer journals "$path" $((blocks * 512)) "${changed%.*}" "$identity"
      total=$((total - kib))
    fi
  done < <(find "$folder" -mindepth 2 -maxdepth 2 -type f -name '*@*.journal' -printf '%T@\t%D:%i:%s:%T@\t%b\t%n\t%p\0' 2>/dev/null | sort -zn)
}

# Two levels, and of these what a rotation leaves. Who signed in, and what the kernel's audit wrote, stays.
plan_logs() {
  files logs $((LOG_DAYS * 86400)) "$ROOT/var/log" -maxdepth 2 \( -path "$ROOT/var/log/journal" -o -path "$ROOT/var/log/audit" -o -path "$ROOT/var/log/pods" \) -prune -o \
    \( -name '*.gz' -o -name '*.xz' -o -name '*.bz2' -o -name '*.zst' -o -name '*.[0-9]' -o -name '*.[0-9][0-9]' -o -name '*.old' \) \
    ! -name 'wtmp*' ! -name 'btmp*'
}

plan_crashes() {
  files crashes $((CRASH_DAYS * 86400)) "$ROOT/var/crash" "$ROOT/var/lib/systemd/coredump" -maxdepth 1
}

# Everything below a folder, summed by the first name, in one walk: name, kind of the name itself, bytes, its newest moment, whether
# something inside is odd, when it was changed, identity. A name may hold what it likes: ends of lines in it become another character.
sum_by_name() {
  find "$1" -mindepth 1 -xdev -printf '%y\t%D\t%b\t%n\t%T@\t%A@\t%C@\t%i\t%s\t%P\0' 2>/dev/null | tr '\n\0' '\001\n' | awk -F'\t' -v device="$2" '
    { top = $10; inner = sub(/\/.*/, "", top)
      if (!inner) { kind[top] = $1; id[top] = $2 ":" $8 ":" $9 ":" $5 }
      bytes[top] += $3 * 512; count[top]++
      if ($5 > stamp[top]) stamp[top] = $5
      # A second name, what is neither file, folder nor link, what lies on another disk, and a tab in a name.
      if (($1 != "d" && $4 > 1) || $1 !~ /^[fdl]$/ || $2 != device || NF > 10) odd[top] = 1
      if ($5 > young[top]) young[top] = $5
      if ($7 > young[top]) young[top] = $7
      # Looking at a folder reads it, so only of files the last reading says something.
      if ($1 == "f" && $6 > young[top]) young[top] = $6 }
    END { for (top in kind) printf "%s\t%s\t%d\t%d\t%d\t%d\t%s:%d:%.6f\n", top, kind[top], bytes[top], young[top], odd[top], stamp[top], id[top], count[top], stamp[top] }' | sort
}

# temporary FOLDER DAYS: names directly below it, each whole, of which nothing was written, read or changed for so long.
temporary() {
  local folder=$1 oldest=$((now - $2 * 86400)) path name device kind bytes young odd changed identity
  [[ -d $ROOT$folder && ! -L $ROOT$folder ]] || return 0
  device=$(stat -c %d -- "$ROOT$folder" 2>/dev/null) || return 0
  while IFS=$'\t' read -r name kind bytes young odd changed identity; do
    path=$folder/$name
    if ! nameable "$name"; then keep temporary unnameable "$bytes"
    elif [[ $kind != [fd] ]] || ((odd)) || [[ $name =~ $SPECIAL ]]; then keep temporary special "$bytes" "$path"
    elif ((young > oldest)); then keep temporary recent "$bytes" "$path"
    elif is_open "$path"; then keep temporary in-use "$bytes" "$path"
    else offer temporary "$path" "$bytes" "$changed" "$identity"; fi
  done < <(sum_by_name "$ROOT$folder" "$device")
}

# Kernels beside the one that runs and the newest one. Their files are apt's own.
count_kernels() {
  local version running newest bytes
  running=$(uname -r)
  newest=$(find "$ROOT/boot" -maxdepth 1 -name 'vmlinuz-*' -printf '%f\n' 2>/dev/null | sed 's/^vmlinuz-//' | sort -V | tail -n 1)
  while IFS= read -r version; do
    [[ $version == "$running" || $version == "$newest" ]] && continue
    bytes=$(find "$ROOT/boot" -maxdepth 1 -type f -name "*-$version" -printf '%b\n' 2>/dev/null | awk '{ sum += $1 * 512 } END { print sum + 0 }')
    keep kernels by-apt "$bytes"
  done < <(find "$ROOT/boot" -maxdepth 1 -name 'vmlinuz-*' -printf '%f\n' 2>/dev/null | sed 's/^vmlinuz-//')
}

collect() {
  look_for_open
  plan_packages
  plan_journals
  plan_logs
  temporary /tmp "$TMP_DAYS"
  temporary /var/tmp "$VAR_TMP_DAYS"
  plan_crashes
  count_kernels
}

# Every text here is of printable ASCII: \ and " are all that JSON minds.
json_text() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

print_json() {
  local i key comma=''
  printf '{"v":1,"items":['
  for ((i = 0; i < ${#items[@]}; i += 5)); do
    ((i > 0)) && printf ','
    printf '{"kind":"%s","path":%s,"sizeBytes":%d,"changedSec":%d,"identity":"%s"}' \
      "${items[i]}" "$(json_text "${items[i + 1]}")" "${items[i + 2]}" "${items[i + 3]}" "${items[i + 4]}"
  done
  printf '],"kept":['
  while IFS= read -r key; do
    [[ -n $key ]] || continue
    printf '%s{"kind":"%s","why":"%s","count":%d,"sizeBytes":%d}' "$comma" "${key% *}" "${key#* }" "${kept_count[$key]}" "${kept_bytes[$key]}"
    comma=','
  done < <(printf '%s\n' "${!kept_count[@]}" | sort)
  printf '],"left":%d}\n' "$left"
}

print_plan() {
  local i key total=0
  for ((i = 0; i < ${#items[@]}; i += 5)); do
    printf '%12d  %-10s %s\n' "${items[i + 2]}" "${items[i]}" "${items[i + 1]}"
    total=$((total + items[i + 2]))
  done
  printf '%d would go, %d bytes. Nothing was removed.\n' $((${#items[@]} / 5)) "$total"
  while IFS= read -r key; do
    [[ -n $key ]] && printf 'kept: %s, %d (%d bytes)\n' "$key" "${kept_count[$key]}" "${kept_bytes[$key]}"
  done < <(printf '%s\n' "${!kept_count[@]}" | sort)
}

removed=0 freed=0 failed=0 planned=0

# result INDEX WORD BYTES WHY
result() {
  printf 'item %d %s %d %s\n' "$@"
  case $2 in
    removed) removed=$((removed + 1)) freed=$((freed + $3)) ;;
    failed) failed=$((failed + 1)) ;;
  esac
}

# take_away PATH IDENTITY KIND: from inside its folder, so that nobody can put another folder there between the look and the deed.
take_away() (
  local folder=$ROOT${1%/*} name=${1##*/} seen
  cd -P -- "$folder" 2>/dev/null && [[ $(pwd -P) == "$folder" ]] || exit 3
  if [[ $3 == temporary ]]; then
    # What was written into it since this look began makes it another one. rm itself walks by descriptors, follows no link, and does not
    # leave the file system.
    [[ ! -L ./$name ]] || exit 3
    [[ -z $(find "./$name" -xdev \( -newermt "@$started" -o -newerct "@$started" \) -print -quit 2>/dev/null) ]] || exit 3
    rm -r -f --one-file-system -- "./$name" 2>/dev/null
  else
    seen=$(find "./$name" -maxdepth 0 -type f -printf '%D:%i:%s:%T@' 2>/dev/null)
    [[ $seen == "$2" ]] || exit 3
    rm -f -- "./$name" 2>/dev/null
  fi
  [[ ! -e ./$name && ! -L ./$name ]] || exit 4
)

# remove INDEX KIND IDENTITY BYTES PATH
remove() {
  local known=${identity_of[$5]-} status
  planned=$((planned + 1))
  if [[ ! -e $ROOT$5 && ! -L $ROOT$5 ]]; then
    result "$1" gone 0 -
  elif [[ -z $known ]]; then
    result "$1" kept 0 "${why_kept[$5]-changed}"
  elif [[ $known != "$2 $3" ]]; then
    result "$1" kept 0 changed
  else
    printf 'item %d tries 0 -\n' "$1"
    take_away "$5" "$3" "$2"
    status=$?
    case $status in
      0) result "$1" removed "$4" - ;;
      3) result "$1" kept 0 changed ;;
      *) result "$1" failed 0 refused ;;
    esac
  fi
}

write_log() {
  [[ -d ${LOG%/*} && ! -L $LOG ]] || return 0
  if [[ -f $LOG ]] && (($(stat -c %s -- "$LOG") > LOG_BYTES)); then mv -f -- "$LOG" "$LOG.1"; fi
  printf '%s %s removed %d of %d planned, %d bytes freed, %d could not be removed\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    "$( ((failed > 0)) && echo fail || echo ok)" "$removed" "$planned" "$freed" "$failed" >>"$LOG"
}

run_plan() {
  local index kind identity bytes path
  while IFS=$'\t' read -r index kind identity bytes path; do
    [[ $index =~ ^[0-9]+$ && $bytes =~ ^[0-9]+$ && $path == /* ]] || continue
    remove "$index" "$kind" "$identity" "$bytes" "$path"
  done <"$1"
}

apply() {
  local i
  for ((i = 0; i < ${#items[@]}; i += 5)); do
    remove $((i / 5)) "${items[i]}" "${items[i + 4]}" "${items[i + 2]}" "${items[i + 1]}"
  done
}

if [[ $mode == run && ! -r $plan_file ]]; then
  echo "$plan_file cannot be read" >&2
  exit 2
fi
collect
case $mode in
  plan) if ((json)); then print_json; else print_plan; fi ;;
  run) run_plan "$plan_file" ;;
  apply) apply ;;
esac
if [[ $mode != plan ]]; then
  write_log
  ((failed == 0))
fi
