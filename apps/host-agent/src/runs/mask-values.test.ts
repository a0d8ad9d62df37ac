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
  })
})
