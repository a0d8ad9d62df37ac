import type { AuditLog, Row } from '@console/audit-chain/log'
import type { Risk } from '@console/contracts/action'
import { grantMemoryMs } from '@console/tokens/grant'
import type { SlidingWindows } from '@console/verbs/sliding-window'
import type { UsedGrants } from './mount-options.ts'

/** A clock that is set right by this much goes on. */
const toleranceMs = 5_000

/** Confirmations used at this service, remembered for longer than any of them lives. */
export function createUsedGrants(now: () => number): UsedGrants {
  const usedAt = new Map<string, number>()
  let newest = 0
  return {
    has: (jti) => usedAt.has(jti),
    add(jti, at = now()) {
      for (const [old, when] of usedAt) if (when < now() - grantMemoryMs) usedAt.delete(old)
      usedAt.set(jti, at)
      newest = Math.max(newest, at)
    },
    remove: (jti) => void usedAt.delete(jti),
    clockIsBack: () => now() < newest - toleranceMs,
  }
}

/**
 * Brings back what must survive a restart: confirmations already used, and what each actor changed or destroyed in the last minute.
 * @returns false where the log could not be read; then changes stay refused by the log itself
 */
export async function restoreFromAudit(
  audit: Pick<AuditLog, 'read'>,
  { counters, usedGrants, wallNow }: { readonly counters: SlidingWindows; readonly usedGrants: UsedGrants; readonly wallNow: number },
): Promise<boolean> {
  try {
    const from = new Date(wallNow - grantMemoryMs).toISOString()
    const { rows } = await audit.read({ order: 'desc', limit: 1_000, filter: { from, outcome: 'started' } })
    for (const row of rows) restoreRow(row, { counters, usedGrants, wallNow })
    return true
  } catch {
    return false
  }
}

function restoreRow(
  row: Row,
  { counters, usedGrants, wallNow }: { counters: SlidingWindows; usedGrants: UsedGrants; wallNow: number },
): void {
  const agoMs = Math.max(0, wallNow - Date.parse(row.at))
  const jti = row.details?.jti
  if (typeof jti === 'string') usedGrants.add(jti, Date.parse(row.at))
  const risk = row.risk as Risk | undefined
  if ((risk === 'change' || risk === 'destroy') && agoMs < 60_000 && row.actor.kind !== 'service')
    counters.restore(`${risk} ${row.actor.id}`, agoMs)
}
