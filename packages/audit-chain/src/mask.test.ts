import { expect, test } from 'vitest'
import { createMask } from './mask.ts'

test('a masked value says whether two are the same and nothing else', () => {
  const mask = createMask(Buffer.alloc(32, 1))
  expect(mask('secret')).toMatch(/^hmac-sha256:[0-9a-f]{64}$/)
  expect(mask('secret')).toBe(mask('secret'))
  expect(mask('secret')).not.toBe(mask('secreT'))
  expect(mask('1')).not.toBe(mask(1))
  expect(mask({ a: 1, b: 2 })).toBe(mask({ b: 2, a: 1 }))
  expect(mask('secret')).not.toBe(createMask(Buffer.alloc(32, 2))('secret'))
})

test('a short key is refused', () => {
  expect(() => createMask(Buffer.alloc(31))).toThrow(TypeError)
})
