import type { AuditRow, LogName } from '@console/contracts/audit/schemas'
import type { LastUse } from '@console/contracts/privileges/actions'
import type { MissingLog } from './export-rows.ts'

const daemons: readonly LogName[] = ['docker-proxy', 'host-agent']
/** What was refused was not used. */
const used = new Set(['started', 'done', 'failed'])
/** How far back the first look goes; a verb that nobody used since then is told as not used. */
const mostLookedAt = 20_000

/**
 * When each verb was last used and by whom, by the journals of the daemons themselves. Verbs that only read leave no row, so nothing is
 * known of them. What was read once is not read again.
 * @param rows of all logs, newest first
 */
export function createLastUses(
  rows: () => AsyncIterable<AuditRow | MissingLog>,
  lookAt = mostLookedAt,
): () => Promise<ReadonlyMap<string, LastUse>> {
  const uses = new Map<string, LastUse>()
  const names = new Map<string, string>()
  const seen = new Map<LogName, number>()

  const look = async (): Promise<void> => {
    const found = new Map<string, AuditRow>()
    const newest = new Map<LogName, number>()
    const reached = new Set<LogName>()
    let looked = 0
    for await (const row of rows()) {
      if ('away' in row || looked === lookAt || reached.size === daemons.length) break
      looked += 1
      if (row.actor.name !== null) names.set(row.actor.id, row.actor.name)
      if (!daemons.includes(row.log)) continue
      if (row.seq <= (seen.get(row.log) ?? 0)) reached.add(row.log)
      else {
        newest.set(row.log, Math.max(row.seq, newest.get(row.log) ?? 0))
        const key = `${row.log} ${row.action}`
        if (used.has(row.outcome) && !found.has(key)) found.set(key, row)
      }
    }
    for (const [log, seq] of newest) seen.set(log, seq)
    for (const [key, { at, actor, outcome, requestId }] of found)
      uses.set(key, {
        at,
        outcome: outcome as LastUse['outcome'],
        requestId,
        by: { ...actor, name: actor.name ?? names.get(actor.id) ?? null },
      })
  }
  let running: Promise<void> | null = null
  return async () => {
    running ??= look().finally(() => {
      running = null
    })
    await running
    return uses
  }
}
