import type { Guard } from './guard.ts'

type Pairs = readonly (readonly [was: string, becomes: string])[]
const folder = 'apps/host-agent/src/vm'
const guarded = (file: string, tests: readonly string[], pairs: Pairs): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({ file, was, becomes, tests: tests.map((name) => `${folder}/${name}.test.ts`) }))

/** What host-agent checks before it believes a script of the machine, and what the scripts themselves check. */
export const vmGuards: readonly Guard[] = [
  ...guarded(
    `${folder}/run-script.ts`,
    ['run-script'],
    [
      ['if (read.sha256 !== known[name]) throw', 'if (false) throw'],
      ['if (!read.ok) throw changed(name, read.reason, null)', 'if (!read.ok) return { bytes: Buffer.alloc(0), sha256: "" }'],
      ['await endProcesses(() => processesOf(mark, root), graceMs)', ''],
      ['statuses.includes(status ?? -1) ? null', 'true ? null'],
      ["env: inUnit ? { PATH: '/usr/bin:/bin' } : environment", 'env: process.env'],
    ],
  ),
  ...guarded(
    `${folder}/read-log.ts`,
    ['read-log'],
    [
      ['constants.O_RDONLY | constants.O_NOFOLLOW', 'constants.O_RDONLY'],
      [') !== path) return refused(', ') === null) return refused('],
      ["if (!info.isFile()) return refused('It is no ordinary file.')", ''],
      ['if (info.nlink !== 1) return', 'if (false) return'],
      ['read.includes(10) ? read.indexOf(10) + 1 : read.length', 'read.indexOf(10) + 1'],
      ['maskSecrets(text)', '{ text, masked: 0 }'],
      ['cleanLogText(covered.text)', 'covered.text'],
    ],
  ),
  ...guarded(
    `${folder}/read-answer.ts`,
    ['health-report', 'cleanup/make-plan'],
    [
      ['if (Object.keys(value).sort().join() !== [...names].sort().join()) throw', 'if (false) throw'],
      ['if (known === undefined) throw', 'if (false) throw'],
      [' || value.length > most) throw', ') throw'],
      [' || value.length > longest', ''],
      [' || value < 0) throw', ') throw'],
    ],
  ),
  ...guarded(
    `${folder}/cleanup/make-plan.ts`,
    ['cleanup/make-plan'],
    [
      ['!places[kind].test(path) || ', ''],
      [' || upward.test(path)', ''],
      ['new Set(listed.map(({ path }) => path)).size !== listed.length', 'false'],
      ['answer.text(item.path, 1_000, printable)', 'answer.text(item.path, 1_000)'],
      ['answer.text(item.identity, 130, identity)', 'answer.text(item.identity, 130)'],
    ],
  ),
  ...guarded(
    `${folder}/cleanup/cleanup-verbs.ts`,
    ['cleanup/cleanup-verbs'],
    [
      ['if (known.used || begun.find(planId)) throw', 'if (false) throw'],
      ['if (now().toISOString() > known.plan.expiresAt)', 'if (false)'],
      ["if (supervisor.list({ state: 'open' }).length > 0)", 'if (false)'],
      ['if (knownBytes(scripts, name).sha256 !== script.sha256)', 'if (false)'],
    ],
  ),
  ...guarded(
    `${folder}/cleanup/make-receipt.ts`,
    ['cleanup/cleanup-verbs'],
    [
      ['at >= planned || ', ''],
      [' || outcomes.has(at)', ''],
      ["at === trying ? { ...notReached, result: 'unknown' } : notReached", 'notReached'],
    ],
  ),
  ...guarded(
    'vm/vm-cleanup.sh',
    ['cleanup/vm-cleanup'],
    [
      ['if ! nameable "$path"; then keep "$kind" unnameable "$bytes"\n', 'if false; then :\n'],
      ['elif ((links > 1)); then keep "$kind" linked "$bytes" "$path"\n', ''],
      ['elif ((now - changed < age)); then keep "$kind" recent', 'elif false; then keep "$kind" recent'],
      ['elif is_open "$path"; then keep temporary in-use', 'elif false; then keep temporary in-use'],
      ['elif ((young > oldest)); then', 'elif false; then'],
      ['|| [[ $name =~ $SPECIAL ]]', ''],
      [' || $1 !~ /^[fdl]$/', ''],
      ["tr '\\n\\0' '\\001\\n'", "tr '\\0' '\\n'"],
      ['elif ((total <= journal_kib)); then', 'elif false; then'],
      ["! -name 'wtmp*' ! -name 'btmp*'", ''],
      ['-o -path "$ROOT/var/log/audit"', ''],
      ['elif [[ $known != "$2 $3" ]]; then', 'elif false; then'],
      ['[[ $seen == "$2" ]] || exit 3', ''],
      ['[[ -z $known ]]; then', '[[ -n impossible && -z x ]]; then'],
      ['[[ -z $(find "./$name" -xdev \\( -newermt "@$started" -o -newerct "@$started" \\) -print -quit 2>/dev/null) ]] || exit 3', ''],
    ],
  ),
  ...guarded(
    'vm/docker-watchdog.sh',
    ['docker-watchdog'],
    [
      ['if [[ $mode != restart ]]; then', 'if false; then'],
      ['$labels != *,com.bytelyst.watchdog=restart,* || ', ''],
      [' || $labels == *,com.bytelyst.protect=true,*', ''],
      ['elif ((for_sec < UNHEALTHY_SEC)); then', 'elif false; then'],
      ['>= MOST_RESTARTS)); then', '>= 99)); then'],
      ['if [[ -L $LOG ]]; then', 'if false; then'],
      [' && $name =~ ^[a-zA-Z0-9][a-zA-Z0-9_.-]*$ ]] || continue', ' ]] || continue'],
    ],
  ),
]
