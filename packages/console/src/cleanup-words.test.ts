import { expect, it } from 'vitest'
import { type AnyReceipt, countWords, freedBytes, receiptStatus } from './cleanup-words.ts'

const receipt = (over: Partial<AnyReceipt>, removed = 2): AnyReceipt =>
  ({
    state: 'done',
    planned: 3,
    reached: 3,
    kinds: [
      { removed, freedBytes: 7 },
      { removed: 0, freedBytes: 1 },
    ],
    ...over,
  }) as AnyReceipt

it('says how a cleanup went: whole, in part, early, cut off, or under way', () => {
  expect(receiptStatus(receipt({}, 3))).toEqual({ kind: 'ok', text: '3 of 3 removed' })
  expect(receiptStatus(receipt({}))).toEqual({ kind: 'warn', text: '2 of 3 removed' })
  expect(receiptStatus(receipt({ state: 'stopped' }))).toEqual({ kind: 'bad', text: '2 of 3 removed, ended early' })
  expect(receiptStatus(receipt({ state: 'interrupted' }))).toEqual({ kind: 'bad', text: '2 of 3 removed, interrupted' })
  expect(receiptStatus(receipt({ state: 'running', reached: 1 }))).toEqual({ kind: 'running', text: '1 of 3 looked at' })
  expect(freedBytes(receipt({}))).toBe(8)
})

it('counts in words what there is, and nothing that there is not', () => {
  const parts = [
    { count: 5, one: 'container', many: 'containers' },
    { count: 0, one: 'image', many: 'images' },
    { count: 1, one: 'volume', many: 'volumes' },
  ]
  expect(countWords(parts)).toBe('5 containers and 1 volume')
  expect(countWords([...parts, { count: 1_200, one: 'log', many: 'logs' }])).toBe('5 containers, 1 volume and 1,200 logs')
  expect(countWords([])).toBe('nothing')
})
