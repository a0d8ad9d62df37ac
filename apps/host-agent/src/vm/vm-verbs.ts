import { join } from 'node:path'
import { type Handled, handle } from '@console/verb-kit/handler'
import * as rows from '@console/verbs/vm'
import { openCheckHistory } from './check-history.ts'
import { type HealthReport, parseHealthReport } from './health-report.ts'
import { readLogTail } from './read-log.ts'
import { runVmScript, type VmScripts } from './run-script.ts'

type Options = {
  readonly scripts: VmScripts
  /** Below which the files of the host lie. */
  readonly root: string
  readonly log: (level: 'warn', msg: string, more?: object) => void
  readonly now: () => Date
  readonly monotonic?: () => number
}
type Checked = Pick<HealthReport, 'host'> & {
  /** Each with the moment since when it has come out so. */
  readonly checks: readonly (HealthReport['checks'][number] & { readonly since: string })[]
  readonly script: { readonly name: string; readonly sha256: string }
  readonly checkedAt: string
  readonly tookMs: number
}

/** Who asks within this time gets the same report: many at once cost as much as one. */
const sharedMs = 5_000
const linesByDefault = 200

/** The upkeep of the machine itself, by scripts whose text the agent knows. */
export function vmVerbs({ scripts, root, log, now, monotonic = () => performance.now() }: Options): Handled[] {
  const history = openCheckHistory(join(scripts.dir, 'vm-checks.json'), (msg, error) => log('warn', msg, { error: String(error) }))
  const look = async (startedMs: number): Promise<Checked> => {
    const checkedAt = now().toISOString()
    const name = 'vm-health-check.sh'
    const order = { name, args: ['--json'], timeoutMs: 60_000, mostBytes: 262_144, statuses: [0, 1] } as const
    const { text, sha256 } = await runVmScript(scripts, order)
    const { host, checks } = parseHealthReport(text)
    const tookMs = Math.round(monotonic() - startedMs)
    return { script: { name, sha256 }, checkedAt, tookMs, host, checks: history.take(checks, checkedAt) }
  }
  let shared: { readonly report: Promise<Checked>; endedMs: number | null } | null = null
  const report = (): Promise<Checked> => {
    if (shared && (shared.endedMs === null || monotonic() - shared.endedMs < sharedMs)) return shared.report
    const asked = { report: look(monotonic()), endedMs: null as number | null }
    shared = asked
    asked.report.then(
      () => {
        asked.endedMs = monotonic()
      },
      // What failed is tried again by the next who asks.
      () => {
        asked.endedMs = -sharedMs
      },
    )
    return asked.report
  }
  return [
    handle(rows.checkVm, report),
    handle(rows.readVmLog, async ({ log, lines = linesByDefault }) => readLogTail(root, log, lines), { targetOf: ({ log }) => log }),
  ]
}
