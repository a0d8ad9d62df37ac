import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Signal } from './signal.ts'
import { openSignalDesk } from './signal-desk.ts'

const dayMs = 86_400_000
const nowMs = Date.parse('2026-06-30T12:30:00.000Z')
const signal = (id: number | null, over: Partial<Signal> = {}): Signal => ({
  source: 'traces',
  kind: 'turn',
  agent: 'main',
  model: null,
  atMs: nowMs,
  durationMs: 100,
  outcome: 'ok',
  error: null,
  tokensIn: null,
  tokensOut: null,
  costUsd: null,
  id,
  ...over,
})

describe('the desk of signals', () => {
  let base: string
  let dir: string
  let clock = nowMs
  const said: string[] = []
  const open = (at = dir) => openSignalDesk({ dir: at, now: () => clock, log: (message) => void said.push(message) })
  const take = (desk: ReturnType<typeof open>, ...signals: Signal[]) => desk.take({ instance: 'vm', keyId: 'k1', signals })
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'signals-'))
    dir = join(base, 'signals')
    clock = nowMs
    said.length = 0
  })
  afterEach(() => rmSync(base, { recursive: true, force: true }))

  it('counts each once, also what was sent again while its first sending was under way', async () => {
    const desk = open()
    const taken = await Promise.all([take(desk, signal(1), signal(2)), take(desk, signal(2), signal(3)), take(desk, signal(1))])
    expect(taken).toEqual([2, 1, 0])
    expect(desk.tell('24h')[0]?.health).toMatchObject({ total: 3, failures: 0, failureRate: 0 })
    expect(desk.useOf('k1')).toEqual({ firstMs: nowMs, lastMs: nowMs })
    await desk.stop()
  })

  it('hears of no agent, and writes nothing, where nothing was sent', async () => {
    const desk = open()
    expect(await take(desk)).toBe(0)
    expect([
      desk.useOf('k1'),
      desk.tell('24h'),
      readdirSync(dir)
        .map((file) => readFileSync(join(dir, file), 'utf8'))
        .join(''),
    ]).toEqual([null, [], ''])
    // A growing count is one, though nothing is counted before its second point.
    await desk.take({ instance: 'vm', keyId: 'k1', signals: [], marks: [[1, nowMs, 4, 400, [4]]] })
    expect(desk.useOf('k1')).toEqual({ firstMs: nowMs, lastMs: nowMs })
    await desk.stop()
  })

  it('has everything that it answered for, and each once, after it was ended at any moment', async () => {
    const desk = open()
    for (let n = 0; n < 5; n += 1) await take(desk, signal(n), signal(null, { tokensIn: 5, count: 0 }))
    // A copy of the folder as it lies: what a killed process leaves. Its last line is cut, since it was never answered for.
    const left = join(base, 'left')
    cpSync(dir, left, { recursive: true })
    appendFileSync(join(left, '000000001.ndjson'), '{"instance":"vm","keyI')
    const again = open(left)
    expect(again.tell('24h')).toEqual(desk.tell('24h'))
    expect(again.tell('24h')[0]?.health).toMatchObject({ total: 5, tokensIn: 25 })
    expect(await take(again, signal(4), signal(5))).toBe(1)
    await again.stop()
    const third = open(left)
    expect(readdirSync(left)).toEqual(['state.json'])
    expect(third.tell('24h')[0]?.health?.total).toBe(6)
    expect(await take(third, signal(0), signal(5))).toBe(0)
    await third.stop()
    await desk.stop()
  })

  it('refuses what it cannot write, counts none of it, and takes it when it is sent again', async () => {
    const desk = open()
    await take(desk, signal(1))
    await desk.stop()
    // A folder stands where the next one would be made.
    const broken = open()
    mkdirSync(join(dir, '000000002.ndjson'))
    await expect(take(broken, signal(2))).rejects.toMatchObject({
      code: 'HERMES_SIGNALS_FULL',
      status: 503,
      headers: { 'retry-after': '30' },
    })
    expect(broken.tell('24h')[0]?.health?.total).toBe(1)
    rmSync(join(dir, '000000002.ndjson'), { recursive: true })
    expect(await take(broken, signal(2))).toBe(1)
    expect(broken.tell('24h')[0]?.health?.total).toBe(2)
    expect(said).toEqual(['signals could not be written'])
    await broken.stop()
  })

  it('answers for nothing that was sent again while its first sending failed', async () => {
    const desk = open()
    mkdirSync(join(dir, '000000001.ndjson'))
    const first = take(desk, signal(1))
    const again = underWay().then(() => take(desk, signal(1)))
    expect((await Promise.allSettled([first, again])).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await take(desk, signal(1))).toBe(1)
    await desk.stop()
  })

  it('holds no more than 16 MiB for a disk that is slow, and takes more when that is written', async () => {
    const desk = open()
    const long = () => take(desk, signal(null, { agent: 'x'.repeat(5 * 1_048_576) }))
    const sent = await Promise.allSettled([long(), long(), long(), long()])
    expect(sent.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
    expect(await long()).toBe(1)
    await desk.stop()
  })

  it('tells null, not zero, of what nobody sent, and lets go of what is older than thirty days', async () => {
    const desk = open()
    expect(desk.tell('30d')).toEqual([])
    await take(desk, signal(1, { outcome: 'neither', durationMs: null }))
    expect(desk.tell('24h')[0]?.health).toEqual({
      total: 1,
      failures: 0,
      failureRate: null,
      p50Ms: null,
      p95Ms: null,
      lastSuccessAt: null,
      lastFailureAt: null,
      lastError: null,
      tokensIn: null,
      tokensOut: null,
      costUsd: null,
    })
    clock += 2 * dayMs
    expect(desk.tell('24h')[0]).toMatchObject({ source: null, health: null, series: [], lastSeenAt: new Date(nowMs).toISOString() })
    expect(desk.tell('7d')[0]?.health?.total).toBe(1)
    clock += 29 * dayMs
    await desk.stop()
    const later = open()
    expect(later.tell('30d')).toEqual([])
    await later.stop()
  })

  it('keeps a bounded number of series, whatever names are sent', async () => {
    const desk = open()
    await take(desk, ...Array.from({ length: 5_000 }, (_, n) => signal(n, { agent: `agent ${n}`, model: `model ${n}` })))
    const [told] = desk.tell('24h')
    expect(told?.series.length).toBeLessThanOrEqual(65)
    expect(told?.series[0]).toMatchObject({ agent: 'others', model: null })
    expect(told?.health?.total).toBe(5_000)
    await desk.stop()
    expect(readFileSync(join(dir, 'state.json'), 'utf8').length).toBeLessThan(200_000)
  })

  it('goes on from where a growing count had come, also after a restart', async () => {
    const desk = open()
    const mark = [7, nowMs, 3, 1.5, [1, 2]] as const
    await desk.take({ instance: 'vm', keyId: 'k1', signals: [], marks: [mark] })
    expect([desk.markOf('vm', 7), desk.markOf('uma', 7)]).toEqual([mark, undefined])
    await desk.stop()
    const again = open()
    expect(again.markOf('vm', 7)).toEqual(mark)
    await again.stop()
  })

  it('starts with what it can read of a damaged folder, and says what it cannot', async () => {
    mkdirSync(dir)
    writeFileSync(join(dir, 'state.json'), '{"through":')
    writeFileSync(
      join(dir, '000000001.ndjson'),
      `{"instance"\n${JSON.stringify({ instance: 'vm', keyId: 'k1', atMs: nowMs, signals: [signal(1)] })}\n`,
    )
    const desk = open()
    expect(desk.tell('24h')[0]?.health?.total).toBe(1)
    expect(said).toHaveLength(2)
    await desk.stop()
    expect(readdirSync(dir).sort()).toEqual(['state.json', 'state.json.damaged'])
  })

  it.each([
    { share: 0.5, expected: 500 },
    { share: 0.95, expected: 950 },
  ])('tells how long $share of a thousand took, to about a twentieth', async ({ share, expected }) => {
    const desk = open()
    await take(desk, ...Array.from({ length: 1_000 }, (_, n) => signal(n, { durationMs: n + 1 })))
    const health = desk.tell('24h')[0]?.health
    const told = share === 0.5 ? health?.p50Ms : health?.p95Ms
    expect(Math.abs((told ?? 0) - expected) / expected).toBeLessThan(0.06)
    await desk.stop()
  })
})

/** Until a line that was handed in is being written, and others wait behind it. */
async function underWay(): Promise<void> {
  for (let n = 0; n < 5; n += 1) await Promise.resolve()
}
