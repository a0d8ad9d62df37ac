import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Checkpoint, signCheckpoint } from './checkpoint.ts'
import { openAuditLog, type Row } from './log.ts'
import { rowMembers, sealRow } from './row.ts'
import { aFolder, aKeyPair, aRow, openSample, segmentFiles } from './sample-log.fake.ts'
import { type LogFolder, verifyLog, verifyLogs } from './verifier.ts'

const victim = aKeyPair()
const keeper = aKeyPair()
const rows = 100
const anchored = 80
const folder = aFolder()
const victimDir = join(folder.dir, 'victim')
const keeperDir = join(folder.dir, 'keeper')
let copies = 0

beforeAll(async () => {
  const log = await openAuditLog({ dir: victimDir, name: 'host-agent', key: victim.key, reserveBytes: 0, segmentBytes: 6000 })
  const other = await openAuditLog({ dir: keeperDir, name: 'docker-proxy', key: keeper.key, reserveBytes: 0 })
  for (let seq = 1; seq <= rows; seq += 1) {
    await log.append(aRow({ requestId: `r${seq}`, target: `t${seq}` }))
    if (seq === anchored) await other.witness(await log.checkpoint(), { publicKey: victim.publicKey, requestId: 'c' })
  }
  await log.close()
  await other.close()
})
afterAll(() => folder.remove())

type Lines = string[]
type Tampering = { readonly name: string; readonly change: (lines: Lines, at: number) => Lines; readonly firstBad?: string }

