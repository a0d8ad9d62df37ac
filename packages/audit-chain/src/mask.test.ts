import { expect, test } from 'vitest'
import { createMask, maskKeyOf } from './mask.ts'
import { aKeyPair } from './sample-log.fake.ts'

test('a masked value says whether two are the same and nothing else', () => {
  const mask = createMask(Buffer.alloc(32, 1))
  expect(mask('secret')).toMatch(/^hmac-sha256:[0-9a-f]{64}$/)
  expect(mask('secret')).toBe(mask('secret'))
  expect(mask('secret')).not.toBe(mask('secreT'))
  expect(mask('1')).not.toBe(mask(1))
  expect(mask('secret')).not.toBe(createMask(Buffer.alloc(32, 2))('secret'))
})

test('what holds several is masked value by value, so that each can be found again', () => {
  const mask = createMask(Buffer.alloc(32, 1))
  expect(mask({ PASSWORD: 'secret', on: true, none: null, list: ['secret', 7] })).toEqual({
    PASSWORD: mask('secret'),
    on: true,
    none: null,
    list: [mask('secret'), mask(7)],
  })
})

test('a short key is refused', () => {
  expect(() => createMask(Buffer.alloc(31))).toThrow(TypeError)
})

test('each part has its own key, the same one after each start', () => {
  const [one, two] = [aKeyPair().key, aKeyPair().key]
  expect(maskKeyOf(one)).toEqual(maskKeyOf(one))
  expect(maskKeyOf(one)).not.toEqual(maskKeyOf(two))
})
