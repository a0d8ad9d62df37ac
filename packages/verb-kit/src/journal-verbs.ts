import type { AuditLog } from '@console/audit-chain/log'
import type { KeySource } from '@console/tokens/key-source'
import type { dockerProxySelf, hostAgentSelf } from '@console/verbs/daemon'
import type { Verb } from '@console/verbs/verb'
import { type Handled, handle } from './handler.ts'
import { DaemonError } from './problem.ts'
import type { SelfFigures } from './process-figures.ts'

export type SelfRows = typeof dockerProxySelf | typeof hostAgentSelf
type Options = {
  readonly self: SelfRows
  readonly verbs: readonly Verb[]
  readonly version: string
  readonly warnings: readonly string[]
  /** What the daemon's own process uses. */
  readonly figures: () => SelfFigures
  readonly journal: AuditLog
  /** The only key of another part, to check its checkpoints with. */
  readonly keyOf: (name: string) => ReturnType<KeySource['find']>
  readonly receivedFrom: (peer: string) => void
  /** Puts on record what was only counted so far, so that a reader sees it. */
  readonly beforeRead: () => Promise<void>
}

/** What every daemon answers about itself and its journal. */
export function journalVerbs({ self, verbs, version, warnings, figures, journal, keyOf, receivedFrom, beforeRead }: Options): Handled[] {
  return [
    handle(self.listVerbs as Verb, async () => ({ version, warnings, verbs, process: figures() })),
    handle(self.readJournal as typeof dockerProxySelf.readJournal, async ({ after, limit }) => {
      await beforeRead()
      const { rows } = await journal.read({ order: 'asc', after, limit })
      return { rows, head: journal.head.seq }
    }),
    handle(self.checkpointJournal as Verb, async () => ({ checkpoint: JSON.stringify(await journal.checkpoint()) })),
    handle(self.verifyJournal as Verb, async () => ({
      result: await journal.verify(),
      witnessed: journal.witnessed(),
      setAside: journal.setAside(),
    })),
    handle(self.witnessCheckpoint as typeof dockerProxySelf.witnessCheckpoint, async ({ checkpoint }, { requestId, caller }) => {
      const value = parse(checkpoint)
      const publicKey = keyOf(String((value as { log?: unknown } | null)?.log))
      if (!publicKey) throw new DaemonError('CHECKPOINT_REFUSED', 409, 'The checkpoint is of a log that is not known here.')
      const row = await journal
        .witness(value, { publicKey, requestId, carrier: { kind: 'service', id: caller.id } })
        .catch((cause: Error) => {
          throw new DaemonError('CHECKPOINT_REFUSED', 409, `The checkpoint was not taken: ${cause.message}`, { cause })
        })
      receivedFrom(String((value as { log: string }).log))
      return { seq: row.seq }
    }),
  ]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
