import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Checkpoint, signCheckpoint } from './checkpoint.ts'
import { chain, day, filesOf, folder, genesis, good, logIn, other, put, rows, seal, textOf, told } from './made-log.fake.ts'
import type { aRow } from './sample-log.fake.ts'
import { type LogFolder, type verifyLog, verifyLogs } from './verifier.ts'

afterAll(() => folder.remove())

describe('a log that others have witnessed', () => {
  const keeperGenesis = 'c'.repeat(64)
  /** Another log, which holds these statements, each as the row of a witness. */
  const keeper = (said: readonly unknown[], row: Partial<Parameters<typeof aRow>[0]> = {}): LogFolder => {
    const over = said.map((checkpoint) => ({ row: { action: 'audit.checkpoint.witnessed', details: { checkpoint }, ...row } }))
    const own = chain(said.length, Object.fromEntries(over.map((one, at) => [at + 1, one])), { log: 'docker-proxy', first: keeperGenesis })
    const first = signCheckpoint(other.key, { log: 'docker-proxy', genesis: keeperGenesis, size: 0, head: keeperGenesis, at: day(0) })
    const dir = put({ 'docker-proxy-000000000001.log': textOf(own), 'docker-proxy.checkpoints': `${JSON.stringify(first)}\n` })
    return { dir, log: 'docker-proxy', publicKey: other.publicKey }
  }
  const against = async (said: readonly unknown[], files: Record<string, string | null> = good) =>
    (await verifyLogs([logIn(files), keeper(said)]))[0] as Awaited<ReturnType<typeof verifyLog>>
  const at = (size: number, more: Partial<Checkpoint> = {}) =>
    seal(size, size === 0 ? genesis : (rows[size - 1]?.hash ?? 'b'.repeat(64)), more)

  it('is anchored to the furthest statement that it bears out', async () => {
    expect(await against([])).toMatchObject({ ok: true, anchoredTo: 0, unanchored: 12 })
    expect(await against([at(0)])).toMatchObject({ ok: true, anchoredTo: 0, unanchored: 12 })
    expect(await against([at(3), at(7), at(5)])).toMatchObject({ ok: true, anchoredTo: 7, unanchored: 5 })
    expect(await against([at(1), at(12)])).toMatchObject({ ok: true, anchoredTo: 12, unanchored: 0 })
  })

  it.each<[string, unknown, string[]]>([
    ['more rows than there are', at(14), ['cut 13']],
    ['exactly one row more', at(13), ['cut 13']],
    ['another row', seal(5, 'b'.repeat(64)), ['rewritten 5']],
    ['another first row', seal(1, 'b'.repeat(64)), ['rewritten 1']],
    ['another beginning of no rows', seal(0, 'b'.repeat(64)), ['rewritten 0']],
    ['another genesis', at(5, { genesis: 'b'.repeat(64) }), ['genesis 5']],
    ['what this log never signed', seal(5, rows[4]?.hash ?? '', {}, other.key), ['checkpoint-signature 5']],
  ])('is found out by a statement of %s', async (_, said, problems) => {
    const result = await against([said])
    expect([result.ok, told(result), result.anchoredTo]).toEqual([false, problems, 0])
    expect(result.problems[0]?.log).toBe('host-agent')
    expect(result.problems[0]?.message).toContain('docker-proxy')
  })

  it('is held against rows of done witnesses alone, and against statements about it alone', async () => {
    const lie = seal(5, 'b'.repeat(64))
    const about = seal(5, 'b'.repeat(64), { log: 'platform-service' })
    expect(await against([about])).toMatchObject({ ok: true, anchoredTo: 0 })
    for (const row of [{ outcome: 'denied' as const }, { action: 'audit.checkpoint.refused' }])
      expect((await verifyLogs([logIn(good), keeper([lie], row)]))[0]).toMatchObject({ ok: true, anchoredTo: 0 })
    for (const nothing of [null, 7, 'x']) expect(await against([nothing])).toMatchObject({ ok: true })
  })

  it('bears out nothing by what it says of itself', async () => {
    const self = chain(12, { 12: { row: { action: 'audit.checkpoint.witnessed', details: { checkpoint: at(3) } } } })
    expect((await verifyLogs([logIn(filesOf(self))]))[0]).toMatchObject({ ok: true, anchoredTo: 0 })
  })

  it('passes over statements about rows that were removed, and holds the last of those and the first that is left', async () => {
    const late = chain(12, { 12: { row: { action: 'audit.segments.removed', details: { through: 4 } } } })
    const files = { ...filesOf(late), 'host-agent-000000000001.log': null }
    const of = (size: number) => seal(size, late[size - 1]?.hash ?? '')
    expect(await against([seal(2, 'b'.repeat(64))], files)).toMatchObject({ ok: true, anchoredTo: 0 })
    expect(await against([of(4)], files)).toMatchObject({ ok: true, anchoredTo: 4 })
    expect(await against([of(5)], files)).toMatchObject({ ok: true, anchoredTo: 5 })
    expect(told(await against([seal(5, 'b'.repeat(64))], files))).toEqual(['rewritten 5'])
  })

  it('is held against copies kept outside', async () => {
    const [whole] = await verifyLogs([logIn(good)], [{ by: 'copy', checkpoint: at(9) }])
    expect(whole).toMatchObject({ ok: true, anchoredTo: 9 })
    const [cut] = await verifyLogs([logIn(good)], [{ by: 'copy', checkpoint: at(20) }])
    expect([cut?.ok, cut?.problems[0]?.message.includes('copy')]).toEqual([false, true])
  })

  /** A folder in which something happens at the moment it is read. */
  const whenRead = (of: LogFolder, happen: () => void): LogFolder => ({
    ...of,
    get dir() {
      happen()
      return of.dir
    },
  })

  it('has lost nothing when it grew and was witnessed after it had been read', async () => {
    const short = logIn(filesOf(rows.slice(0, 10)))
    const grow = () => writeFileSync(join(short.dir, 'host-agent-000000000009.log'), textOf(rows.slice(8)))
    const [grown] = await verifyLogs([short, whenRead(keeper([at(12)]), grow)])
    expect(grown).toMatchObject({ ok: true, size: 12, anchoredTo: 12 })
  })

  it('is still a witness of others when it is read again', async () => {
    const said = signCheckpoint(other.key, { log: 'docker-proxy', genesis: keeperGenesis, size: 9, head: 'b'.repeat(64), at: day(0) })
    const holding = chain(12, { 2: { row: { action: 'audit.checkpoint.witnessed', details: { checkpoint: said } } } })
    const short = logIn(filesOf(holding.slice(0, 10)))
    const grow = () => writeFileSync(join(short.dir, 'host-agent-000000000009.log'), textOf(holding.slice(8)))
    const [grown, cut] = await verifyLogs([short, whenRead(keeper([seal(12, holding[11]?.hash ?? '')]), grow)])
    expect(grown).toMatchObject({ ok: true, size: 12, anchoredTo: 12 })
    expect([cut?.ok, cut && told(cut)]).toEqual([false, ['cut 2']])
  })

  it('tells the first bad row first, however it was found out', async () => {
    const odd = chain(12, { 3: { prev: 'b'.repeat(64) } })
    const forged = [seal(0, genesis), seal(4, odd[3]?.hash ?? ''), seal(8, odd[7]?.hash ?? '', {}, other.key)]
    const [result] = await verifyLogs([logIn(filesOf(odd, forged))])
    expect(result && told(result)).toEqual(['chain 3', 'checkpoint-signature 9'])
  })

  it('adds what others say to what is wrong by itself', async () => {
    const result = await against([at(14)], filesOf(chain(12, { 12: { at: day(2) } })))
    expect(told(result)).toEqual(['time 12', 'cut 13'])
  })
})
