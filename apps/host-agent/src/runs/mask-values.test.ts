import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLineWriter } from './line-writer.ts'
import { createValueMask } from './mask-values.ts'

describe('the value mask', () => {
  it('covers secrets, longest first, and leaves short ones', () => {
    expect(createValueMask(['abcd', 'abcdef', 'xy']).cover('1 abcdef abcd xy')).toBe('1 •••••• •••••• xy')
  })

  it('covers each line of a secret of many, whatever ends its lines', () => {
    const mask = createValueMask(['first-line\r\nsecond-line\nthird-line'])
    for (const line of ['first-line', 'second-line', 'third-line']) expect(mask.cover(`a ${line} b`)).toBe('a •••••• b')
  })

  it('covers exactly the characters that belong to a secret, whatever secrets overlap, stand in each other or come twice', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 7 })
    fc.assert(
      fc.property(
        fc.array(letters, { maxLength: 4 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 }),
        (secrets, text) => {
          const covered = Array.from(text, () => false)
          const starts = new Set<number>()
          for (const secret of secrets.filter(({ length }) => length >= 4))
            for (let from = text.indexOf(secret); from >= 0; from = text.indexOf(secret, from + 1)) {
              starts.add(from)
              covered.fill(true, from, from + secret.length)
            }
          const left = Array.from(text, (char, at) => (covered[at] ? '' : char)).join('')
          const shown = createValueMask(secrets).cover(text)
          expect(shown.replaceAll('••••••', '')).toBe(left)
          expect(shown.includes('•')).toBe(starts.size > 0)
        },
      ),
      { numRuns: 2_000, seed: 2 },
    )
  })

  it('covers two that touch as two, and two that overlap as one', () => {
    const mask = createValueMask(['abcd', 'efgh', 'cdef'])
    expect(mask.cover('abcdefgh')).toBe('••••••')
    expect(createValueMask(['abcd', 'efgh']).cover('abcdefgh')).toBe('••••••••••••')
    expect(mask.cover('efgh x abcd')).toBe('•••••• x ••••••')
    expect(mask.cover('')).toBe('')
  })

  it('takes four characters for a secret, not three', () => {
    expect(createValueMask(['abc', 'wxyz']).cover('abc wxyz')).toBe('abc ••••••')
  })

  it('covers secrets that overlap as one', () => {
    expect(createValueMask(['abcdef', 'defghi']).cover('x abcdefghi y')).toBe('x •••••• y')
  })

  it('cuts no line of 16 KiB inside a secret', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mask-'))
    const file = join(folder, 'long.ndjson')
    const writer = createLineWriter(file, { mask: createValueMask(['hunter2secret']), mostBytes: 1e6, now: () => new Date(0) })
    writer.push('out', Buffer.from(`${'x'.repeat(16_380)}hunter2secret and more`))
    writer.close()
    expect(readFileSync(file, 'utf8')).not.toMatch(/hunt|secret/)
    rmSync(folder, { recursive: true })
  })

  it('bounds a flood of empty lines too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mask-'))
    const file = join(folder, 'empty.ndjson')
    const writer = createLineWriter(file, { mask: createValueMask([]), mostBytes: 100_000, now: () => new Date(0) })
    writer.push('out', Buffer.alloc(100_000, '\n'))
    writer.close()
    expect(readFileSync(file).length).toBeLessThan(110_000)
    rmSync(folder, { recursive: true })
  })

  it('lets no secret reach the file however its bytes are split', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mask-'))
    const secret = 'hunter2-é-secret'
    const whole = Buffer.from(`before ${secret} after\nx${secret}${secret}\n${secret}`)
    const cuts = fc.uniqueArray(fc.nat(whole.length), { maxLength: 30 }).map((list) => list.sort((a, b) => a - b))
    let n = 0
    fc.assert(
      fc.property(cuts, (at) => {
        n += 1
        const file = join(folder, `${n}.ndjson`)
        const writer = createLineWriter(file, { mask: createValueMask([secret]), mostBytes: 1e6, now: () => new Date(0) })
        for (const [index, end] of [...at, whole.length].entries()) writer.push('out', whole.subarray(index === 0 ? 0 : at[index - 1], end))
        writer.close()
        const text = readFileSync(file, 'utf8')
        return !text.includes('hunter2') && text.split('••••••').length === 5
      }),
    )
    rmSync(folder, { recursive: true })
  })

  it('holds back the beginning of a secret at the end of an unfinished line', () => {
    const mask = createValueMask(['hunter2'])
    expect([mask.heldBack('pass hunt'), mask.heldBack('pass hunter2'), mask.heldBack('plain')]).toEqual([4, 0, 0])
    expect([mask.heldBack('h'), mask.heldBack('hunter'), mask.heldBack('')]).toEqual([1, 6, 0])
    const many = createValueMask(['hunter2', 'terminal', 'unterhaltung'])
    expect([many.heldBack('hunter'), many.heldBack('xunter'), many.heldBack('ter')]).toEqual([6, 5, 3])
  })
})
