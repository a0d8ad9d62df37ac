import type { Guard } from './guard.ts'

const code = 'apps/host-agent/src/code'
type Pairs = readonly (readonly [was: string, becomes: string])[]
const guarded = (file: string, test: string, pairs: Pairs): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({ file: `${code}/${file}`, was, becomes, tests: [test] }))
const runs = 'apps/host-agent/src/runs'
const held = (file: string, test: string, pairs: Pairs): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({ file: `${runs}/${file}`, was, becomes, tests: [test] }))
const attacks = 'tests/attacks/code-checks.test.ts'
const bounds = 'tests/attacks/code-checks-bounds.test.ts'

/** What holds a project's code while it is checked: where it may lie, what is copied of it, what its scripts can reach and take; and no run before its row. */
export const codeGuards: readonly Guard[] = [
  ...guarded('check-desk.ts', attacks, [
    ['if (chosen.length === 0 || chosen.length !== names.length)', 'if (false)'],
    ['closeSync(openProject(projectPath, roots).fd)', ''],
  ]),
  ...guarded('open-project.ts', `${code}/open-project.test.ts`, [
    ['roots.find((one) => path.startsWith(one + sep))', 'roots.find((one) => path.startsWith(one))'],
    [' || normalize(path) !== path', ''],
    ['if (real !== path) throw', 'if (false) throw'],
    ['?.isFile()) throw', ' === null) throw'],
  ]),
  ...guarded('open-project.ts', attacks, [['if (mount !== mountAt(root)) throw', 'if (false) throw']]),
  ...guarded('copy-tree.ts', `${code}/copy-tree.test.ts`, [
    ['info.uid !== project.uid && (info.mode & othersRead) === 0', 'false'],
    ["target.startsWith('/') || leadsTo === '..' || leadsTo.startsWith('../')", 'false'],
    ['if (neverTaken.has(entry.name)) continue', ''],
    ['assertWithin(tally, bounds)\n', ''],
    ['if (depth > bounds.deepest) throw', 'if (false) throw'],
  ]),
  ...guarded('contain.ts', attacks, [
    ["'--net', ", ''],
    ["'--pid', ", ''],
  ]),
  ...guarded('contain.sh', `${code}/contain.test.ts`, [
    ['/usr/bin/env -i PATH', '/usr/bin/env PATH'],
    ['umount -l .\n', ''],
    [' --no-new-privs --bounding-set=-all --inh-caps=-all', ''],
  ]),
  ...guarded('contain.sh', attacks, [['--reuid="$uid" --regid="$gid" ', '']]),
  ...guarded('contain.sh', bounds, [
    [' -u "$processes"', ''],
    [' -f 1048576', ''],
  ]),
  ...guarded('run-checks.ts', `${code}/run-checks.test.ts`, [
    ['memoryKills() > killsBefore', 'false'],
    ['memoryKills() > killsBefore', 'memoryKills() > 0'],
  ]),
  ...held('cgroup.ts', `${runs}/cgroup.test.ts`, [
    [' && pidsOf(folder).includes(process.pid)', ''],
    ['if (path?.endsWith(', 'if (path || String('],
    ['if (!path?.endsWith(', 'if (path === String('],
  ]),
  ...held('unit-options.ts', `${runs}/unit-options.test.ts`, [
    ['--property=MemoryMax=', '--property=MemoryHigh='],
    ["'--property=MemorySwapMax=0',\n", ''],
    ["'--property=TasksMax=1024',\n", ''],
    ["'--property=OOMPolicy=continue',\n", ''],
    ["'--property=KillMode=control-group',\n", ''],
  ]),
  ...held('supervisor.ts', `${runs}/supervisor-queue.test.ts`, [
    ['if (!onRecord || ', 'if ('],
    ['void begun(running)\n', 'void begun(running)\n      void Promise.resolve(true)\n'],
  ]),
  ...held('supervisor.ts', `${runs}/disk-full.test.ts`, [
    ['      files.remove(runId)\n      throw error\n', '      throw error\n'],
    ['exit.cancelled || unmarked.has(runId)', 'exit.cancelled'],
  ]),
  ...held('line-writer.ts', `${runs}/disk-full.test.ts`, [
    ['      takeBack(fd, size)\n', ''],
    ['if (lost > 0 && append(', 'if (lost < 0 && append('],
  ]),
  ...held('run-rows.ts', `${runs}/run-rows.test.ts`, [
    ['await journal.append(', 'void journal.append('],
    ['    return false\n', '    return true\n'],
    ['begun: (run) => queue({', 'begun: async (run) => !!void queue({'],
  ]),
  ...guarded('copy-tree.ts', `${code}/copy-races.test.ts`, [
    ['constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK', 'constants.O_RDONLY | constants.O_NONBLOCK'],
    ['constants.O_DIRECTORY | constants.O_NOFOLLOW', 'constants.O_DIRECTORY'],
  ]),
]
