import { describe, expect, it } from 'vitest'
import { judgePoint, type Mark } from './judge-point.ts'
import type { RawPoint } from './raw-otlp.ts'

const nowMs = Date.parse('2026-06-30T12:00:00.000Z')
const point = (over: Partial<RawPoint> = {}): RawPoint => ({
  name: 'gen_ai.invoke_agent.duration',
  unit: 's',
  form: 'histogram',
  cumulative: false,
  startMs: nowMs - 60_000,
  atMs: nowMs,
  count: 3,
  sum: 4,
  buckets: [1, 2, 0],
  bounds: [1, 4],
  attributes: new Map([['gen_ai.agent.name', 'main']]),
  resource: new Map(),
  ...over,
})
/** What several points of a stream say, one after the other. */
const told = (...points: RawPoint[]) => {
  const marks = new Map<number, Mark>()
  return points.map((one) => {
    const judged = judgePoint(one, nowMs, (id) => marks.get(id))
    if (typeof judged === 'string') return judged
    if (judged.mark) marks.set(judged.mark[0], judged.mark)
    return judged.signals
  })
}
const counts = (signals: ReturnType<typeof told>[number] | undefined) =>
  typeof signals === 'string' ? signals : signals?.map(({ count, durationMs, outcome }) => [count, durationMs, outcome])

describe('a point of a metric', () => {
  it('stands for as many as fell into each bucket, in the middle of it', () => {
    expect(counts(told(point())[0])).toEqual([
      [1, 500, 'ok'],
      [2, 2_000, 'ok'],
    ])
    expect(counts(told(point({ unit: 'ms', buckets: [0, 0, 1], bounds: [1_000, 4_000], count: 1 }))[0])).toEqual([[1, 4_000, 'ok']])
    expect(counts(told(point({ attributes: new Map([['error.type', 'timeout']]), buckets: [], bounds: [] }))[0])).toEqual([
      [3, null, 'failed'],
    ])
  })

  it('of a growing count adds what grew, and counts anew what began anew or went back', () => {
    const grown = told(
      point({ cumulative: true }),
      point({ cumulative: true, count: 5, sum: 9, buckets: [1, 3, 1] }),
      point({ cumulative: true, count: 5, sum: 9, buckets: [1, 3, 1] }),
      point({ cumulative: true, startMs: nowMs, count: 1, sum: 1, buckets: [1, 0, 0] }),
      point({ cumulative: true, startMs: nowMs, count: 1, sum: 1, buckets: [0, 1, 0] }),
    )
    expect(grown.map(counts)).toEqual([
      [
        [1, 500, 'ok'],
        [2, 2_000, 'ok'],
      ],
      [
        [1, 2_000, 'ok'],
        [1, 4_000, 'ok'],
      ],
      [],
      [[1, 500, 'ok']],
      [[1, 2_000, 'ok']],
    ])
  })

  it('has an id of its own where it stands for a time of its own, so that it counts once', () => {
    const [first, again, next] = told(point(), point(), point({ startMs: nowMs - 1 }))
    const ids = (signals: typeof first) => (typeof signals === 'string' ? [] : signals?.map(({ id }) => id))
    expect(ids(first)).toEqual(ids(again))
    expect(new Set([...(ids(first) ?? []), ...(ids(next) ?? [])]).size).toBe(4)
  })

  it('tells tokens by their type, and cost', () => {
    const tokens = (type: string) =>
      point({ name: 'gen_ai.client.token.usage', sum: 70, attributes: new Map([['gen_ai.token.type', type]]) })
    const cost = point({ name: 'hermes.cost.usage', form: 'sum', sum: 0.25, buckets: [], bounds: [], count: 0 })
    expect(told(tokens('input'), tokens('output'), cost)).toMatchObject([
      [{ tokensIn: 70, tokensOut: null, count: 0 }],
      [{ tokensIn: null, tokensOut: 70, count: 0 }],
      [{ costUsd: 0.25, count: 0 }],
    ])
  })

  it.each([
    ['another form', { form: null }, 'only sums and histograms with explicit bounds are taken'],
    ['the future', { atMs: nowMs + 400_000 }, 'a point is of the future'],
    ['long ago', { atMs: nowMs - 31 * 86_400_000 }, 'a point is older than 30 days'],
    ['bounds that do not fit', { bounds: [1] }, 'the buckets of a histogram do not fit its bounds'],
    ['a count below nothing', { count: -1 }, 'a point has no numbers that can be counted'],
    ['no number', { sum: Number.NaN }, 'a point has no numbers that can be counted'],
  ] as const)('is not taken with %s', (_, over, why) => {
    expect(told(point(over))).toEqual([why])
  })
})
