import type { CheckStatus, VmHealth } from '@console/contracts/vm/schemas'
import { expect, it } from 'vitest'
import { findingOf, totalsOf, worstFirst } from './health-words.ts'

const report = (...statuses: CheckStatus[]): VmHealth =>
  ({ checks: statuses.map((status, at) => ({ id: `c${at}`, title: `C${at}`, status })) }) as unknown as VmHealth

it('puts the finding of the checks in one sentence', () => {
  expect(findingOf(report('ok', 'ok'))).toBe('All checks pass')
  expect(findingOf(report('ok', 'unknown'))).toBe('All checks pass that could be made')
  expect(findingOf(report('ok', 'warn', 'unknown'))).toBe('1 check warns')
  expect(findingOf(report('fail', 'warn', 'warn', 'fail'))).toBe('2 checks fail, 2 warn')
  expect(findingOf(report('fail', 'warn'))).toBe('1 check fails, 1 warns')
})

it('counts what passes first, and leaves nothing out that is not known', () => {
  expect(totalsOf(report('ok', 'warn', 'unknown', 'ok'))).toBe('2 pass · 1 not measured · 1 warns of 4 checks')
  expect(totalsOf(report('ok'))).toBe('1 passes of 1 checks')
})

it('lists the worst first, and those that are equal as the script told them', () => {
  const order = worstFirst(report('ok', 'warn', 'unknown', 'fail', 'warn').checks).map(({ id }) => id)
  expect(order).toEqual(['c3', 'c1', 'c4', 'c2', 'c0'])
})
