import type { HermesOps } from '@console/contracts/hermes/schemas'
import { describe, expect, it } from 'vitest'
import {
  isBackupStale,
  isStale,
  keepTrend,
  merged,
  minutesSince,
  readTrends,
  type Shelf,
  type Trend,
  trendOf,
  trendsKey,
} from './trends.ts'

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 28, 12, minute)).toISOString()
const trend = (minute: number, more: Partial<Trend> = {}): Trend => ({
  ...{ generatedAt: at(minute), warnings: 1, healthy: 1, unknown: 0, total: 2, backup: { vm: 6, uma: null } },
  ...more,
})
const shelfWith = (text: string | null): Shelf & { text: string | null } => ({
  text,
  getItem: (key) => (key === trendsKey ? shelf.text : null),
  setItem(_key, value) {
    shelf.text = value
  },
})
let shelf = shelfWith(null)
const holding = (value: unknown) => {
  shelf = shelfWith(typeof value === 'string' ? value : JSON.stringify(value))
  return shelf
}

describe('the trend of snapshots', () => {
  it('keeps each snapshot once, by when it was made', () => {
    const kept = keepTrend(holding([trend(1), trend(2)]), [], trend(2, { warnings: 5 }))
    expect(kept.map(({ generatedAt, warnings }) => [generatedAt, warnings])).toEqual([
      [at(1), 1],
      [at(2), 5],
    ])
    expect(keepTrend(shelf, kept, trend(2, { warnings: 5 }))).toEqual(kept)
    expect(JSON.parse(shelf.text ?? '')).toEqual(kept)
  })

  it('keeps the newest 24, in their order, however they came', () => {
    const all = Array.from({ length: 30 }, (_, minute) => trend(29 - minute))
    const kept = merged([], all)
    expect([kept.length, kept[0]?.generatedAt, kept.at(-1)?.generatedAt]).toEqual([24, at(6), at(29)])
    expect(keepTrend(holding(all), [], trend(30))).toHaveLength(24)
  })

  it('reads nothing of another shape', () => {
    const odd: unknown[] = [
      ...[null, 5, 'x', [], {}],
      { ...trend(3), extra: 1 },
      { ...trend(3), warnings: -1 },
      { ...trend(3), warnings: '1' },
      { ...trend(3), healthy: 1.5 },
      { ...trend(3), generatedAt: 'yesterday' },
      { ...trend(3), generatedAt: '2026-99-99T00:00:00Z' },
      { ...trend(3), backup: { vm: '6' } },
      { ...trend(3), backup: [] },
      { ...trend(3), backup: null },
    ]
    for (const one of odd) expect([one, readTrends(holding([one, trend(4)]))]).toEqual([one, [trend(4)]])
    for (const whole of ['', 'no JSON', '{}', 'null', '5']) expect(readTrends(holding(whole))).toEqual([])
  })

  it('goes on in silence where the quota is full, or there is no storage', () => {
    const full: Shelf = {
      getItem: () => JSON.stringify([trend(1)]),
      setItem() {
        throw new DOMException('full', 'QuotaExceededError')
      },
    }
    const first = keepTrend(full, [], trend(2))
    expect(keepTrend(full, first, trend(3)).map(({ generatedAt }) => generatedAt)).toEqual([at(1), at(2), at(3)])
    const none: Shelf = {
      getItem() {
        throw new DOMException('denied', 'SecurityError')
      },
      setItem() {
        throw new DOMException('denied', 'SecurityError')
      },
    }
    expect(keepTrend(none, [trend(1)], trend(2))).toEqual([trend(1), trend(2)])
  })
})

describe('the age of a backup', () => {
  it.each([
    ['12:00:00.000', 0, false],
    ['11:30:00.001', 29, false],
    ['11:30:01.000', 29, false],
    ['11:30:00.000', 30, true],
    ['11:08:00.000', 52, true],
    ['12:00:30.000', 0, false],
  ])('of a commit at %s is %i min at noon', (time, minutes, stale) => {
    const age = minutesSince(`2026-11-28T${time}Z`, '2026-11-28T12:00:00.000Z')
    expect([age, isStale(age)]).toEqual([minutes, stale])
  })

  it('is fresh at 29:59 and stale at 30:00 wherever it is shown', () => {
    const commits = [{ hash: 'a', at: '2026-11-28T11:30:00.000Z', subject: '' }]
    const at = (time: string): boolean => isBackupStale({ commits }, Date.parse(`2026-11-28T${time}Z`))
    expect([at('11:59:59.999'), at('12:00:00.000'), isBackupStale({ commits }, 0), isBackupStale({ commits: [] }, Date.now())]).toEqual([
      ...[false, true, false, false],
    ])
  })

  it('is not known where there is no commit, and that is not stale', () => {
    expect([minutesSince(undefined, at(0)), isStale(null)]).toEqual([null, false])
  })
})

describe('what is kept of an answer', () => {
  it('counts healthy and unknown instances apart, and what needs somebody', () => {
    const one = (id: string, health: string, commits: object[]) => ({ id, health, backup: { commits } })
    const warning = (severity: string) => ({ severity })
    const ops = {
      generatedAt: at(0),
      instances: [one('vm', 'healthy', [{ at: '2026-11-28T11:54:00.000Z' }]), one('uma', 'unknown', []), one('x', 'unhealthy', [])],
      warnings: [warning('bad'), warning('warn'), warning('info')],
    } as unknown as HermesOps
    expect(trendOf(ops)).toEqual({
      ...{ generatedAt: at(0), warnings: 2, healthy: 1, unknown: 1, total: 3 },
      backup: { vm: 6, uma: null, x: null },
    })
  })
})
