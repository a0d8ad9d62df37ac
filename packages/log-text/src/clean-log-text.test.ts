import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanLogLines, cleanLogText, createLogCleaner } from './clean-log-text.ts'

/** All that could move a cursor, end a line, turn the reading order or hide text. */
const mayNotBeShown =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u

describe('a control sequence that is whole', () => {
  it.each([
    ['\u001b[31mred\u001b[0m plain', 'red plain'],
    ['a\u001b[2J\u001b[?1049h\u001b[1;5H\u001b[3;20r\u001b[6n\u001b[>0c\u001b[4 qb', 'ab'],
    ['a\u001b7\u001b8\u001bc\u001b(B\u001b#8b', 'ab'],
    ['a\u009b31mb', 'ab'],
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
    ['a\u001b', 'a␛'],
    ['a\u001b\u001b[1mb', 'a␛b'],
    ['a\u001b[1é', 'a␛[1é'],
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

  it('a cleaned text is clean', () => {
    fc.assert(
      fc.property(nasty, (text) => cleanLogText(cleanLogText(text)) === cleanLogText(text)),
      { numRuns: 1_000 },
    )
  })
})
