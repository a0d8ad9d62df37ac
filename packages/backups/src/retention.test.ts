import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backupName, keepingOf, keptFor, removeOldBackups } from './retention.ts'

const at = (text: string): number => Date.parse(`${text}:00.000Z`)
const dayMs = 86_400_000

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
    expect(keptFor(times.map(at), { newest: 1, weeks: 2, months: 2 })).toEqual(['newest', null, 'week', null, 'week', 'month', 'month'])
    expect(keptFor(times.map(at), { newest: 2, weeks: 0, months: 0 })).toEqual(['newest', 'newest', null, null, null, null, null])
  })

  it('counts weeks and months that have one, in whatever order they come', () => {
    const times = ['2024-01-05T00:00', '2026-11-10T00:00', '2026-03-01T00:00', '2026-03-31T23:59']
    expect(keptFor(times.map(at), { newest: 1, weeks: 0, months: 3 })).toEqual(['month', 'newest', 'month', null])
  })

  const rules = fc.record({ newest: fc.integer({ min: 1, max: 6 }), weeks: fc.nat({ max: 6 }), months: fc.nat({ max: 6 }) })
  const times = fc.uniqueArray(fc.integer({ min: at('2025-01-01T00:00'), max: at('2026-06-01T00:00') }), { maxLength: 40 })

  it('is the same once what may go is gone, and always keeps the newest', () => {
    fc.assert(
      fc.property(times, rules, (all, keep) => {
        const why = keptFor(all, keep)
        const left = all.filter((_, index) => why[index] !== null)
        expect(keptFor(left, keep)).toEqual(why.filter((one) => one !== null))
        expect(left.includes(Math.max(...all))).toBe(all.length > 0)
        expect(left.length).toBeLessThanOrEqual(keep.newest + keep.weeks + keep.months)
      }),
    )
  })

  it('is no less under rules that keep more', () => {
    fc.assert(
      fc.property(times, rules, rules, (all, keep, more) => {
        const larger = { newest: keep.newest + more.newest, weeks: keep.weeks + more.weeks, months: keep.months + more.months }
        const wide = keptFor(all, larger)
        for (const [index, why] of keptFor(all, keep).entries()) if (why !== null) expect(wide[index]).not.toBeNull()
      }),
    )
  })

  it('leaves, night after night for two years, a fortnight, eight weeks and a year', () => {
    let kept: number[] = []
    for (let night = 0; night < 730; night += 1) {
      const all = [...kept, at('2024-01-01T03:17') + night * dayMs]
      const why = keptFor(all, { newest: 14, weeks: 8, months: 12 })
      kept = all.filter((_, index) => why[index] !== null)
    }
    // The last night is of 30 December 2025: six Mondays before the fortnight, and the first days of eleven months before December.
    const ages = kept.map((one) => Math.round((Math.max(...kept) - one) / dayMs))
    expect([kept.length, ages.filter((age) => age < 14).length, Math.max(...ages) > 330]).toEqual([31, 14, true])
  })
})

it.each([
  ['14', { newest: 14, weeks: 0, months: 0 }],
  ['14,8,12', { newest: 14, weeks: 8, months: 12 }],
  ['0', null],
  ['0,8,12', null],
  ['14,8', null],
  ['-1', null],
  ['', null],
  ['many', null],
])('%s says how many stay, or nothing', (text, keep) => {
  expect(keepingOf(text)).toEqual(keep)
})

it('removes files that are not kept, and of those a clock that went wrong made first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'retention-'))
  const nowMs = at('2026-11-10T03:17')
  const names = [0, 1, 2, 3].map((nights) => backupName('console', nowMs - nights * dayMs))
  const [future, other] = [backupName('console', at('2099-01-01T00:00')), 'console-20261101T031700Z.backup.part']
  try {
    for (const name of [...names, future, other]) writeFileSync(join(folder, name), '')
    expect(removeOldBackups(folder, 'console', { keep: { newest: 2, weeks: 0, months: 0 }, nowMs })).toEqual([future, ...names.slice(2)])
    expect(readdirSync(folder).sort()).toEqual([...names.slice(0, 2), other].sort())
  } finally {
    rmSync(folder, { recursive: true })
  }
})
