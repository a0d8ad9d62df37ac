import { describe, expect, it } from 'vitest'
import { emptyDay, lastDays, noSeconds, percentile, upRatio, uptimeOf, worstOf } from './uptime.ts'

const now = new Date('2026-03-10T05:30:00.000Z')

describe('uptime', () => {
  it('counts measured time alone: unknown and maintenance are not in it', () => {
    expect(upRatio([{ ...noSeconds(), up: 90, down: 10, unknown: 1_000, maintenance: 500 }])).toBe(0.9)
    expect(upRatio([{ ...noSeconds(), unknown: 60 }])).toBeNull()
  })

  it('names the worst state of a day that lasted a minute', () => {
    const day = emptyDay('a', '2026-03-10')
    Object.assign(day.hours[0] ?? {}, { up: 3_500, down: 30, degraded: 70 })
    expect(worstOf(day)).toBe('degraded')
    Object.assign(day.hours[1] ?? {}, { down: 40 })
    expect(worstOf(day)).toBe('down')
    expect(worstOf(undefined)).toBe('none')
  })

  it('lists days oldest first and looks back by hours for the last day', () => {
    const today = emptyDay('a', '2026-03-10')
    const yesterday = emptyDay('a', '2026-03-09')
    Object.assign(today.hours[5] ?? {}, { up: 100 })
    Object.assign(yesterday.hours[5] ?? {}, { down: 100 })
    Object.assign(yesterday.hours[6] ?? {}, { down: 100 })
    const days = new Map([today, yesterday].map((day) => [day.day, day]))
    expect(lastDays(days, now, 3).map(({ day, state }) => `${day} ${state}`)).toEqual([
      '2026-03-08 none',
      '2026-03-09 down',
      '2026-03-10 up',
    ])
    expect(uptimeOf(days, now)).toMatchObject({ day: 0.5, week: 1 / 3 })
  })

  it('takes percentiles by nearest rank', () => {
    expect([percentile([], 0.5), percentile([5], 0.95), percentile([1, 2, 3, 4], 0.5), percentile([1, 2, 3, 4], 0.95)]).toEqual([
      null,
      5,
      2,
      4,
    ])
  })
})
