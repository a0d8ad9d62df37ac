import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanLogText } from './clean-log-text.ts'

describe('cleanLogText', () => {
  it.each([
    ['\u001b[31mred\u001b[0m plain', 'red plain'],
    ['a\u001b]8;;javascript:alert(1)\u001b\\link\u001b]8;;\u0007b', 'alinkb'],
    ['a\u001b]0;title\u0007b', 'ab'],
    ['a\u009b31mb\u009d0;t\u009cc', 'abc'],
    ['a\u001bPq data\u001b\\b\u001b_apc\u001b\\c\u001b^pm\u001b\\d\u001bXsos\u001b\\e', 'abcde'],
    ['a\u001b[2J\u001b[?1049h\u001b[1;5Hb', 'ab'],
    ['a\u001b]52;c;Zm9v', 'a'],
    ['a\u001b[31', 'a'],
    ['over\rwritten\u0008', 'over␍written␈'],
    ['a\u202eb\u200bc\u2028d', 'a⁇b⁇c⁇d'],
    ['tab\there', 'tab\there'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ])('shows %j as %j', (raw, shown) => expect(cleanLogText(raw)).toBe(shown))

  it('lets no control character through, whatever comes', () => {
    const nasty = fc.string({
      unit: fc.constantFrom('\u001b', '[', ']', 'P', '\\', '\u0007', '\u009b', '\u009c', '3', ';', 'm', 'x', '\u202e', '\r'),
    })
    fc.assert(
      fc.property(nasty, (text) => !/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202e]/.test(cleanLogText(text))),
      { numRuns: 2_000 },
    )
  })
})
