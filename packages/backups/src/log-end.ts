import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRow } from '@console/audit-chain/row'
import type { KeptPart } from './kept-parts.ts'

/** How far a log reaches: its rows, and the hash of the last of them; of an empty log what it begins with. */
export type LogEnd = { readonly rows: number; readonly head: string }

/** The end of the log in a part's folder; undefined where there is none, or its last row is not whole. */
export function endOfLog(part: KeptPart, folder: string): LogEnd | undefined {
  const audit = join(folder, 'audit')
  if (!existsSync(audit)) return undefined
  const last = readdirSync(audit)
    .filter((name) => name.startsWith(`${part}-`) && name.endsWith('.log'))
    .sort()
    .at(-1)
  if (last === undefined) return beginning(join(audit, `${part}.checkpoints`))
  const row = openRow(readFileSync(join(audit, last), 'utf8').trimEnd().split('\n').at(-1) ?? '')
  return row && { rows: row.seq, head: row.hash }
}

function beginning(path: string): LogEnd | undefined {
  try {
    const { genesis } = JSON.parse(readFileSync(path, 'utf8').split('\n')[0] ?? '') as { readonly genesis?: unknown }
    return typeof genesis === 'string' ? { rows: 0, head: genesis } : undefined
  } catch {
    return undefined
  }
}
