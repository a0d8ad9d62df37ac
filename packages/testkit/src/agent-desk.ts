import { randomBytes } from 'node:crypto'
import type { AgentPlace } from './agent-place.ts'
import { type As, until } from './daemon-harness.ts'

export type Run = {
  runId: string
  state: string
  exitCode: number | null
  code: string | null
  lines: number
  cut: boolean
  steps: { name: string }[]
  firstErrorLine: number | null
  position: number | null
  cancelledBy: string | null
  endedAt: string | null
  user: string
}
export type Line = { seq: number; stream: string; text: string; ended?: string; next?: number; ping?: boolean }
export type JournalRow = {
  seq: number
  action: string
  target: string
  outcome: string
  requestId: string
  code?: string
  actor: { kind: string; id: string }
  input?: object
  details?: Record<string, unknown>
}

/** What a test asks of a host-agent again and again, in one line each. Every wait is generous: the machine may be busy. */
export function openDesk({ kit, scripts, write }: Pick<AgentPlace, 'kit' | 'scripts' | 'write'>) {
  let runs = 0
  // Another test's agent on this machine must not take our runs for its own: they are found by their ids.
  const mine = randomBytes(4).toString('hex')
  const get = async (runId: string) => ((await kit.ask('runs.get', { runId }, 'service')).body as unknown as { run: Run }).run
  const log = async (runId: string, wish: object = {}, enough: (lines: Line[]) => boolean = () => false) =>
    (await kit.read('runs.log', { runId, limit: 5_000, ...wish }, (lines) => enough(lines as Line[]), 'service')) as unknown as Line[]
  return {
    get,
    put(scriptId: string, text: string): string {
      const path = `${scripts}/${scriptId}.sh`
      write(path, `#!/bin/bash\n${text}\n`)
      return path
    },
    async approve(scriptId: string, wish: object = {}) {
      kit.nextPerson()
      const { digest } = (await kit.ask('scripts.plan', { scriptId, ...wish })).body as unknown as { digest: string }
      return kit.ask('scripts.approve', { digest }, 'admin', kit.grant('scripts.approve', digest))
    },
    /** The answer to `runs.start`; each run is of a service of its own unless `over` names one. */
    async trigger(scriptId: string, over: object = {}, as: As = 'operator') {
      runs += 1
      const asked = { runId: `run-${mine}-${runs}`, scriptId, serviceId: `svc-${runs}`, reason: 'a test', onBusy: 'queue', variables: {} }
      kit.nextPerson()
      return kit.ask('runs.start', { ...asked, secretNames: [], ...over }, as)
    },
    async begin(scriptId: string, over: object = {}): Promise<string> {
      const { status, body, text } = await this.trigger(scriptId, over)
      if (status !== 200) throw new Error(`${scriptId} was not taken: ${text}`)
      return (body as unknown as { run: Run }).run.runId
    },
    cancel: (runId: string, as: As = 'operator') => kit.ask('runs.cancel', { runId, reason: 'a test' }, as),
    ended: (runId: string, withinMs = 45_000) =>
      until(
        `the end of ${runId}`,
        async () => {
          const run = await get(runId)
          return run.endedAt !== null && run
        },
        withinMs,
      ),
    wrote: (runId: string, count: number) => until(`${count} lines of ${runId}`, async () => (await get(runId)).lines >= count, 45_000),
    log,
    lines: async (runId: string) => (await log(runId)).filter(({ seq }) => seq !== undefined),
    async journal(): Promise<JournalRow[]> {
      const rows: JournalRow[] = []
      for (;;) {
        const { body } = await kit.ask('journal.read', { after: rows.at(-1)?.seq ?? 0, limit: 500 }, 'service')
        const page = (body as unknown as { rows: JournalRow[] }).rows
        if (page.length === 0) return rows
        rows.push(...page)
      }
    },
  }
}
