import { describe, expect, it } from 'vitest'
import { checkArgs } from './check-args.ts'
import type { Arg } from './verb.ts'

const taken = 'taken'
/** What becomes of a value for an argument: `taken`, or the field and rule of its refusal. */
function judged(arg: Arg, ...values: readonly unknown[]): string {
  const checked = checkArgs({ a: arg }, values.length === 0 ? {} : { a: values[0] })
  if (checked.ok) return taken
  expect(checked.bad.message).not.toBe('')
  return `${checked.bad.field} ${checked.bad.rule}`
}

describe('checkArgs', () => {
  it.each([[null], [undefined], ['a'], [1], [[]], [[{}]]])('takes objects only, and not %s', (input) => {
    expect(checkArgs({}, input)).toMatchObject({ ok: false, bad: { field: '', rule: 'object' } })
  })

  it('answers a fresh object without a prototype, in the order of the verb', () => {
    const input = { b: true, a: 'x' }
    const checked = checkArgs({ a: { is: 'id' }, b: { is: 'bool' }, c: { is: 'bool', optional: true } }, input)
    const value = checked.ok ? checked.value : {}
    expect([Object.keys(value), Object.getPrototypeOf(value), value.a, value.b]).toEqual([['a', 'b'], null, 'x', true])
  })

  it('refuses what is missing and what is unknown, and takes neither from a prototype', () => {
    expect(judged({ is: 'bool' })).toBe('a required')
    expect(judged({ is: 'bool', optional: true })).toBe(taken)
    expect(judged({ is: 'bool', optional: true }, null)).toBe('a boolean')
    expect(checkArgs({}, { toString: 1 })).toMatchObject({ bad: { field: 'toString', rule: 'unknown' } })
    expect(checkArgs({ toString: { is: 'bool' } as Arg }, {})).toMatchObject({ bad: { field: 'toString', rule: 'required' } })
    expect(checkArgs({ b: { is: 'bool' } }, { b: 1, x: 1 })).toMatchObject({ bad: { field: 'x', rule: 'unknown' } })
  })

  it.each<[string, Arg, readonly unknown[], readonly unknown[], string]>([
    ['bool', { is: 'bool' }, [true, false], [0, 'true', null, []], 'a boolean'],
    ['int', { is: 'int', min: 2, max: 5 }, [2, 5], [1, 6, 2.5, '3', Number.NaN, null, [3]], 'a integer'],
    ['int of any size', { is: 'int', min: -1, max: 1e300 }, [0, -1], [-0, 2 ** 53, Number.POSITIVE_INFINITY], 'a integer'],
    ['ref', { is: 'ref' }, ['web.1_a-b', 'a'.repeat(128)], ['', '.a', 'a/b', 'a'.repeat(129)], 'a pattern'],
    ['id', { is: 'id' }, ['a-b_1', 'a'.repeat(100)], ['', 'a.b', '-a', 'a'.repeat(101)], 'a pattern'],
    ['digest', { is: 'digest' }, ['0f'.repeat(32)], ['0f'.repeat(31), '0F'.repeat(32), '0f'.repeat(33)], 'a pattern'],
    ['enum', { is: 'enum', of: ['x', 'y'] }, ['x', 'y'], ['', 'z', 'x, y'], 'a enum'],
    ['text', { is: 'text', min: 1, max: 3 }, ['a', 'abc', '\n'], ['', 'abcd'], 'a length'],
    ['text without NUL', { is: 'text', min: 0, max: 3 }, ['', '0'], ['\0', 'a\0', 5, null, ['a'], '\ud800'], 'a text'],
    ['list', { is: 'list', of: { is: 'bool' }, max: 2 }, [[], [true, false]], [[true, true, true], {}, 'ab', null], 'a list'],
  ])('judges %s at its edges', (_, arg, good, bad, refusal) => {
    expect(good.map((value) => judged(arg, value))).toEqual(good.map(() => taken))
    expect(bad.map((value) => judged(arg, value))).toEqual(bad.map(() => refusal))
  })

  it.each(['ref', 'id', 'digest'] as const)('takes only text for %s', (is) => {
    expect([5, null, ['a'], 'a\ud800'].map((value) => judged({ is }, value))).toEqual(Array(4).fill('a text'))
    expect(judged({ is: 'enum', of: ['5'] }, 5)).toBe('a text')
  })

  it('names the item of a list that is refused, the first of several', () => {
    const list: Arg = { is: 'list', of: { is: 'id' }, max: 4 }
    expect(judged(list, ['x', '-', 5])).toBe('a.1 pattern')
    expect(judged(list, ['x', 5, '-'])).toBe('a.1 text')
  })
})

describe('values for a script', () => {
  const values = (max = 3, maxBytes = 8): Arg => ({ is: 'values', max, maxBytes })
  it.each<[string, unknown, string]>([
    ['none', {}, taken],
    ['a usual one', { TAG: 'v1' }, taken],
    ['as many as may be', { A: '', B: '', C: '' }, taken],
    ['one more', { A: '', B: '', C: '', D: '' }, 'a length'],
    ['a list', [], 'a object'],
    ['nothing', null, 'a object'],
    ['a text', 'A', 'a object'],
    ['a small name', { tag: '' }, 'a.tag name'],
    ['a name that begins with a digit', { '1A': '' }, 'a.1A name'],
    ['a name that loads a program', { LD_PRELOAD: '' }, 'a.LD_PRELOAD forbidden'],
    ['the second of two', { A: '', PATH: '' }, 'a.PATH forbidden'],
    ['a number', { A: 1 }, 'a.A text'],
    ['a NUL', { A: 'a\0' }, 'a.A text'],
    ['half a character', { A: '\ud800' }, 'a.A text'],
  ])('are judged: %s', (_, value, result) => {
    expect(judged(values(), value)).toBe(result)
  })

  it.each([
    ['\u007f', 1],
    ['\u0080', 2],
    ['\u07ff', 2],
    ['\u0800', 3],
    ['\uffff', 3],
    ['\u{10000}', 4],
  ])('are measured in bytes: %j', (char, bytes) => {
    expect(judged(values(1, 2 * bytes), { A: char.repeat(2) })).toBe(taken)
    expect(judged(values(1, 2 * bytes - 1), { A: char.repeat(2) })).toBe('a.A length')
  })
})
