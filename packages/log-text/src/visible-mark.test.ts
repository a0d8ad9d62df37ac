import { describe, expect, it } from 'vitest'
import { createMarks } from './visible-mark.ts'

const shown = (...codes: number[]): string => {
  const marks = createMarks()
  return codes.map((code) => marks.of(String.fromCodePoint(code))).join('')
}

describe('the mark of a character', () => {
  it('is the picture of a control, but a tab stays', () => {
    for (let code = 0; code < 0x20; code += 1) if (code !== 9) expect(shown(code)).toBe(String.fromCodePoint(0x2400 + code))
    expect([shown(9), shown(0x7f), shown(0x85)]).toEqual(['\t', '␡', '␤'])
  })

  it.each([0x80, 0x84, 0x86, 0x9f, 0xd800, 0xdbff, 0xdc00, 0xdfff])('is a replacement for %i', (code) => expect(shown(code)).toBe('\ufffd'))

  it.each([0x20, 0x7e, 0xa0, 0xd7ff, 0xe000, 0x1f600])('is the character itself for %i', (code) =>
    expect(shown(code)).toBe(String.fromCodePoint(code)),
  )

  it.each([0xad, 0x200b, 0x200f, 0x2028, 0x2029, 0x202e, 0x2066, 0xfeff, 0xfff9, 0xfffb, 0xe0001, 0x3164])('is ⁇ for %i', (code) =>
    expect(shown(code)).toBe('⁇'),
  )

  it.each([0xfe00, 0xfe0f, 0xe0100, 0xe01ef])('is nothing for what chooses how another is drawn: %i', (code) =>
    expect(shown(0x61, code, 0x62)).toBe('ab'),
  )

  it('counts what piles up on one character, whichever that is, and anew on the next and on the next line', () => {
    const pile = [0x301, 0x301, 0x301, 0x301]
    const four = '\u0301'.repeat(4)
    expect(shown(0x61, ...pile, 0x301, 0x301, 0x62, ...pile)).toBe(`a${four}⁇b${four}`)
    expect(shown(0xe9, ...pile, 0xe9, ...pile)).toBe(`é${four}é${four}`)
    expect(shown(...pile, 0x202e, ...pile)).toBe(`${four}⁇${four}`)
    const marks = createMarks()
    for (const code of pile) marks.of(String.fromCodePoint(code))
    marks.newLine()
    expect(marks.of('\u0301')).toBe('\u0301')
  })
})
