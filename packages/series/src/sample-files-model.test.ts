import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rounds } from '@console/testkit/deep'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSampleFiles, type Sample } from './sample-files.ts'

const dayMs = 86_400_000
const start = Date.UTC(2026, 0, 10)
const mostBytes = 4_000
let base: string
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'samples-model-'))
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

const key = fc.constantFrom('web', 'db')
const deed = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ is: fc.constant('append' as const), key, day: fc.nat(5), ms: fc.nat(dayMs - 1), note: fc.nat(600) }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('tear' as const), key, day: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('reopen' as const) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('trim' as const), now: fc.nat(5) }) },
)
const dayOf = (at: number): number => Math.floor((at - start) / dayMs)

it('give back what they were given, whatever was torn, and never keep more than the cap or an old day', () => {
  let runs = 0
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 40 }), (deeds) => {
      runs += 1
      const dir = join(base, String(runs))
      let clock = start
      const open = () => openSampleFiles({ dir, retentionDays: () => 3, mostBytes, now: () => clock })
      let files = open()
      let held: { key: string; sample: Sample }[] = []
      const pathOf = (of: string, day: number): string =>
        join(dir, of, `${new Date(start + day * dayMs).toISOString().slice(0, 10)}.ndjson`)
      for (const one of deeds) {
        if (one.is === 'append') {
          const sample = {
            at: start + one.day * dayMs + one.ms,
            check: 'c',
            ok: one.ms % 2 === 0,
            latencyMs: one.ms,
            note: 'n'.repeat(one.note),
          }
          files.append(one.key, sample)
          held.push({ key: one.key, sample })
        } else if (one.is === 'tear') {
          // A crash tears only what the process was writing, and another process goes on after it.
          if (held.some(({ key: of, sample }) => of === one.key && dayOf(sample.at) === one.day))
            appendFileSync(pathOf(one.key, one.day), '{"at":17')
          files = open()
        } else if (one.is === 'reopen') files = open()
        else {
          clock = start + one.now * dayMs
          files.trim()
          const left = new Set((['web', 'db'] as const).flatMap((of) => namesIn(join(dir, of)).map((name) => `${of} ${name}`)))
          const sizes = [...left].map((name) => statSync(join(dir, name.replace(' ', '/'))).size)
          expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(mostBytes)
          const fileOf = (of: string, at: number) => `${of} ${new Date(at).toISOString().slice(0, 10)}.ndjson`
          const kept = held.filter(({ key: of, sample }) => left.has(fileOf(of, sample.at)))
          // Never a newer day before an older one, and no day that is over the retention.
          const [oldest] = kept.map(({ sample }) => dayOf(sample.at)).sort((a, b) => a - b)
          expect(oldest ?? one.now).toBeGreaterThanOrEqual(one.now - 3)
          const gone = held.filter((other) => !kept.includes(other)).map(({ sample }) => dayOf(sample.at))
          expect(Math.max(-1, ...gone)).toBeLessThanOrEqual(oldest ?? 5)
          held = kept
        }
      }
      for (const of of ['web', 'db']) {
        const all = held.filter((one) => one.key === of).map(({ sample }) => sample)
        const byDay = [0, 1, 2, 3, 4, 5].flatMap((day) => all.filter(({ at }) => dayOf(at) === day))
        expect(files.read(of, start, start + 6 * dayMs)).toEqual(byDay)
        const [from, to] = [start + dayMs / 2, start + 3 * dayMs]
        expect(files.read(of, from, to)).toEqual(byDay.filter(({ at }) => at >= from && at <= to))
      }
    }),
    { numRuns: rounds({ test: 60, deep: 20_000 }), seed: 23 },
  )
}, 600_000)

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
