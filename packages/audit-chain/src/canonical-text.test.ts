import { rounds } from '@console/testkit/deep'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalText, stringText } from './canonical-text.ts'

test('the text reads back as the value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      expect(JSON.parse(canonicalText(value))).toEqual(
        JSON.parse(JSON.stringify(value, (_, item) => (typeof item === 'string' ? item.toWellFormed() : item))),
      )
    }),
    { numRuns: rounds({ test: 100, deep: 100_000 }), seed: 15 },
  )
})

test('different values have different texts, equal ones the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const same = canonicalText(a) === canonicalText(b)
      let equal = true
      try {
        expect(JSON.parse(JSON.stringify(a))).toEqual(JSON.parse(JSON.stringify(b)))
      } catch {
        equal = false
      }
      expect(same).toBe(equal)
    }),
    { numRuns: rounds({ test: 100, deep: 100_000 }), seed: 16 },
  )
})

test('the order of names does not matter, at any depth', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
      const turned = Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, Object.fromEntries(Object.entries(inner).reverse())]),
      )
      if (!('__proto__' in Object(value) && Object.hasOwn(value, '__proto__'))) expect(canonicalText(turned)).toBe(canonicalText(value))
    }),
  )
})

test.each([
  [
    ['ab', 'c'],
    ['a', 'bc'],
  ],
  [1, '1'],
  [null, 'null'],
  [[], {}],
  ['\u00e9', 'e\u0301'],
  [{ a: 1 }, [['a', 1]]],
  [JSON.parse('{"__proto__":{"a":1}}'), { a: 1 }],
  [JSON.parse('{"__proto__":{"a":1}}'), {}],
])('%j and %j are told apart', (a, b) => {
  expect(canonicalText(a)).not.toBe(canonicalText(b))
})

test('a text is one printable line of well-formed characters, whatever the string', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const text = stringText(`${value}\n\0\u001b[31m\u009b\u2028\u2029\u202e\u2066\ud800`)
      expect(text.isWellFormed()).toBe(true)
      expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})

test('what JSON cannot say has a text all the same', () => {
  const loop: Record<string, unknown> = { name: 'x' }
  loop.self = loop
  expect(canonicalText(loop)).toBe('{"name":"x","self":"(cycle)"}')
  expect(canonicalText([undefined, Number.NaN, 10n, () => 1, new Date(0), -0])).toBe('[null,null,"10",null,"1970-01-01T00:00:00.000Z",0]')
  expect(canonicalText({ a: undefined, b: 1 })).toBe('{"b":1}')
  const deep = JSON.parse('['.repeat(1000) + ']'.repeat(1000)) as unknown
  expect(canonicalText(deep)).toContain('"(deep)"')
})
