import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backupName, type Keeping, keepingOf, keptFor, removeOldBackups } from './retention.ts'

const at = (text: string): number => Date.parse(`${text}:00.000Z`)
const dayMs = 86_400_000
const nowMs = at('2026-11-10T03:17')
const only = (newest: number): Keeping => ({ newest, nights: 0, weeks: 0, months: 0 })
const byDefault: Keeping = { newest: 14, nights: 14, weeks: 8, months: 12 }

describe('what backups are kept for', () => {
  it('is that they are new, or the first of their week or month', () => {
    // Sunday, Monday, Tuesday; then the first days of a month, and a month before.
    const times = [
      '2026-11-10T03:17',
      '2026-11-09T03:17',
      '2026-11-09T02:00',
      '2026-11-08T03:17',
      '2026-11-02T03:17',
      '2026-11-01T03:17',
      '2026-10-31T03:17',
    ]
    expect(keptFor(times.map(at), { ...only(1), weeks: 2, months: 2 }, nowMs)).toEqual([
      'newest',
      null,
      'week',
      null,
      'week',
      'month',
      'month',
    ])
    expect(keptFor(times.map(at), only(2), nowMs)).toEqual(['newest', 'newest', null, null, null, null, null])
  })

  it('counts weeks and months that have one, in whatever order they come', () => {
    const times = ['2024-01-05T00:00', '2026-11-10T00:00', '2026-03-01T00:00', '2026-03-31T23:59']
    expect(keptFor(times.map(at), { ...only(1), months: 3 }, nowMs)).toEqual(['month', 'newest', 'month', null])
  })

  it('is the night of it, too, so that a dozen that are made on demand push none of the nightly ones out', () => {
    const nightly = Array.from({ length: 14 }, (_, nights) => nowMs - nights * dayMs)
    const onDemand = Array.from({ length: 14 }, (_, index) => nowMs + (index + 1) * 60_000)
    const why = keptFor([...nightly, ...onDemand], byDefault, nowMs + dayMs / 2)
    expect(why.slice(0, 14)).toEqual(nightly.map(() => 'night'))
    expect(keptFor([...nightly, ...onDemand], { ...byDefault, nights: 0 }, nowMs + dayMs / 2).slice(1, 9)).toContain(null)
  })

  const count = { max: 6 }
  const rules = fc.record({ newest: fc.integer({ min: 1, ...count }), nights: fc.nat(count), weeks: fc.nat(count), months: fc.nat(count) })
  // Some close to each other, some a year apart.
  const time = fc.oneof(
    fc.integer({ min: at('2025-01-01T00:00'), max: at('2026-06-01T00:00') }),
    fc.integer({ min: at('2026-05-28T00:00'), max: at('2026-06-02T00:00') }),
  )
  const times = fc.uniqueArray(time, { maxLength: 40 })
  const keptOf = (all: readonly number[], keep: Keeping, now = nowMs): number[] => {
    const why = keptFor(all, keep, now)
    return all.filter((_, index) => why[index] !== null)
  }

  it('is the same once what may go is gone, and always keeps the newest', () => {
    fc.assert(
      fc.property(times, rules, time, (all, keep, now) => {
        const why = keptFor(all, keep, now)
        const left = keptOf(all, keep, now)
        expect(keptFor(left, keep, now)).toEqual(why.filter((one) => one !== null))
        expect(left.includes(Math.max(...all))).toBe(all.length > 0)
        expect(left.length).toBeLessThanOrEqual(2 * (keep.newest + keep.nights + keep.weeks + keep.months))
      }),
    )
  })

  it('is what any of the rules wants, by the dates of a calendar, and nothing else', () => {
    const dateOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10)
    const mondayOf = (atMs: number): string => dateOf(atMs - ((new Date(atMs).getUTCDay() + 6) % 7) * dayMs)
    const monthOf = (atMs: number): string => dateOf(atMs).slice(0, 7)
    fc.assert(
      fc.property(times, rules, (all, keep) => {
        const later = (one: number): number[] => all.filter((other) => other > one)
        const isFirst = (one: number, of: (atMs: number) => string, most: number): boolean =>
          all.every((other) => other >= one || of(other) !== of(one)) &&
          new Set(later(one).map(of)).size - (later(one).some((other) => of(other) === of(one)) ? 1 : 0) < most
        const wanted = all.filter(
          (one) =>
            later(one).length < keep.newest ||
            isFirst(one, dateOf, keep.nights) ||
            isFirst(one, mondayOf, keep.weeks) ||
            isFirst(one, monthOf, keep.months),
        )
        expect(keptOf(all, keep)).toEqual(wanted)
      }),
    )
  })

  it('is no less under rules that keep more', () => {
    fc.assert(
      fc.property(times, rules, rules, time, (all, keep, more, now) => {
        const larger = {
          newest: keep.newest + more.newest,
          nights: keep.nights + more.nights,
          weeks: keep.weeks + more.weeks,
          months: keep.months + more.months,
        }
        const wide = keptFor(all, larger, now)
        for (const [index, why] of keptFor(all, keep, now).entries()) if (why !== null) expect(wide[index]).not.toBeNull()
      }),
    )
  })

  it('is no less for a night on which the clock was behind, and hardly less for one on which it was ahead', () => {
    fc.assert(
      fc.property(times, rules, time, (all, keep, wrong) => {
        const before = keptOf(all, keep)
        const newest = Math.max(...before)
        if (wrong < newest && !before.includes(wrong)) {
          const after = keptOf([...before, wrong], keep, wrong)
          expect(after).toEqual([...before, wrong])
        }
        const ahead = at('2099-01-01T00:00')
        const left = keptOf([...before, ahead], keep, ahead)
        // A place of each rule.
        expect(before.length + 1 - left.length).toBeLessThanOrEqual(4)
        expect(keptOf(left, keep)).toEqual(left)
      }),
    )
  })

  it('leaves, night after night for two years, a fortnight, eight weeks and a year', () => {
    let kept: number[] = []
    for (let night = 0; night < 730; night += 1)
      kept = keptOf([...kept, at('2024-01-01T03:17') + night * dayMs], { ...only(14), weeks: 8, months: 12 })
    // The last night is of 30 December 2025: six Mondays before the fortnight, and the first days of eleven months before December.
    const ages = kept.map((one) => Math.round((Math.max(...kept) - one) / dayMs))
    expect([kept.length, ages.filter((age) => age < 14).length, Math.max(...ages) > 330]).toEqual([31, 14, true])
    expect(keptOf(kept, byDefault)).toEqual(kept)
  })
})

