import type { NewRow, Row } from '@console/audit-chain/log'
import type { HealthCheck } from '@console/contracts/health/schemas'
import type { Context } from '@console/http-kit/context'
import { expect, it } from 'vitest'
import { enterTargets, recordAdmitted } from './enter-targets.ts'
import { type MeasureDeps, measure } from './measure.ts'

const rules = { domain: 'example.net', allowedHosts: [] }
const timing = { intervalSec: 60, timeoutMs: 100, downAfter: 1, upAfter: 1 }
const http = (url: string): HealthCheck => ({
  id: 'c1',
  kind: 'http',
  url,
  method: 'GET',
  expectStatus: '2xx',
  expectBody: null,
  ...timing,
})
const tcp = (host: string, port: number): HealthCheck => ({ id: 'c2', kind: 'tcp', host, port, ...timing })
const entered = (check: HealthCheck, role = 'admin', known: string[] = []) => enterTargets([check], { rules, role, known })
const ctx = { actor: { kind: 'person', id: 'p1', name: 'One' }, requestId: 'r1', address: '127.0.0.1' } as Context

it('names an origin that an admin lets in by scheme, host and port, whatever its spelling', () => {
  expect(entered(http('HTTP://Example.ORG.:80/x?y'))).toEqual(['http://example.org'])
  expect(entered(http('https://0x0a.0.0.1:8443/'))).toEqual(['https://10.0.0.1:8443'])
  expect(entered(tcp('Example.org', 5432))).toEqual(['tcp://example.org:5432'])
  expect(entered(http('http://[fd12::1]:8080/'))).not.toEqual(entered(http('http://[fd12::1:8080]/')))
  expect(entered(http('http://api.example.net/'))).toEqual([])
})

it('lets nobody else enter one, unless an admin did for this service', () => {
  expect(() => entered(http('http://10.0.0.1/'), 'operator')).toThrow(/An admin may enter it/)
  expect(entered(http('http://10.0.0.1/other'), 'operator', ['http://10.0.0.1'])).toEqual(['http://10.0.0.1'])
  expect(() => entered(http('http://169.254.169.254/'), 'admin', ['http://169.254.169.254'])).toThrow(/never go to/)
})

it('measures what is on no list only where it was let in', async () => {
  const deps = { rules, now: () => new Date(0), monotonic: () => 0 } as unknown as MeasureDeps
  const ask = { as: 'service', requestId: 'r1' } as const
  expect((await measure(deps, tcp('192.0.2.1', 9), ask)).note).toMatch(/on the list of check targets/)
  expect((await measure(deps, tcp('192.0.2.1', 9), ask, ['tcp://192.0.2.1:8'])).note).toMatch(/on the list of check targets/)
  expect((await measure(deps, tcp('192.0.2.1', 9), ask, ['tcp://192.0.2.1:9'])).note).not.toMatch(/on the list of check targets/)
})

it('keeps nothing without its row, and says how it went', async () => {
  const rows: NewRow[] = []
  const audit = { append: async (row: NewRow) => ({ ...row, seq: rows.push(row) }) as unknown as Row }
  const what = { origins: ['http://10.0.0.1'], ctx, serviceId: 'web' }
  expect(await recordAdmitted(audit, what, async () => 'kept')).toBe('kept')
  await expect(recordAdmitted(audit, what, () => Promise.reject(new Error('conflict')))).rejects.toThrow('conflict')
  expect(rows.map(({ outcome, of }) => [outcome, of])).toEqual([
    ['started', undefined],
    ['done', 1],
    ['started', undefined],
    ['failed', 3],
  ])
  let kept = 0
  const full = { append: () => Promise.reject(new Error('full')) }
  await expect(recordAdmitted(full, what, async () => (kept += 1))).rejects.toThrow('full')
  expect(kept).toBe(0)
})
