import type { CheckCounts, CheckName } from '@console/contracts/code-quality/schemas'
import type { Ask } from '../../clients/daemon-client.ts'
import type { AgentRun, HostAgent } from '../../clients/host-agent.ts'
import type { CodeRunDoc } from '../../documents.ts'
import { type Rounds, startRounds } from '../../rounds.ts'
import { takenWithinMs } from './code-quality.ts'
import type { CodeRunBook } from './code-run-book.ts'
import { countFindings } from './count-findings.ts'
import { endCodeRun, followChecks } from './follow-checks.ts'

export type CodeKeeperDeps = {
  readonly book: CodeRunBook
  readonly agent: HostAgent
  readonly serviceAsk: () => Ask
  /** A run has ended: for the audit log. */
  readonly ended: (run: CodeRunDoc) => Promise<void>
  readonly now: () => Date
  readonly log: (message: string, error?: unknown) => void
}
const busyMs = 500
const idleMs = 15_000
const answerMs = 10_000
const pageLines = 5_000

/** Brings every open check of code up to what is true, also after any part was away or killed. */
export function startCodeKeeper(deps: CodeKeeperDeps): Rounds {
  const round = async (): Promise<boolean> => {
    const open = await deps.book.open().catch((error: unknown) => {
      deps.log('checks of code could not be looked at', error)
      return []
    })
    // One that cannot be looked at keeps none of the others from it.
    for (const doc of open) await look(deps, doc).catch((error: unknown) => deps.log(`check ${doc.id} could not be looked at`, error))
    return open.length > 0
  }
  return startRounds({ round, busyMs, idleMs })
}

async function look(deps: CodeKeeperDeps, doc: CodeRunDoc): Promise<void> {
  const agent = await deps.agent.getRun(doc.id, ask(deps)).catch((error: { code?: string }) => {
    if (error.code === 'RUN_NOT_FOUND') return null
    throw error
  })
  if (!agent && !doc.admitted && deps.now().getTime() - Date.parse(doc.queuedAt) < takenWithinMs * 2) return
  const counted = agent ? await countsOf(deps, doc, agent) : new Map()
  const after = await deps.book.change(doc.id, (now) => {
    if (agent) return followChecks(now, agent, counted)
    return now.admitted
      ? endCodeRun(now, 'interrupted', 'The host-agent no longer knows this run, so nobody can say how it ended.', deps.now())
      : endCodeRun(now, 'failed', 'The host-agent never took this run. Nothing was started.', deps.now())
  })
  if (after && !after.open) await deps.ended(after)
}

/** What the lines of each check that has ended say, read once. */
async function countsOf(deps: CodeKeeperDeps, doc: CodeRunDoc, agent: AgentRun): Promise<Map<CheckName, CheckCounts>> {
  const counted = new Map<CheckName, CheckCounts>()
  for (const { name, endedAt, fromLine, toLine } of agent.checks ?? []) {
    if (endedAt === null || fromLine === null || toLine === null) continue
    if (doc.checks.some((known) => known.name === name && known.counts !== null)) continue
    const findings = countFindings()
    for (let after = fromLine; after < toLine; ) {
      const before = after
      const limit = Math.min(pageLines, toLine - after)
      for await (const event of await deps.agent.runLog({ runId: doc.id, after, limit }, ask(deps)))
        if ('text' in event) {
          after = event.seq
          if (event.stream !== 'sys') findings.take(event.text)
        }
      if (after === before) break
    }
    counted.set(name, findings.counts())
  }
  return counted
}

function ask({ serviceAsk }: CodeKeeperDeps): Ask {
  return { ...serviceAsk(), withinMs: answerMs }
}
