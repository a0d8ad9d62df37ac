import { appendFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rounds } from '@console/testkit/deep'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { aFolder, aKeyPair, aRow, openSample, segmentFiles } from './sample-log.fake.ts'
import { linesBackward, linesForward } from './segments.ts'

const folder = aFolder()
afterAll(folder.remove)

/** Lines of all lengths around that of the pieces in which a file is read, with characters of one to four bytes. */
const line = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('x', 'é', '€', '😀'), fc.integer({ min: 262_100, max: 262_200 }))
      .map(([char, bytes]) => char.repeat(Math.ceil(bytes / Buffer.byteLength(char)))),
  },
)
const oneLine = (text: string): string => text.replaceAll('\n', ' ')
const all = async (lines: AsyncIterable<string>): Promise<string[]> => {
  const found: string[] = []
  for await (const one of lines) found.push(one)
  return found
}

test('a segment gives the same lines from either end, and none behind what is durable', async () => {
  const path = join(folder.dir, 'lines')
  await fc.assert(
    fc.asyncProperty(fc.array(line.map(oneLine), { maxLength: 8 }), fc.string({ maxLength: 20 }), async (lines, torn) => {
      writeFileSync(path, lines.map((one) => `${one}\n`).join(''))
      const { size } = statSync(path)
      appendFileSync(path, torn)
      const segment = { path, firstSeq: 1, size }
      expect(await all(linesForward(segment))).toEqual(lines)
      expect(await all(linesBackward(segment))).toEqual([...lines].reverse())
    }),
    { numRuns: rounds({ test: 60, deep: 5_000 }), seed: 21 },
  )
}, 600_000)

const deed = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('append' as const), size: fc.nat(900) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('reopen' as const), size: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('tear' as const), size: fc.nat(60) }) },
)

test('a log over many segments reads the rows that it was given, whichever way, in whatever pieces, and whatever was torn at its end', async () => {
  const { key } = aKeyPair()
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 25 }), fc.integer({ min: 1, max: 7 }), async (deeds, limit) => {
      runs += 1
      const dir = join(folder.dir, `log-${runs}`)
      const open = () => openSample({ dir, key, segmentBytes: 1_500 })
      let log = await open()
      const targets: string[] = []
      for (const { is, size } of deeds) {
        if (is === 'append') {
          const target = `t${targets.length}`
          await log.append(aRow({ target, details: { text: 'y'.repeat(size) } }))
          targets.push(target)
          continue
        }
        await log.close()
        // What a crash leaves: the beginning of a row that nobody was told of.
        const last = segmentFiles(dir).at(-1)
        if (is === 'tear' && last) appendFileSync(last.path, '{"seq":999,"at":"2026-01-01T00:00:00.000Z","log":"host-agent"'.slice(0, size))
        log = await open()
      }
      const read = async (order: 'asc' | 'desc'): Promise<string[]> => {
        const found: string[] = []
        for (let next: number | undefined, first = true; first || next !== undefined; first = false) {
          const from = next === undefined ? {} : order === 'asc' ? { after: next } : { before: next }
          const page = await log.read({ order, limit, ...from })
          found.push(...page.rows.filter(({ action }) => action === 'runs.start').map(({ target }) => target))
          next = page.next
        }
        return found
      }
      expect(await read('asc')).toEqual(targets)
      expect(await read('desc')).toEqual([...targets].reverse())
      expect(await log.verify()).toMatchObject({ ok: true, problems: [] })
      await log.close()
    }),
    { numRuns: rounds({ test: 8, deep: 1_000 }), seed: 22 },
  )
}, 600_000)
