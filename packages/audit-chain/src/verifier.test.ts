import { afterAll, describe, expect, it } from 'vitest'
import type { Checkpoint } from './checkpoint.ts'
import { chain, check, day, filesOf, folder, genesis, good, type Over, other, rows, seal, sealsOf, textOf, told } from './made-log.fake.ts'

afterAll(() => folder.remove())

describe('a log by itself', () => {
  it('is whole: what it holds and where it stands', async () => {
    expect(await check(good)).toEqual({
      ok: true,
      log: 'host-agent',
      genesis,
      firstSeq: 1,
      size: 12,
      head: rows[11]?.hash,
      problems: [],
      restored: [],
      clockBack: [],
      tornBytes: 0,
      anchoredTo: 0,
      unanchored: 12,
    })
    const empty = { 'host-agent-000000000001.log': '', 'host-agent.checkpoints': `${JSON.stringify(seal(0, genesis))}\n` }
    expect(await check(empty)).toMatchObject({ ok: true, size: 0, head: genesis })
    expect(await check({ ...empty, 'host-agent-000000000001.log': null })).toMatchObject({ ok: true, size: 0, head: genesis })
  })

  it('names the first bad row and the log that it is of', async () => {
    const { ok, problems } = await check(
      filesOf(chain(12, { 6: { prev: 'e'.repeat(64) }, 10: { prev: 'e'.repeat(64) } }), [seal(0, genesis)]),
    )
    expect([ok, problems.map(({ log, kind, seq }) => `${log} ${kind} ${seq}`)]).toEqual([
      false,
      ['host-agent chain 6', 'host-agent chain 10'],
    ])
  })

  it.each<[string, Record<number, Over>, string[]]>([
    ['a row of another log', { 11: { log: 'docker-proxy' } }, ['foreign 11']],
    ['a row with a later number', { 11: { seq: 12 } }, ['order 11']],
    ['a row that names another before it', { 11: { prev: genesis } }, ['chain 11']],
    ['a time that goes back', { 11: { at: day(9) } }, ['time 11']],
  ])('finds %s', async (_, over, problems) => {
    expect(told(await check(filesOf(chain(12, over))))).toEqual(problems)
  })

  it('takes a time that goes back and says so, and one that stands still', async () => {
    expect(await check(filesOf(chain(12, { 11: { at: day(9), clockBack: true } })))).toMatchObject({ ok: true, clockBack: [11] })
    expect(await check(filesOf(chain(12, { 11: { at: day(10) } })))).toMatchObject({ ok: true, clockBack: [] })
  })

  it.each<[string, string, string[]]>([
    ['a changed character', (rows[9]?.line ?? '').replace('"t10"', '"tx0"'), ['edited 10', 'chain 11']],
    ['a changed hash', (rows[9]?.line ?? '').replace(/"hash":"...../, '"hash":"00000'), ['edited 10']],
    ['no row at all', '\n', ['edited 10', 'chain 11']],
    ['a line of JSON that is no row', 'null\n', ['edited 10', 'chain 11']],
    ['another row in its place', rows[8]?.line ?? '', ['order 10', 'chain 11']],
  ])('finds in place of a row %s', async (_, line, problems) => {
    const text = textOf(rows.slice(8, 9)) + line + textOf(rows.slice(10))
    const result = await check({ ...good, 'host-agent-000000000009.log': text })
    expect([told(result), result.size]).toEqual([problems, 12])
  })

  it('takes no text for a row that only bears a fitting hash', async () => {
    const { createHash } = await import('node:crypto')
    const text = '{"seq":10,}'
    const hash = createHash('sha256').update(`row\0${text}`).digest('hex')
    const line = `${text.slice(0, -1)},"hash":"${hash}"}\n`
    expect(told(await check({ ...good, 'host-agent-000000000009.log': textOf(rows.slice(8, 9)) + line }))).toEqual(['edited 10'])
  })

  it('counts a torn end of the last file and finds one in any other', async () => {
    const torn = rows[11]?.line.slice(0, -5) ?? ''
    expect(await check({ ...good, 'host-agent-000000000009.log': textOf(rows.slice(8, 11)) + torn })).toMatchObject({
      ok: true,
      size: 11,
      tornBytes: torn.length,
    })
    const middle = await check({ ...good, 'host-agent-000000000005.log': textOf(rows.slice(4, 8)).slice(0, -1) })
    expect(told(middle).slice(0, 2)).toEqual(['torn 8', 'missing 8'])
  })

  it('reads bytes without a line end in pieces, each a bad row', async () => {
    const junk = Buffer.alloc(3 * 1024 * 1024, 0x78)
    const result = await check({ ...good, 'host-agent-000000000009.log': junk })
    expect([told(result), result.size, result.tornBytes]).toEqual([['edited 9', 'edited 10', 'edited 11'], 11, 0])
    const little = await check({ ...good, 'host-agent-000000000009.log': Buffer.alloc(64 * 1024, 0x78) })
    expect([told(little), little.tornBytes]).toEqual([[], 64 * 1024])
    const more = await check({ ...good, 'host-agent-000000000009.log': Buffer.alloc(64 * 1024 + 1, 0x78) })
    expect([told(more), more.tornBytes]).toEqual([['edited 9'], 0])
  })

  it('reads rows that lie over the pieces in which a file is read', async () => {
    const seqs = Array.from({ length: 400 }, (_, at) => at + 1)
    const long = chain(400, Object.fromEntries(seqs.map((seq) => [seq, { at: day(1), row: { details: { x: 'y'.repeat(4_000) } } }])))
    const files = { 'host-agent-000000000001.log': textOf(long), 'host-agent.checkpoints': `${JSON.stringify(seal(0, genesis))}\n` }
    expect(await check(files)).toMatchObject({ ok: true, size: 400 })
  })

  it('is looked at up to a row while it is written', async () => {
    expect(await check(good, { upTo: 10 })).toMatchObject({ ok: true, size: 10, head: rows[9]?.hash })
    expect(await check(good, { upTo: 12 })).toMatchObject({ ok: true, size: 12 })
    expect(await check(good, { upTo: 6 })).toMatchObject({ size: 6 })
    const ahead = filesOf(rows, [...sealsOf(rows), seal(14, 'b'.repeat(64))])
    expect(await check(ahead, { upTo: 12 })).toMatchObject({ ok: true, size: 12 })
    expect(told(await check(ahead, { upTo: 14 }))).toEqual(['cut 13'])
    expect(told(await check(ahead))).toEqual(['cut 13'])
  })

  it('passes over files that are none of its segments', async () => {
    const strange = {
      'docker-proxy-000000000001.log': 'x\n',
      'host-agent-1.log': 'x\n',
      'other-logs-000000000013.log': 'x\n',
      'host-agent-000000000013.log.old': 'x\n',
      'host-agent-x000000000013.log': 'x\n',
    }
    expect(await check({ ...good, ...strange })).toMatchObject({ ok: true, size: 12 })
    expect(await check({ ...good, 'host-agent-0000000000000013.log': 'x\n' })).toMatchObject({ ok: true })
  })
})

describe('the segments and checkpoints of a log', () => {
  it('misses a file from the middle and one that does not belong', async () => {
    expect(told(await check({ ...good, 'host-agent-000000000005.log': null }))).toEqual(expect.arrayContaining(['missing 5', 'order 5']))
    expect(told(await check({ ...good, 'host-agent-000000000013.log': '', 'host-agent-000000000099.log': '' }))).toEqual(['missing 13'])
  })

  it('may begin later when a row says what was removed and a checkpoint what stood there', async () => {
    const removed = { 12: { row: { action: 'audit.segments.removed', details: { through: 4 } } } }
    const late = chain(12, removed)
    const files = { ...filesOf(late), 'host-agent-000000000001.log': null }
    expect(await check(files)).toMatchObject({ ok: true, firstSeq: 5, size: 12 })
    expect(told(await check({ ...good, 'host-agent-000000000001.log': null }))).toEqual(['missing 1'])
    const elsewhere = chain(12, { 12: { row: { action: 'runs.run.start', details: { through: 4 } } } })
    expect(told(await check({ ...filesOf(elsewhere), 'host-agent-000000000001.log': null }))).toEqual(['missing 1'])
    const less = chain(12, { 12: { row: { action: 'audit.segments.removed', details: { through: 3 } } } })
    expect(told(await check({ ...filesOf(less), 'host-agent-000000000001.log': null }))).toEqual(['missing 1'])
    const twice = chain(12, {
      ...removed,
      11: { row: { action: 'audit.segments.removed', details: { through: 4 } } },
      12: { row: { action: 'audit.segments.removed' } },
    })
    expect(told(await check({ ...filesOf(twice), 'host-agent-000000000001.log': null }))).toEqual([])
    const unsealed = filesOf(late, [seal(0, genesis), seal(8, late[7]?.hash ?? '')])
    expect(told(await check({ ...unsealed, 'host-agent-000000000001.log': null }))).toEqual(['missing 5', 'chain 5'])
  })

  it.each<[string, (all: Checkpoint[]) => object[], string[]]>([
    ['signed by another', (all) => [...all.slice(0, 2), seal(8, rows[7]?.hash ?? '', {}, other.key)], ['checkpoint-signature 9']],
    ['with a signature that is none', (all) => [...all.slice(0, 2), { ...all[2], signature: 7 }], ['checkpoint-signature 9']],
    ['of another log', (all) => [...all.slice(0, 2), seal(8, rows[7]?.hash ?? '', { log: 'docker-proxy' })], ['checkpoint-signature 9']],
    [
      'of another beginning',
      (all) => [...all.slice(0, 2), seal(8, rows[7]?.hash ?? '', { genesis: 'b'.repeat(64) })],
      ['checkpoint-signature 9'],
    ],
    ['that names another row', (all) => [...all.slice(0, 2), seal(8, 'b'.repeat(64))], ['rewritten 8']],
    ['that is larger than the log', (all) => [...all, seal(13, 'b'.repeat(64))], ['cut 13']],
  ])('finds one %s', async (_, change, problems) => {
    expect(told(await check(filesOf(rows, change(sealsOf(rows)))))).toEqual(problems)
  })

  it('finds the file of them gone, empty or spoilt, and passes over lines that are none', async () => {
    for (const text of [null, '', 'no json\n', '7\nnull\n'])
      expect(told(await check({ ...good, 'host-agent.checkpoints': text }))).toEqual(['genesis 1', 'chain 1'])
    expect(await check({ ...good, 'host-agent.checkpoints': `${good['host-agent.checkpoints']}{"log":\n7\nnull\n` })).toMatchObject({
      ok: true,
    })
  })

  it('is another log when the pinned beginning is another', async () => {
    expect(await check(good, { genesis })).toMatchObject({ ok: true })
    expect(told(await check(good, { genesis: 'b'.repeat(64) }))).toEqual(['genesis 1'])
  })
})
