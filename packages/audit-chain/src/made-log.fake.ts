import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Checkpoint, signCheckpoint } from './checkpoint.ts'
import { rowMembers, sealRow } from './row.ts'
import { aFolder, aKeyPair, aRow } from './sample-log.fake.ts'
import { type LogFolder, verifyLog } from './verifier.ts'

export const own = aKeyPair()
export const other = aKeyPair()
export const folder = aFolder()
export const genesis = 'a'.repeat(64)
export const day = (seq: number): string => `2026-01-01T00:00:${String(seq).padStart(2, '0')}.000Z`

type Made = { readonly line: string; readonly hash: string }
export type Over = { at?: string; log?: string; seq?: number; prev?: string; clockBack?: true; row?: Parameters<typeof aRow>[0] }

/** Rows as a writer would chain them, each changed by `over` before it is sealed. */
export function chain(count: number, over: Record<number, Over> = {}, { log = 'host-agent', first = genesis, from = 1 } = {}): Made[] {
  let prev = first
  return Array.from({ length: count }, (_, index) => {
    const seq = from + index
    const { row = {}, ...place } = over[seq] ?? {}
    const { line, hash } = sealRow({ seq, at: day(seq), log, prev, ...place }, rowMembers(aRow({ target: `t${seq}`, ...row })))
    prev = hash
    return { line, hash }
  })
}

export const seal = (size: number, head: string, more: Partial<Checkpoint> = {}, key = own.key): Checkpoint =>
  signCheckpoint(key, { log: 'host-agent', genesis, size, head, at: day(0), ...more })
/** The checkpoints of a log of three segments of four rows each. */
export const sealsOf = (rows: readonly Made[]): Checkpoint[] => [
  seal(0, genesis),
  seal(4, rows[3]?.hash ?? ''),
  seal(8, rows[7]?.hash ?? ''),
]
export const textOf = (rows: readonly Made[]): string => rows.map(({ line }) => line).join('')
export const filesOf = (rows: readonly Made[], seals: readonly object[] = sealsOf(rows)): Record<string, string> => ({
  'host-agent-000000000001.log': textOf(rows.slice(0, 4)),
  'host-agent-000000000005.log': textOf(rows.slice(4, 8)),
  'host-agent-000000000009.log': textOf(rows.slice(8)),
  'host-agent.checkpoints': seals.map((one) => `${JSON.stringify(one)}\n`).join(''),
})

let made = 0
export function put(files: Record<string, string | Buffer | null>): string {
  made += 1
  const dir = join(folder.dir, String(made))
  mkdirSync(dir)
  for (const [name, text] of Object.entries(files)) if (text !== null) writeFileSync(join(dir, name), text)
  return dir
}
export const logIn = (files: Record<string, string | Buffer | null>, more: Partial<LogFolder> = {}): LogFolder => ({
  dir: put(files),
  log: 'host-agent',
  publicKey: own.publicKey,
  ...more,
})
export const check = (files: Record<string, string | Buffer | null>, more: Partial<LogFolder> = {}) => verifyLog(logIn(files, more))
/** `kind seq` of each problem. */
export const told = ({ problems }: { problems: readonly { kind: string; seq: number; log: string }[] }): string[] =>
  problems.map(({ kind, seq }) => `${kind} ${seq}`)
export const rows = chain(12)
export const good = filesOf(rows)
