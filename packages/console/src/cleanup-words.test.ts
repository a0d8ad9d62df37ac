import { expect, it } from 'vitest'
import { type AnyReceipt, countWords, freedBytes, receiptStatus, receiptText } from './cleanup-words.ts'

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

it('writes a receipt as text, with what did not simply go and how much of it is not listed', () => {
  const told = receipt({
    state: 'stopped',
    startedAt: '2026-03-01T10:00:00.000Z',
    endedAt: '2026-03-01T10:00:09.000Z',
    reason: 'to make room',
    requestId: 'r-1',
    digest: '4e07c1d9',
    exceptionCount: 3,
    kinds: [{ kind: 'images', planned: 3, removed: 1, freedBytes: 1_048_576 }],
  })
  const text = receiptText({
    receipt: told,
    title: '1 of 3 objects deleted, 1.0 MiB freed',
    kinds: [
      { kind: 'containers', title: 'Containers' },
      { kind: 'images', title: 'Images' },
    ],
    exceptions: [{ name: 'web:3', words: 'kept: in use' }],
    who: 'Asha',
    whyEnded: 'Ten minutes were over.',
  })
  expect(text.split('\n')).toEqual([
    '1 of 3 objects deleted, 1.0 MiB freed',
    'Ended early: Ten minutes were over.',
    'Images: 1 of 3, 1.0\u00a0MiB',
    'Not simply removed: web:3 kept: in use',
    'and 2 more',
    expect.stringMatching(/^From .*10:00:00.* to .*10:00:09/),
    'By: Asha',
    'Reason: to make room',
    'Plan: 4e07c1d9',
    'Audit: request r-1',
  ])
})
