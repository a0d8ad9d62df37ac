import { grantMemoryMs } from '@console/tokens/grant'
import { createSlidingWindows } from '@console/verbs/sliding-window'
import { expect, it } from 'vitest'
import { createUsedGrants, restoreFromAudit } from './used-grants.ts'

it('remembers a confirmation for longer than it lives, and no longer', () => {
  let now = 1_000_000_000
  const used = createUsedGrants(() => now)
  used.add('one')
  now += grantMemoryMs
  used.add('two')
  expect([used.has('one'), used.has('two')]).toEqual([true, true])
  now += 1
  used.add('three')
  expect([used.has('one'), used.has('two')]).toEqual([false, true])
})

it('says when the clock went back behind the newest use, since what was forgotten meanwhile could be good once more', () => {
  let now = 1_000_000_000
  const used = createUsedGrants(() => now)
  used.add('one')
  now += 600_000
  used.add('two')
  expect([used.has('one'), used.clockIsBack()]).toEqual([false, false])
  now -= 599_000
  expect(used.clockIsBack()).toBe(true)
  now += 594_000
  expect(used.clockIsBack()).toBe(false)
})

it('forgets a confirmation when nothing was done', () => {
  const used = createUsedGrants(() => 1)
  used.add('one')
  used.remove('one')
  expect(used.has('one')).toBe(false)
})

it('brings back what was used and what each actor changed in the last minute, and no more', async () => {
  const wallNow = Date.parse('2026-01-01T00:10:00.000Z')
  const rowAt = (agoMs: number, risk: string | undefined, id: string, more: object = {}) => ({
    at: new Date(wallNow - agoMs).toISOString(),
    risk,
    actor: { kind: 'person', id },
    ...more,
  })
  const asked: unknown[] = []
  const rows = [
    rowAt(10_000, 'change', 'changer'),
    rowAt(59_999, 'destroy', 'destroyer', { details: { jti: 'used' } }),
    rowAt(60_000, 'change', 'long ago', { details: { jti: 7 } }),
    rowAt(10_000, 'read', 'reader', { details: {} }),
    rowAt(10_000, undefined, 'nothing'),
    rowAt(10_000, 'change', 'a service', { actor: { kind: 'service', id: 'a service' } }),
    rowAt(-10_000, 'change', 'ahead'),
  ]
  const audit = {
    read: async (query: unknown) => {
      asked.push(query)
      return { rows }
    },
  }
  const counters = createSlidingWindows(() => 1_000_000)
  const used = createUsedGrants(() => wallNow)
  expect(await restoreFromAudit(audit as never, { counters, usedGrants: used, wallNow })).toBe(true)
  expect(asked).toEqual([{ order: 'desc', limit: 1_000, filter: { from: '2026-01-01T00:05:00.000Z', outcome: 'started' } }])
  expect([used.has('used'), used.has(7 as never), used.has(undefined as never)]).toEqual([true, false, false])
  const waits = [
    'change changer',
    'destroy destroyer',
    'change long ago',
    'read reader',
    'undefined nothing',
    'change a service',
    'change ahead',
  ]
  expect(waits.map((key) => counters.take(key, 1, 60_000))).toEqual([50_000, 1, 0, 0, 0, 0, 60_000])
})

it('says when the log could not be read', async () => {
  const audit = { read: () => Promise.reject(new Error('gone')) }
  const deps = { counters: createSlidingWindows(() => 1), usedGrants: createUsedGrants(() => 1), wallNow: 1_000_000_000 }
  expect(await restoreFromAudit(audit as never, deps)).toBe(false)
})
