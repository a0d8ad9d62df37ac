import { rounds } from '@console/testkit/deep'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanLogLines, cleanLogText, createLogCleaner } from './clean-log-text.ts'
import { createMarks } from './visible-mark.ts'

/** All that could move a cursor, end a line, turn the reading order or hide text. */
const mayNotBeShown =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u

/** The first and last character of each class of ECMA-48, and what begins and ends sequences. */
const edges = fc.constantFrom(
  ...['\u001b', '\u001b', '\u009b', '\u0090', '\u0098', '\u009c', '\u009d', '\u009e', '\u009f', '\u0007', '\u0018', '\u001a', '[', ']'],
  ...['P', 'X', '^', '_', '\\', ' ', '/', '0', '?', '@', '~', '\u007f', '\u001f', 'é', '\ud800', '\udbff', '\udc00', '\udfff'],
)
const whole =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[ -/]+[0-~]|\u001b[0-OQ-WYZ\\`-~]|(?:\u001b[\]P_^X]|[\u009d\u0090\u009f\u009e\u0098])[^\u0007\u009c\u0018\u001a\u001b]*(?:\u0007|\u009c|\u001b\\)/uy
const begun =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*|(?:\u001b[\]P_^X]|[\u009d\u0090\u009f\u009e\u0098])[^\u0007\u009c\u0018\u001a\u001b]*|\u001b[ -/]*|./suy
/** A second reading of the same standard: what is whole goes, what is only begun is shown. */
const byPatterns = (line: string): string => {
  const marks = createMarks()
  let shown = ''
  for (let at = 0; at < line.length; ) {
    const next = (pattern: RegExp): string => {
      pattern.lastIndex = at
      return pattern.exec(line)?.[0] ?? ''
    }
    const gone = next(whole)
    const text = gone === '' ? next(begun) : ''
    for (const char of text) shown += marks.of(char)
    at += gone.length + text.length
  }
  return shown
}

describe('a control sequence that is whole', () => {
  it.each([
    ['\u001b[31mred\u001b[0m plain', 'red plain'],
    ['a\u001b[2J\u001b[?1049h\u001b[1;5H\u001b[3;20r\u001b[6n\u001b[>0c\u001b[4 qb', 'ab'],
    ['a\u001b7\u001b8\u001bc\u001b(B\u001b#8b', 'ab'],
    ['a\u009b31mb', 'ab'],
    ['a\u001b[1/qb', 'ab'],
    ['a\u001b~b', 'ab'],
    ['a\u001b[1~b', 'ab'],
    ['a\u001b[@b', 'ab'],
    ['a\u001b Fb', 'ab'],
    ['a\u001b([b', 'ab'],
    ['a\u001b(]b', 'ab'],
    ['a\u001b(0b', 'ab'],
  ])('%j is removed', (raw, shown) => expect(cleanLogText(raw)).toBe(shown))
})

describe('a control string that is whole', () => {
  it.each([
    ['a\u001b]8;;javascript:alert(1)\u001b\\link\u001b]8;;\u0007b', 'alinkb'],
    ['a\u001b]0;title\u0007b', 'ab'],
    ['a\u001b]52;c;Zm9v\u001b\\b', 'ab'],
    ['a\u001b]1337;File=inline=1:Zm9v\u0007b', 'ab'],
    ['a\u009d2;title\u009cb', 'ab'],
    ['a\u001bPq data\u001b\\b\u001b_apc\u001b\\c\u001b^pm\u001b\\d\u001bXsos\u001b\\e', 'abcde'],
    ['a\u0090q\u009cb\u009fapc\u009cc\u009epm\u009cd\u0098sos\u009ce', 'abcde'],
  ])('%j is removed', (raw, shown) => expect(cleanLogText(raw)).toBe(shown))
})

describe('one that is broken off hides nothing', () => {
  it.each([
    ['a\u001b]52;c;Zm9v and more', 'a␛]52;c;Zm9v and more'],
    ['a\u001b[31', 'a␛[31'],
    ['a\u009b31', 'a�31'],
    ['a\u009d0;title', 'a�0;title'],
    ['a\u001bPq\u001b[1mb', 'a␛Pqb'],
    ['a\u001b]0;t\u0018b', 'a␛]0;t␘b'],
    ['a\u001b]0;t\u0018b\u0007c', 'a␛]0;t␘b␇c'],
    ['a\u001b]0;t\u001ab\u0007c', 'a␛]0;t␚b␇c'],
    ['a\u001b', 'a␛'],
    ['a\u001b\u001b[1mb', 'a␛b'],
    ['a\u001b[1é', 'a␛[1é'],
    ['a\u001b[1 2mb', 'a␛[1 2mb'],
  ])('%j', (raw, shown) => expect(cleanLogText(raw)).toBe(shown))

  it('and ends with its line', () => expect(cleanLogLines('a\u001b]0;x\nb\u0007c')).toBe('a␛]0;x\nb␇c'))
})

describe('what moves or hides text', () => {
  it.each([
    ['over\rwritten\u0008', 'over␍written␈'],
    ['a\u000bb\u000cc\u007fd\u0000', 'a␋b␌c␡d␀'],
    ['a\u202eb\u200bc\u2028d\u2066e\u061cf\u0085g', 'a⁇b⁇c⁇d⁇e⁇f␤g'],
    ['a\u{e0041}\u{e007f}b\u00adc\u3164d', 'a⁇⁇b⁇c⁇d'],
    [`a${'\u0301'.repeat(500)}b`, `a${'\u0301'.repeat(4)}⁇b`],
    ['\u26a0\ufe0f hot', '\u26a0 hot'],
    ['\ud800 half', '� half'],
  ])('%j is marked', (raw, shown) => expect(cleanLogText(raw)).toBe(shown))
})

describe('text', () => {
  it.each(['tab\there', '<img src=x onerror=alert(1)> {{7*7}} #{7*7} </script>', 'naïve Ünïcödé 日本語 😀 עברית'])(
    '%j stays as it is',
    (raw) => expect(cleanLogText(raw)).toBe(raw),
  )
})

describe('a line that comes in pieces', () => {
  it('is shown as far as it is known, and only half a character waits for its other half', () => {
    const cleaner = createLogCleaner()
    expect([cleaner.push('ab'), cleaner.push('\ud800'), cleaner.push('\udc00'), cleaner.end()]).toEqual(['ab', '', '\u{10000}', ''])
    expect([cleaner.push('\udbff'), cleaner.push('\udfff'), cleaner.end()]).toEqual(['', '\u{10ffff}', ''])
  })

  it('owes nothing to the line before it', () => {
    const cleaner = createLogCleaner()
    expect(cleaner.push(`a${'\u0301'.repeat(4)}`) + cleaner.end()).toBe(`a${'\u0301'.repeat(4)}`)
    expect(cleaner.push('\u0301') + cleaner.end()).toBe('\u0301')
  })
})

describe('whatever comes', () => {
  const unit = fc.constantFrom(
    ...['\u001b', '[', ']', 'P', 'X', '\\', '\u0007', '\u009b', '\u009c', '\u009d', '\u0018', '3', ';', ' ', 'm', 'x', '\u202e'],
    ...['\r', '\u0301', '\ud83d', '\ude00', '\u{e0041}', '\ufe0f', 'é'],
  )
  const nasty = fc.string({ unit, maxLength: 40 })

  it('no character is let through that moves or hides', () => {
    fc.assert(
      fc.property(nasty, (text) => !mayNotBeShown.test(cleanLogText(text))),
      { numRuns: 3_000 },
    )
  })

  it('the result is the same wherever the line is cut', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const whole = cleanLogText(text)
        for (let at = 0; at <= text.length; at += 1) {
          const cleaner = createLogCleaner()
          expect(cleaner.push(text.slice(0, at)) + cleaner.push(text.slice(at)) + cleaner.end()).toBe(whole)
        }
      }),
      { numRuns: 400 },
    )
  })

  it('the result is what ECMA-48 says, read by patterns instead of states, wherever and however often it is cut', () => {
    const text = fc.oneof(fc.string({ unit: edges, maxLength: 30 }), fc.string({ unit: 'binary', maxLength: 30 }), nasty)
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 6 }), (line, cuts) => {
        const at = [0, ...cuts.map((cut) => cut % (line.length + 1)).sort((a, b) => a - b), line.length]
        const cleaner = createLogCleaner()
        const pushed = at.slice(1).map((end, index) => cleaner.push(line.slice(at[index], end)))
        expect(pushed.join('') + cleaner.end()).toBe(byPatterns(line))
        expect(cleaner.push('x\u0301') + cleaner.end()).toBe('x\u0301')
      }),
      { numRuns: rounds({ test: 300, deep: 1_000_000 }), seed: 9 },
    )
  }, 60_000)

  it('the bytes of a line may be cut anywhere, within characters too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.array(fc.nat(), { maxLength: 6 }), (line, cuts) => {
        const bytes = new TextEncoder().encode(line)
        const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
        const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
        const cleaner = createLogCleaner()
        const pushed = at.slice(1).map((end, index) => cleaner.push(decoder.decode(bytes.subarray(at[index], end), { stream: true })))
        expect(pushed.join('') + cleaner.push(decoder.decode()) + cleaner.end()).toBe(cleanLogText(line))
      }),
      { numRuns: rounds({ test: 500, deep: 100_000 }), seed: 10 },
    )
  })

  it('a cleaned text is clean', () => {
    fc.assert(
      fc.property(nasty, (text) => cleanLogText(cleanLogText(text)) === cleanLogText(text)),
      { numRuns: 1_000 },
    )
  })
})
