import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Checkpoint, signCheckpoint } from './checkpoint.ts'
import { openAuditLog, type Row } from './log.ts'
import { rowMembers, sealRow } from './row.ts'
import { aFolder, aKeyPair, aRow, segmentFiles } from './sample-log.fake.ts'
import type { LogFolder } from './verifier.ts'

/** How many rows the log of a tampering site has, and how many of them another log has witnessed. */
export const rows = 100
export const anchored = 80

export type Lines = string[]
export type Tampering = { readonly name: string; readonly change: (lines: Lines, at: number) => Lines; readonly firstBad?: string }

/** What anybody can do who may write the files. */
export const clumsy: readonly Tampering[] = [
  {
    name: 'a row edited',
    change: (lines, at) => lines.with(at - 1, (lines[at - 1] as string).replace(`"t${at}"`, '"tx"')),
    firstBad: 'edited',
  },
  { name: 'a row deleted from the middle', change: (lines, at) => lines.toSpliced(at - 1, 1), firstBad: 'order' },
  {
    name: 'two rows swapped',
    change: (lines, at) => lines.with(at - 1, lines[at] as string).with(at, lines[at - 1] as string),
    firstBad: 'order',
  },
  { name: 'a row inserted', change: (lines, at) => lines.toSpliced(at - 1, 0, lines[at - 2] as string), firstBad: 'order' },
  { name: 'the last rows cut', change: (lines, at) => lines.slice(0, at) },
]

/** What needs a chain made anew; with the key of the log its own checkpoints are made anew as well. */
export const careful: readonly Tampering[] = [
  { name: 'everything replaced by a fresh log', change: (lines) => rechain(lines.slice(0, 90), 1, 'f'.repeat(64)) },
  {
    name: 'a row edited and all after it chained anew',
    change: (lines, at) => rechain(lines.with(at - 1, (lines[at - 1] as string).replace(`"t${at}"`, '"tx"')), at),
  },
  { name: 'a row deleted, all after it numbered and chained anew', change: (lines, at) => rechain(lines.toSpliced(at - 1, 1), at) },
  {
    name: 'the last rows cut and others put in their place',
    change: (lines, at) => rechain([...lines.slice(0, at), ...lines.slice(0, rows - at)], at + 1),
  },
]

/** Where rows are tampered with: first and last of segments, and between. */
export const positions = [2, 3, 11, 26, 40, 41, 63, 77]

/** A log of 100 rows over several segments, whose first 80 another log has witnessed, and copies of it to be spoilt. */
export type Site = {
  readonly victim: ReturnType<typeof aKeyPair>
  readonly keeper: ReturnType<typeof aKeyPair>
  readonly folder: ReturnType<typeof aFolder>
  copyOf(): string
  folders(dir: string): LogFolder[]
  all(dir: string): Lines
  put(dir: string, lines: Lines): void
  genesisOf(dir: string): string
  sealAnew(dir: string): void
}

export async function makeSite(): Promise<Site> {
  const victim = aKeyPair()
  const keeper = aKeyPair()
  const folder = aFolder()
  const victimDir = join(folder.dir, 'victim')
  const keeperDir = join(folder.dir, 'keeper')
  let copies = 0
  const log = await openAuditLog({ dir: victimDir, name: 'host-agent', key: victim.key, reserveBytes: 0, segmentBytes: 6000 })
  const other = await openAuditLog({ dir: keeperDir, name: 'docker-proxy', key: keeper.key, reserveBytes: 0 })
  for (let seq = 1; seq <= rows; seq += 1) {
    await log.append(aRow({ requestId: `r${seq}`, target: `t${seq}` }))
    if (seq === anchored) await other.witness(await log.checkpoint(), { publicKey: victim.publicKey, requestId: 'c' })
  }
  await log.close()
  await other.close()
  return {
    victim,
    keeper,
    folder,
    copyOf() {
      copies += 1
      const dir = join(folder.dir, `copy-${copies}`)
      cpSync(victimDir, dir, { recursive: true })
      return dir
    },
    folders: (dir) => [
      { dir, log: 'host-agent', publicKey: victim.publicKey },
      { dir: keeperDir, log: 'docker-proxy', publicKey: keeper.publicKey },
    ],
    all,
    put,
    genesisOf,
    sealAnew: (dir) => sealAnew(dir, victim.key),
  }
}

/** The lines of all segments of a folder. */
export function all(dir: string): Lines {
  return segmentFiles(dir).flatMap((file) => file.lines())
}

/** Puts lines into the files that are there, as many into each as there were; the last takes the rest. */
export function put(dir: string, lines: Lines): void {
  const files = segmentFiles(dir)
  let from = 0
  files.forEach((file, index) => {
    const to = index === files.length - 1 ? lines.length : from + file.lines().length
    if (from >= lines.length) rmSync(file.path)
    else file.put(lines.slice(from, to))
    from = to
  })
}

/** Chains lines anew from row `from` on. */
export function rechain(lines: Lines, from: number, genesis?: string): Lines {
  let prev = genesis ?? (from === 1 ? (JSON.parse(lines[0] as string) as Row).prev : (JSON.parse(lines[from - 2] as string) as Row).hash)
  let at = ''
  return lines.map((line, index) => {
    const row = JSON.parse(line) as Row
    if (row.at > at) at = row.at
    if (index + 1 < from) return line
    const sealed = sealRow({ seq: index + 1, at, log: row.log, prev }, rowMembers(row))
    prev = sealed.hash
    return sealed.line.trimEnd()
  })
}

function genesisOf(dir: string): string {
  return (JSON.parse(readFileSync(join(dir, 'host-agent.checkpoints'), 'utf8').split('\n')[0] as string) as Checkpoint).genesis
}

/** Makes the log's own checkpoints fit what its files say now, as only the holder of its key can. */
export function sealAnew(dir: string, key: ReturnType<typeof aKeyPair>['key'], log = 'host-agent'): void {
  const genesis = (JSON.parse(all(dir)[0] as string) as Row).prev
  const at = '2026-01-01T00:00:00.000Z'
  const seals = [signCheckpoint(key, { log, genesis, size: 0, head: genesis, at })]
  for (const file of segmentFiles(dir).slice(0, -1)) {
    const { seq, hash } = JSON.parse(file.lines().at(-1) as string) as Row
    seals.push(signCheckpoint(key, { log, genesis, size: seq, head: hash, at }))
  }
  writeFileSync(join(dir, `${log}.checkpoints`), seals.map((seal) => `${JSON.stringify(seal)}\n`).join(''))
  rmSync(join(dir, `${log}.checkpoint`), { force: true })
}
