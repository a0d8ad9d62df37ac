import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffLines, foldUnchanged } from './diff-lines.ts'

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

describe('foldUnchanged', () => {
  const text = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}`)
  const before = text(1, 40).join('\n')
  const after = [...text(1, 19), 'new', ...text(21, 40)].join('\n')

  it('folds what is far from a change and keeps three lines around it', () => {
    const told = foldUnchanged(diffLines(before, after)).map((part) => ('folded' in part ? `… ${part.folded.length}` : part.length))
    expect(told).toEqual(['… 16', 8, '… 17'])
  })
  it('loses no line', () => {
    const lines = diffLines(before, after)
    expect(foldUnchanged(lines).flatMap((part) => ('folded' in part ? part.folded : part))).toEqual(lines)
  })
  it('folds no stretch of fewer than four lines', () => {
    const near = foldUnchanged(diffLines('a\nb\nc\nd\ne\nf', 'x\nb\nc\nd\ne\nf'))
    expect(near.some((part) => 'folded' in part)).toBe(false)
  })
})
