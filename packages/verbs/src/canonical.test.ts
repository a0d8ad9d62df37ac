import { isDeepStrictEqual } from 'node:util'
import { rounds } from '@console/testkit/deep'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical, directPlan, type Plain } from './canonical.ts'

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/)
const text = fc.string({ unit: 'grapheme' }).filter((one) => one.isWellFormed())
const plain = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.maxSafeInteger().filter((n) => !Object.is(n, -0)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
})).value

describe('canonical', () => {
  it('equals RFC 8785 as another implementation writes it', () => {
    fc.assert(
      fc.property(plain, (value) => canonical(value) === canonicalize(value)),
      { numRuns: rounds({ test: 2_000, deep: 100_000 }), seed: 13 },
    )
  })

  it('is one text for one value: it reads back as the value, and nothing else has it', () => {
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        expect(JSON.parse(canonical(a))).toEqual(a)
        expect(canonical(a) === canonical(b)).toBe(isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b))))
      }),
      { numRuns: rounds({ test: 500, deep: 100_000 }), seed: 14 },
    )
  })

  it('does not depend on the order of names', () => {
    expect(canonical({ b: 1, a: [true, null] })).toBe('{"a":[true,null],"b":1}')
  })

  it('refuses whatever two programs could write differently', () => {
    const refused: unknown[] = [
      1.5,
      -0,
      2 ** 53,
      Number.NaN,
      'x\ud800',
      undefined,
      1n,
      { 'a-b': 1 },
      { '': 1 },
      { a: undefined },
      [undefined],
      JSON.parse('{"__proto__":1}'),
    ]
    for (const value of refused) expect(() => canonical(value as Plain)).toThrow(TypeError)
  })
})

describe('the plan of an action that shows none', () => {
  it('names the action, the host and everything that was sent', () => {
    expect(canonical(directPlan('things.remove', 'local', { id: 'a' }))).toBe(
      '{"args":{"id":"a"},"hostId":"local","v":1,"verb":"things.remove"}',
    )
  })
})
