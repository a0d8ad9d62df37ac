import type { NewRow, Row } from './row.ts'

export type DeniedRows = {
  /** Records a denied (or failed) attempt; resolves when it is on record or counted for the next row of its kind. */
  readonly add: (row: NewRow) => Promise<void>
  /** Records what was only counted and whose minute is over; to be called now and then, and with `all` before closing. */
  readonly flush: (all?: boolean) => Promise<void>
}

/**
 * Keeps a flood of refused attempts from burying the other rows: per actor, address, action and code the first `each` of a minute are
 * recorded whole, the rest as one row with `count`, which carries the request id and target of the last of them.
 */
export function createDeniedRows({
  append,
  now,
  each = 5,
  windowMs = 60_000,
  maxKinds = 10_000,
}: {
  readonly append: (row: NewRow) => Promise<Row>
  readonly now: () => number
  readonly each?: number
  readonly windowMs?: number
  readonly maxKinds?: number
}): DeniedRows {
  const kinds = new Map<string, { from: number; seen: number; counted: number; last: NewRow }>()

  async function settle(key: string): Promise<void> {
    const kind = kinds.get(key)
    kinds.delete(key)
    if (kind !== undefined && kind.counted > 0) await append({ ...kind.last, count: kind.counted })
  }

  return {
    add: async (row) => {
      const key = JSON.stringify([row.actor.kind, row.actor.id, row.address, row.action, row.code])
      const known = kinds.get(key)
      if (known !== undefined && Math.abs(now() - known.from) >= windowMs) await settle(key)
      const oldest = kinds.size >= maxKinds && !kinds.has(key) ? kinds.keys().next().value : undefined
      if (oldest !== undefined) await settle(oldest)
      const kind = kinds.get(key) ?? { from: now(), seen: 0, counted: 0, last: row }
      kinds.set(key, kind)
      kind.last = row
      kind.seen += 1
      if (kind.seen <= each) await append(row)
      else kind.counted += row.count ?? 1
    },
    flush: async (all = false) => {
      for (const [key, { from }] of [...kinds]) if (all || Math.abs(now() - from) >= windowMs) await settle(key)
    },
  }
}
