import { grantMemoryMs } from '@console/tokens/grant'
import { expect, it } from 'vitest'
import { createUsedGrants } from './used-grants.ts'

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
