import type { VmCleanupReceipt } from '@console/contracts/vm/cleanup-schemas'
import { expect, it } from 'vitest'
import { exceptionWords, itemWords, kindsOf } from './cleanup-words.ts'

it('counts what goes in words, by kind', () => {
  const items = [{ kind: 'logs' }, { kind: 'packages' }, { kind: 'logs' }] as const
  expect(itemWords(items)).toBe('1 package file and 2 rotated logs')
  expect(itemWords([])).toBe('nothing')
})

it('says what became of what did not simply go', () => {
  const one = { kind: 'logs', path: '/var/log/a.gz' } as const
  expect(exceptionWords({ ...one, result: 'kept', why: 'changed' })).toBe('was kept: changed after the plan')
  expect(exceptionWords({ ...one, result: 'gone', why: null })).toBe('was gone already')
})

it('names the kinds of a receipt in one order', () => {
  expect(kindsOf({ kinds: [{ kind: 'crashes' }, { kind: 'packages' }] } as unknown as VmCleanupReceipt)).toBe(
    'Downloaded packages, crash reports',
  )
})
