import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { AuditLog, NewRow } from '@console/audit-chain/log'
import type { RunRecord } from './run-record.ts'

export type RunRows = {
  /** Resolves when the row is on record; false where this program ends first. */
  begun(run: RunRecord): Promise<boolean>
  ended(run: RunRecord): void
  /** After the row that is being written; what is still untold is told by the next start. */
  stop(): Promise<void>
}
type Journal = Pick<AuditLog, 'append' | 'read'>
type Options = {
  readonly journal: Journal
  readonly folderOf: (runId: string) => string
  /** The runs as they lie on disk, before anybody looks after them again. */
  readonly known: readonly RunRecord[]
  readonly log: (level: 'error', msg: string, more: object) => void
  readonly retryMs?: number
  /** What the names of the rows begin with. */
  readonly subject?: string
  /** What a row says beside its name and target. */
  readonly saysOf?: (fact: RunFact) => Omit<NewRow, 'action' | 'target'>
}
export type RunFact = { readonly what: 'begin' | 'end'; readonly run: RunRecord }

/**
 * Puts the beginning and the end of each run on record, in order, once each. A run is saved before its row is written, so either may be
 * all that a crash or a full disk leaves: a mark in the run's folder says what is on record, and what has none is looked for at the next start.
 */
export function recordRuns({ journal, folderOf, known, log, retryMs = 1_000, subject = 'runs', saysOf = runSays }: Options): RunRows {
  const actionOf = ({ what }: RunFact): string => `${subject}.${what}`
  const nameOf = (fact: RunFact): string => `${actionOf(fact)} ${fact.run.runId}`
  const stopping = new AbortController()
  const markOf = (fact: RunFact): string => join(folderOf(fact.run.runId), `told-${actionOf(fact)}`)
  const mark = (fact: RunFact): void => {
    try {
      writeFileSync(markOf(fact), '', { mode: 0o600 })
    } catch {
      // A full disk, or a run that was old enough to be forgotten: the row itself says so.
    }
  }
  /** Until it succeeds, for without its row a run would be forgotten; what comes later waits, so that the order stays. */
  const insist = async (what: string, work: () => Promise<void>): Promise<boolean> => {
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      try {
        await work()
        return true
      } catch (error) {
        if (attempt === 1) log('error', `${what} cannot be recorded yet`, { error: String(error) })
        await pause(retryMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
    return false
  }
  const tell = (fact: RunFact): Promise<boolean> =>
    insist(`${actionOf(fact)} of ${fact.run.runId}`, async () => {
      await journal.append({ ...saysOf(fact), action: actionOf(fact), target: fact.run.runId }, { essential: true })
      mark(fact)
    })
  const tellUnmarked = async (facts: readonly RunFact[]): Promise<void> => {
    let recorded: ReadonlySet<string> = new Set()
    await insist('what runs did before this start', async () => {
      recorded = await recordedSince(journal, subject, facts)
    })
    for (const fact of facts) await (recorded.has(nameOf(fact)) ? mark(fact) : tell(fact))
  }

  const unmarked = [...known]
    .sort((a, b) => a.order - b.order)
    .flatMap((run): RunFact[] => [
      ...(run.startedAt !== null ? [{ what: 'begin', run } as const] : []),
      ...(run.endedAt !== null ? [{ what: 'end', run } as const] : []),
    ])
    .filter((fact) => !existsSync(markOf(fact)))
  let last: Promise<unknown> = unmarked.length > 0 ? tellUnmarked(unmarked) : Promise.resolve()
  const queue = (fact: RunFact): Promise<boolean> => {
    const told = last.then(() => tell(fact))
    last = told
    return told
  }
  return {
    begun: (run) => queue({ what: 'begin', run }),
    ended: (run) => void queue({ what: 'end', run }),
    async stop() {
      stopping.abort()
      await last
    },
  }
}

/** What stands on record of these runs, read backward until before the first of them was admitted. */
async function recordedSince(journal: Journal, subject: string, facts: readonly RunFact[]): Promise<ReadonlySet<string>> {
  const oldest = facts.map(({ run }) => run.queuedAt).sort()[0] ?? ''
  const recorded = new Set<string>()
  let before: number | undefined
  do {
    const { rows, next } = await journal.read({
      order: 'desc',
      limit: 1_000,
      filter: { action: subject },
      ...(before !== undefined && { before }),
    })
    for (const { action, target } of rows) recorded.add(`${action} ${target}`)
    before = (rows.at(-1)?.at ?? oldest) < oldest ? undefined : next
  } while (before !== undefined)
  return recorded
}

function runSays({ what, run }: RunFact): Omit<NewRow, 'action' | 'target'> {
  const { runId, scriptId, scriptSha256, user, timeoutSec, unit, state, exitCode, code } = run
  const common = { actor: { kind: 'service', id: 'system:host-agent' }, requestId: runId } as const
  if (what === 'begin') return { ...common, outcome: 'done', details: { scriptId, scriptSha256, user, timeoutSec, unit } }
  const outcome = state === 'exited' && exitCode === 0 ? 'done' : 'failed'
  return { ...common, outcome, details: { state, exitCode }, ...(code !== null && { code }) }
}
