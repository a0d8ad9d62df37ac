import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffLines } from './diff-lines.ts'

describe('diffLines', () => {
  it('shows what went and what came', () => {
    expect(diffLines('a\nb\nc', 'a\nx\nc').map(({ sign, text }) => sign + text)).toEqual([' a', '-b', '+x', ' c'])
  })

  it('holds both texts whole', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 20 }).map((lines) => lines.join('\n'))
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after)
        const side = (skip: string) =>
          lines
            .filter(({ sign }) => sign !== skip)
            .map(({ text: line }) => line)
            .join('\n')
        return side('+') === before && side('-') === after
      }),
    )
  })
})
