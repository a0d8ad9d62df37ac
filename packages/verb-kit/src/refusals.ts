import type { AuditLog, NewRow } from '@console/audit-chain/log'
import type { Caller } from './caller.ts'
import type { Limiter } from './limits.ts'

/** What was refused, of whom, and why. `action` is the verb where one was named, else `daemon.request.refused`. */
export type Refusal = {
  readonly action?: string
  readonly risk?: string
  readonly caller: Caller | null
  readonly requestId: string
  readonly code: string
  readonly details?: Readonly<Record<string, unknown>>
}
export type RefusalBook = {
  /** Resolves when the row is on record, or at once when it was only counted. Never rejects: a refusal that cannot be written stays one. */
  record(refusal: Refusal): Promise<void>
  /** Writes one row for all alike refusals that were only counted since the last time. */
  flush(): Promise<void>
  /** The same, unless it was done within so many ms. */
  flushIfOlder(ms: number): Promise<void>
}

const mostKinds = 200

/** Each refusal is a row, up to a number a minute and actor; a flood beyond that is rows with a count. */
export function createRefusalBook({
  journal,
  limiter,
  log,
  monotonic,
}: {
  readonly journal: Pick<AuditLog, 'append'>
  readonly limiter: Limiter
  readonly log: (level: 'error', msg: string, more?: object) => void
  readonly monotonic: () => number
}): RefusalBook {
  let flushed = monotonic()
  const counted = new Map<string, { row: NewRow; count: number }>()
  const append = async (row: NewRow): Promise<void> => {
    await journal.append(row).catch((error: unknown) => log('error', 'a refusal could not be recorded', { error: String(error) }))
  }
  const flush = async (): Promise<void> => {
    flushed = monotonic()
    const rows = [...counted.values()]
    counted.clear()
    await Promise.all(rows.map(({ row, count }) => append({ ...row, count })))
  }
  return {
    flush,
    flushIfOlder: async (ms) => {
      if (monotonic() - flushed >= ms) await flush()
    },
    async record(refusal) {
      const row = rowOf(refusal)
      if (limiter.takeRefusal(row.actor.id)) return append(row)
      const { details: _, ...alike } = { ...row, requestId: '-' }
      const kind = `${row.actor.id} ${row.action} ${row.code}`
      const key = counted.has(kind) || counted.size < mostKinds ? kind : 'others'
      const known = counted.get(key) ?? { row: key === 'others' ? others : alike, count: 0 }
      counted.set(key, { ...known, count: known.count + 1 })
    },
  }
}

const nobody = { kind: 'anonymous', id: 'anonymous' } as const
const refused = { action: 'daemon.request.refused', target: '-', outcome: 'denied' } as const
const others: NewRow = { ...refused, actor: nobody, requestId: '-', code: 'REFUSED_OTHERWISE' }

function rowOf({ caller, requestId, code, action, risk, details }: Refusal): NewRow {
  const actor = caller ? { kind: caller.kind, id: caller.id } : nobody
  return { ...refused, ...(action && { action }), actor, requestId, code, ...(risk && { risk }), ...(details && { details }) }
}
