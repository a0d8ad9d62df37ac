import type { Guard } from './guard.ts'

type Pairs = readonly (readonly [was: string, becomes: string])[]
const agent = 'apps/host-agent/src'
const backend = 'apps/devops-backend/src/modules/vm'
const guarded = (file: string, test: string, pairs: Pairs): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({ file, was, becomes, tests: [test] }))

/** What is checked before crontabs, timers and records of runs are believed, and what is covered before they are shown. */
export const scheduleGuards: readonly Guard[] = [
  ...guarded(`${agent}/schedules/plain-file.ts`, `${agent}/schedules/crontabs.test.ts`, [
    ['constants.O_RDONLY | constants.O_NOFOLLOW', 'constants.O_RDONLY'],
    ['if (info.size > mostBytes) return', 'if (false) return'],
  ]),
  ...guarded(`${agent}/schedules/crontabs.ts`, `${agent}/schedules/crontabs.test.ts`, [
    ['if (uid !== root) return', 'if (false) return'],
    ['if (uid !== account.uid && uid !== root) return', 'if (false) return'],
    ['if (links !== 1) return', 'if (false) return'],
    ["return (mode & othersWrite) !== 0 ? 'Cron passes it over: others than root may write it.' : null", 'return null'],
    ["return (mode & othersWrite) !== 0 ? 'Cron passes it over: others may write it.' : null", 'return null'],
    ['if (!account) return', 'if (false) return'],
  ]),
  ...guarded(`${agent}/schedules/crontabs.ts`, 'tests/attacks/schedules.test.ts', [['lines.slice(0, mostOfFile)', 'lines']]),
  ...guarded(`${agent}/schedules/run-records.ts`, `${agent}/schedules/run-records.test.ts`, [
    [' || read.uid !== uid) return null', ') return null'],
    ['(value as { v?: unknown }).v === 1', 'true'],
    ['|| !instant.test(value)', ''],
  ]),
  ...guarded(`${agent}/schedules/show-command.ts`, `${agent}/schedules/show-command.test.ts`, [
    ['const { text } = maskSecrets(given)', 'const text = given'],
    ['cleanLogText(text)', 'text'],
  ]),
  ...guarded(`${agent}/schedules/managers.ts`, `${agent}/schedules/timers.test.ts`, [
    ['account: uid === 0 ? account : null', 'account: null'],
  ]),
  ...guarded(`${agent}/schedules/timers.ts`, `${agent}/schedules/timers.test.ts`, [["names.includes(textOf(block, 'Id'))", 'true']]),
  ...guarded(`${agent}/schedules/read-systemctl.ts`, `${agent}/schedules/timers.test.ts`, [['.filter((name) => unitName.test(name))', '']]),
  ...guarded(`${agent}/programs/run-program.ts`, `${agent}/programs/run-program.test.ts`, [
    ['      endGroup(child)\n', ''],
    ["cwd: '/', env,", "cwd: '/',"],
    ['if (size > mostBytes) end(', 'if (false) end('],
  ]),
  ...guarded(`${backend}/next-run.ts`, `${backend}/next-run.test.ts`, [
    ['if (!/^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$/.test(pattern) || ', 'if ('],
    ["dayOfMonth.startsWith('*') || dayOfWeek.startsWith('*')", 'false'],
  ]),
  ...guarded(`${backend}/judge-jobs.ts`, `${backend}/judge-jobs.test.ts`, [
    ["if (last.endedAt === null) return 'interrupted'", ''],
    ["if (!active) return 'off'", ''],
  ]),
]
