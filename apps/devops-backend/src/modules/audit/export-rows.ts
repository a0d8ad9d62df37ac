import type { AuditRow, LogName } from '@console/contracts/audit/schemas'

/** An export that lacks a log says so in its last line: a short file must not pass for a whole one. */
export type MissingLog = { readonly log: LogName; readonly away: true }

const columns = ['time', 'log', 'row', 'who', 'action', 'target', 'outcome', 'code', 'request', 'address']

/** Rows as the lines of a file: CSV (RFC 4180) with what a reader asks for, or NDJSON with all that the list shows. */
export async function* exportRows(rows: AsyncIterable<AuditRow | MissingLog>, format: 'csv' | 'ndjson'): AsyncIterable<string> {
  if (format === 'csv') yield csvLine(columns)
  for await (const row of rows) yield format === 'csv' ? csvLine(cellsOf(row)) : `${JSON.stringify(inert(row))}\n`
}

function cellsOf(row: AuditRow | MissingLog): string[] {
  if ('away' in row) return ['', row.log, '', '', 'log.away', '', 'unknown', '', '', '']
  const { at, log, seq, actor, action, target, outcome, code, requestId, address } = row
  return [at, log, String(seq), actor.name ?? actor.id, action, target, outcome, code ?? '', requestId, address ?? '']
}

/** One line of RFC 4180 that no spreadsheet runs. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => quoted(inertText(cell))).join(',')}\r\n`
}

function quoted(cell: string): string {
  return /[",\r\n']/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** NDJSON is opened in spreadsheets as well: its texts and names are made as harmless as the cells of the CSV. */
function inert(value: unknown): unknown {
  if (typeof value === 'string') return inertText(value)
  if (Array.isArray(value)) return value.map(inert)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [inertText(name), inert(item)]))
}

/**
 * A text that a spreadsheet would take for a formula is led by an apostrophe (CWE-1236). White space before the sign is passed over by
 * some of them, and the full-width forms of the signs are taken for the signs.
 */
function inertText(text: string): string {
  return /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u.test(text) ? `'${text}` : text
}