/** What anybody can do who may write the files. */
const clumsy: readonly Tampering[] = [
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
const careful: readonly Tampering[] = [
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

const positions = [2, 3, 11, 26, 40, 41, 63, 77]

describe('tampering with a log that another one has witnessed', () => {
  test('without tampering everything holds, and what is not yet witnessed is counted', async () => {
    const [log, other] = await verifyLogs(folders(copyOf()))
    expect(log).toMatchObject({ ok: true, size: rows, anchoredTo: anchored, unanchored: rows - anchored })
    expect(other).toMatchObject({ ok: true, unanchored: 1 })
  })

  test.each(clumsy)('$name is caught', async ({ change, firstBad }) => {
    for (const at of positions) {
      const dir = copyOf()
      put(dir, change(all(dir), at))
      const [log] = await verifyLogs(folders(dir))
      expect(log?.ok).toBe(false)
      if (firstBad !== undefined) expect(log?.problems[0]).toMatchObject({ seq: at, kind: firstBad })
    }
  })

  test.each([...careful, clumsy[4] as Tampering])('$name is caught even when done with the key of the log', async ({ change }) => {
    for (const at of positions) {
      const dir = copyOf()
      put(dir, change(all(dir), at))
      sealAnew(dir)
      expect(await verifyLog(folders(dir)[0] as LogFolder), 'the chain alone holds').toMatchObject({ ok: true })
      expect((await verifyLogs(folders(dir)))[0]?.ok).toBe(false)
    }
  })

  test.each(careful)('$name is caught without the key by the log itself', async ({ change }) => {
    const dir = copyOf()
    put(dir, change(all(dir), 11))
    expect((await verifyLog(folders(dir)[0] as LogFolder)).ok).toBe(false)
  })

  test('what only one rule sees is seen', async () => {
    const kindOf = async (change: (lines: Lines) => Lines) => {
      const dir = copyOf()
      put(dir, change(all(dir)))
      return (await verifyLog(folders(dir)[0] as LogFolder)).problems[0]
    }
    const anew = (line: string, change: (row: Row) => Partial<Row>) => {
      const row = JSON.parse(line) as Row
      const { seq, at, log, prev } = { ...row, ...change(row) }
      return sealRow({ seq, at, log, prev }, rowMembers(row)).line.trimEnd()
    }
    const last = (lines: Lines, change: (row: Row) => Partial<Row>) => lines.with(rows - 1, anew(lines[rows - 1] as string, change))
    expect(await kindOf((lines) => last(lines, () => ({ prev: 'e'.repeat(64) })))).toMatchObject({ seq: rows, kind: 'chain' })
    expect(await kindOf((lines) => last(lines, () => ({ seq: rows + 1 })))).toMatchObject({ seq: rows, kind: 'order' })
    expect(await kindOf((lines) => last(lines, () => ({ log: 'docker-proxy' })))).toMatchObject({ seq: rows, kind: 'foreign' })
    expect(await kindOf((lines) => last(lines, () => ({ at: '2001-01-01T00:00:00.000Z' })))).toMatchObject({ seq: rows, kind: 'time' })
    expect(await kindOf((lines) => lines.slice(0, 11))).toMatchObject({ seq: 12, kind: 'cut' })
  })

  test('another log in the place of the witnessed one is named as such', async () => {
    const dir = copyOf()
    put(dir, (careful[0] as Tampering).change(all(dir), 0))
    sealAnew(dir)
    expect((await verifyLogs(folders(dir)))[0]?.problems[0]).toMatchObject({ kind: 'genesis' })
  })

  test('a log that grew and was witnessed after it was read is not taken for cut', async () => {
    const live = copyOf()
    const grown = copyOf()
    const log = await openSample({ dir: grown, key: victim.key })
    const other = await openSample({ dir: join(folder.dir, 'other'), name: 'docker-proxy', key: keeper.key })
    await log.append(aRow())
    await other.witness(await log.checkpoint(), { publicKey: victim.publicKey, requestId: 'c' })
    await log.close()
    await other.close()
    const second = {
      log: 'docker-proxy',
      publicKey: keeper.publicKey,
      // Asked for when the first log has been read: that is when it grows.
      get dir() {
        cpSync(grown, live, { recursive: true })
        return join(folder.dir, 'other')
      },
    }
    expect((await verifyLogs([folders(live)[0] as LogFolder, second]))[0]).toMatchObject({ ok: true, size: rows + 1, anchoredTo: rows + 1 })
  })

  test('a deleted folder is caught', async () => {
    const dir = copyOf()
    for (const { path } of segmentFiles(dir)) rmSync(path)
    expect((await verifyLogs(folders(dir)))[0]?.problems.map((problem) => problem.kind)).toContain('cut')
    rmSync(join(dir, 'host-agent.checkpoints'))
    expect((await verifyLogs(folders(dir)))[0]?.problems.map((problem) => problem.kind)).toContain('genesis')
  })

  test('a whole machine set back is caught by a copy kept elsewhere only', async () => {
    const dir = copyOf()
    const all100 = all(dir)
    const last = JSON.parse(all100[rows - 1] as string) as Row
    const copy = signCheckpoint(victim.key, { log: 'host-agent', genesis: genesisOf(dir), size: rows, head: last.hash, at: last.at })
    put(dir, all100.slice(0, 90))
    sealAnew(dir)
    expect((await verifyLogs(folders(dir)))[0]).toMatchObject({ ok: true, unanchored: 10 })
    expect((await verifyLogs(folders(dir), [{ by: 'copy', checkpoint: copy }]))[0]).toMatchObject({
      ok: false,
      problems: [{ kind: 'cut', seq: 91 }],
    })
  })

  test('different statements to different others are caught', async () => {
    const dir = copyOf()
    const lie = signCheckpoint(victim.key, {
      log: 'host-agent',
      genesis: genesisOf(dir),
      size: 50,
      head: 'e'.repeat(64),
      at: '2026-01-01T00:00:00.000Z',
    })
    expect((await verifyLogs(folders(dir), [{ by: 'third', checkpoint: lie }]))[0]?.problems).toMatchObject([
      { kind: 'rewritten', seq: 50 },
    ])
  })

  test('a pinned genesis tells a log that was made anew', async () => {
    const dir = copyOf()
    const [first] = folders(dir)
    expect(await verifyLog({ ...(first as LogFolder), genesis: genesisOf(dir) })).toMatchObject({ ok: true })
    expect(await verifyLog({ ...(first as LogFolder), genesis: '0'.repeat(64) })).toMatchObject({
      ok: false,
      problems: [{ kind: 'genesis' }],
    })
  })

  test('a checkpoint with a false signature is told, in the log itself and in another', async () => {
    const dir = copyOf()
    const path = join(dir, 'host-agent.checkpoints')
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"signature":"..../, '"signature":"AAAA'))
    expect((await verifyLog(folders(dir)[0] as LogFolder)).problems[0]).toMatchObject({ kind: 'checkpoint-signature' })
    const forged = {
      ...signCheckpoint(keeper.key, {
        log: 'host-agent',
        genesis: genesisOf(dir),
        size: 5,
        head: 'e'.repeat(64),
        at: '2026-01-01T00:00:00.000Z',
      }),
    }
    expect((await verifyLogs(folders(copyOf()), [{ by: 'x', checkpoint: forged }]))[0]?.problems).toMatchObject([
      { kind: 'checkpoint-signature' },
    ])
  })

  test('any byte changed in any file is told or harmless, and never stops the verifier', async () => {
    const dir = copyOf()
    const files = readdirSync(dir).map((file) => join(dir, file))
    const originals = files.map((file) => readFileSync(file))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(files.length - 1),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat(255),
        async (which, where, byte) => {
          const [file, original] = [files[which] as string, originals[which] as Buffer]
          const at = Math.floor(where * original.length)
          fc.pre(original[at] !== byte)
          const changed = Buffer.from(original)
          changed[at] = byte
          writeFileSync(file, changed)
          const [log] = await verifyLogs(folders(dir)).finally(() => writeFileSync(file, original))
          if (file.endsWith('.log')) expect(log?.ok === true && log.size === rows && log.tornBytes === 0).toBe(false)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('bytes that are no rows at all are told and do not stop the verifier', async () => {
    const dir = copyOf()
    const [first] = segmentFiles(dir)
    writeFileSync(first?.path as string, Buffer.concat([Buffer.alloc(300_000, 0xff), Buffer.from('\n{"seq":1}\n[]\nnull\n')]))
    expect((await verifyLogs(folders(dir)))[0]?.problems[0]).toMatchObject({ seq: 1, kind: 'edited' })
  })

  test('a log with an edited row opens for reading, names the row, and takes none', async () => {
    const dir = copyOf()
    put(dir, (clumsy[0] as Tampering).change(all(dir), rows - 1))
    const log = await openSample({ dir, key: victim.key })
    await expect(log.append(aRow())).rejects.toMatchObject({
      trouble: 'broken',
      message: expect.stringContaining(`row ${rows - 1}`) as string,
    })
    expect(log.health().ok).toBe(false)
    await log.close()
  })

  test('rows that are whole, but do not follow the ones before them, are found when the log is opened', async () => {
    const dir = copyOf()
    const last = segmentFiles(dir).at(-1)
    const first = (JSON.parse(last?.lines()[0] as string) as Row).seq
    put(dir, rechain(all(dir), first, 'e'.repeat(64)))
    const log = await openSample({ dir, key: victim.key })
    await expect(log.append(aRow())).rejects.toMatchObject({
      trouble: 'broken',
      message: expect.stringContaining(`row ${first}`) as string,
    })
    await log.close()
  })

  test('a log that lost its last rows, or all of them, does not go on as if nothing were', async () => {
    for (const left of [90, 0]) {
      const dir = copyOf()
      const before = await openSample({ dir, key: victim.key })
      await before.checkpoint()
      await before.close()
      if (left === 0) for (const { path } of segmentFiles(dir)) rmSync(path)
      else put(dir, all(dir).slice(0, left))
      const log = await openSample({ dir, key: victim.key })
      await expect(log.append(aRow())).rejects.toMatchObject({ trouble: 'broken' })
      await log.close()
    }
  })
})

test('100 thousand rows are verified in less than 10 s: a fifth of them in a fifth of that', async () => {
  const big = aFolder()
  const log = await openSample({ dir: big.dir, key: victim.key })
  await Promise.all(
    Array.from({ length: 20_000 }, (_, index) => log.append(aRow({ requestId: `r${index}`, input: { reason: 'x'.repeat(200) } }))),
  )
  const from = performance.now()
  expect(await log.verify()).toMatchObject({ ok: true, size: 20_000 })
  expect(performance.now() - from).toBeLessThan(2000)
  await log.close()
  big.remove()
})

function copyOf(): string {
  copies += 1
  const dir = join(folder.dir, `copy-${copies}`)
  cpSync(victimDir, dir, { recursive: true })
  return dir
}

function folders(dir: string): LogFolder[] {
  return [
    { dir, log: 'host-agent', publicKey: victim.publicKey },
    { dir: keeperDir, log: 'docker-proxy', publicKey: keeper.publicKey },
  ]
}

function all(dir: string): Lines {
  return segmentFiles(dir).flatMap((file) => file.lines())
}

/** Puts lines into the files that are there, as many into each as there were; the last takes the rest. */
function put(dir: string, lines: Lines): void {
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
function rechain(lines: Lines, from: number, genesis?: string): Lines {
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
function sealAnew(dir: string): void {
  const genesis = (JSON.parse(all(dir)[0] as string) as Row).prev
  const at = '2026-01-01T00:00:00.000Z'
  const seals = [signCheckpoint(victim.key, { log: 'host-agent', genesis, size: 0, head: genesis, at })]
  for (const file of segmentFiles(dir).slice(0, -1)) {
    const { seq, hash } = JSON.parse(file.lines().at(-1) as string) as Row
    seals.push(signCheckpoint(victim.key, { log: 'host-agent', genesis, size: seq, head: hash, at }))
  }
  writeFileSync(join(dir, 'host-agent.checkpoints'), seals.map((seal) => `${JSON.stringify(seal)}\n`).join(''))
  rmSync(join(dir, 'host-agent.checkpoint'), { force: true })
}
