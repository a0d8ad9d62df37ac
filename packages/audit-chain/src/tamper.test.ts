import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signCheckpoint } from './checkpoint.ts'
import type { Row } from './log.ts'
import { rowMembers, sealRow } from './row.ts'
import { aFolder, aRow, openSample, segmentFiles } from './sample-log.fake.ts'
import { anchored, careful, clumsy, type Lines, makeSite, positions, rechain, rows, type Site, type Tampering } from './tamper.fake.ts'
import { type LogFolder, verifyLog, verifyLogs } from './verifier.ts'

let site: Site
let victim: Site['victim']
let keeper: Site['keeper']
let folder: Site['folder']
const copyOf = () => site.copyOf()
const folders = (dir: string) => site.folders(dir)
const all = (dir: string) => site.all(dir)
const put = (dir: string, lines: Lines) => site.put(dir, lines)
const genesisOf = (dir: string) => site.genesisOf(dir)
const sealAnew = (dir: string) => site.sealAnew(dir)
beforeAll(async () => {
  site = await makeSite()
  ;({ victim, keeper, folder } = site)
})
afterAll(() => folder.remove())

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
