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
