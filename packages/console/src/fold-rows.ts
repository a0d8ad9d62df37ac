import type { AuditRow } from '@console/contracts/audit/schemas'

/** An intent and the outcome that closes it as one line; rows without a partner on this page stand alone. */
export type Folded = { readonly row: AuditRow; readonly intent: AuditRow | null; readonly tookMs: number | null }

/** Folds a page of rows, newest first; each line stands where its newest row stood. */
export function foldRows(rows: readonly AuditRow[]): Folded[] {
  const intents = new Map(rows.filter(({ outcome }) => outcome === 'started').map((row) => [keyOf(row.log, row.seq), row]))
  const closed = new Set(rows.flatMap(({ log, of }) => (of === null ? [] : [keyOf(log, of)])))
  return rows
    .filter((row) => !(row.outcome === 'started' && closed.has(keyOf(row.log, row.seq))))
    .map((row) => {
      const intent = row.of === null ? null : (intents.get(keyOf(row.log, row.of)) ?? null)
      return { row, intent, tookMs: intent ? Date.parse(row.at) - Date.parse(intent.at) : null }
    })
}

/** The daemons know people by their id alone: their rows get the name that another log gives for it on the same page. */
export function namedRows(rows: readonly AuditRow[]): AuditRow[] {
  const names = new Map(rows.flatMap(({ actor: { id, name } }) => (name === null ? [] : [[id, name] as const])))
  return rows.map((row) => ({ ...row, actor: { ...row.actor, name: row.actor.name ?? names.get(row.actor.id) ?? null } }))
}

const keyOf = (log: string, seq: number): string => `${log} ${seq}`
