import { describe, expect, it } from 'vitest'
import { formatAgo, formatBytes, formatCount, formatDuration, formatLatency, formatRatio, formatTotals } from './format.ts'

const plain = (text: string) => text.replaceAll('\u00a0', ' ')

describe('figures', () => {
  it('write sizes, durations and shares as the screens do', () => {
    expect([512, 20_000, 19_971_597_926].map((n) => plain(formatBytes(n)))).toEqual(['512 B', '19.5 KiB', '18.6 GiB'])
    expect([0, 51_000, 231_000, 7_440_000, 432_000_000].map((ms) => plain(formatDuration(ms)))).toEqual([
      '0 s',
      '51 s',
      '3 m 51 s',
      '2 h 4 m',
      '5 d',
    ])
    expect([0.4, 250, 999.6, 1_040, 8_840, 59_990, 231_000].map((ms) => plain(formatLatency(ms)))).toEqual([
      '0 ms',
      '250 ms',
      '1 s',
      '1 s',
      '8.8 s',
      '1 m',
      '3 m 51 s',
    ])
    expect([null, 1, 0.99954, 0.9].map((r) => plain(formatRatio(r)))).toEqual(['no data', '100 %', '99.95 %', '90.0 %'])
  })

  it('tell times relative up to seven days, then absolute', () => {
    const now = Date.parse('2026-11-24T12:00:00.000Z')
    expect(plain(formatAgo('2026-11-24T11:57:00.000Z', now))).toBe('3 m ago')
    expect(formatAgo('2026-11-01T11:57:00.000Z', now)).toBe('Nov 01')
    expect(formatAgo('2025-12-31T23:59:59.000Z', now)).toBe('Dec 31, 2025')
    const at = (ms: number) => plain(formatAgo(new Date(now + ms).toISOString(), now))
    expect([at(-1_400), at(0), at(900), at(5_000)]).toEqual(['now', 'now', 'now', 'in 5 s'])
  })

  it('never leave unknown out of totals', () => {
    expect(formatTotals({ up: 3, down: 0, unknown: 1 }, 4)).toBe('3 up · 1 unknown of 4')
    expect([formatCount(1, 'line'), formatCount(2_000, 'line'), formatCount(0, 'entry', 'entries')]).toEqual([
      '1 line',
      '2,000 lines',
      '0 entries',
    ])
    expect(formatTotals({ up: 4, down: 0, unknown: 0 }, 4)).toBe('4 up')
  })
})