it.each([
  ['14', undefined, { newest: 14, nights: 0, weeks: 0, months: 0 }],
  ['14,8,12', undefined, { newest: 14, nights: 0, weeks: 8, months: 12 }],
  ['14,8,12', '10', { newest: 14, nights: 10, weeks: 8, months: 12 }],
  ['14', '10', { newest: 14, nights: 10, weeks: 0, months: 0 }],
  ['14,8,12', '-1', null],
  ['14,8,12', 'ten', null],
  ['0', undefined, null],
  ['0,8,12', undefined, null],
  ['14,8', undefined, null],
  ['-1', undefined, null],
  ['', undefined, null],
  ['many', undefined, null],
])('%s with nights %s says how many stay, or nothing', (text, nights, keep) => {
  expect(keepingOf(text, nights)).toEqual(keep)
})

describe('files that are not kept', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'retention-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const put = (...names: string[]): void => {
    for (const name of names) writeFileSync(join(folder, name), '')
  }

  it('are removed, and what is named after a time to come takes no place from them', () => {
    const names = [0, 1, 2, 3].map((nights) => backupName('console', nowMs - nights * dayMs))
    const others = [backupName('console', at('2099-01-01T00:00')), 'console-20261101T031700Z.backup.part']
    put(...names, ...others)
    expect(removeOldBackups(folder, 'console', { keep: only(2), nowMs })).toEqual(names.slice(2))
    expect(readdirSync(folder).sort()).toEqual([...names.slice(0, 2), ...others].sort())
  })

  it('are none on a night on which the clock says a year long past', () => {
    const nightly = Array.from({ length: 200 }, (_, nights) => nowMs - nights * dayMs)
    const kept = keptFor(nightly, byDefault, nowMs)
    const names = nightly.filter((_, index) => kept[index] !== null).map((atMs) => backupName('console', atMs))
    const wrong = at('1970-01-01T00:00')
    put(...names, backupName('console', wrong))
    expect(removeOldBackups(folder, 'console', { keep: byDefault, nowMs: wrong })).toEqual([])
    expect(removeOldBackups(folder, 'console', { keep: byDefault, nowMs })).toEqual([])
    expect(readdirSync(folder)).toHaveLength(names.length + 1)
  })
})
