import { attackCase } from '@console/testkit/attack'
import type { Answer } from '@console/testkit/browser'
import { aService } from '@console/testkit/people'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, beforeAll, describe, expect } from 'vitest'

describe('an address of a health check that is on no list', () => {
  let parts: RunningParts
  let admin: Person
  let operator: Person
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'devops-backend'], env: { 'devops-backend': { DOMAIN: 'example.net' } } })
    admin = await parts.setUp()
    operator = await parts.invite(admin, 'operator@example.net', { 'bytelyst-devops': 'operator' })
  }, 120_000)
  afterAll(() => parts?.stop())

  const timing = { intervalSec: 3_600, timeoutMs: 100, downAfter: 1, upAfter: 1 }
  const check = (url: string) => ({ id: 'c1', kind: 'http', url, method: 'GET', expectStatus: '2xx', expectBody: null, ...timing })
  const service = (url: string) => ({ ...aService('outside'), checks: [check(url)] })
  const codeOf = ({ status, body }: Answer) => `${status} ${body.code ?? ''}`.trim()
  const create = async ({ devops }: Person, url: string) => devops.post('/services', service(url))
  const change = ({ devops }: Person, etag: unknown, url: string) =>
    devops.call('PUT', '/services/outside', { body: service(url), headers: { 'if-match': `"${etag}"` } })
  /** Who let checks reach what is on no list. */
  const admitted = () =>
    parts
      .rows('devops-backend')
      .filter(({ action }) => action === 'health.target.admit')
      .map((row) => [row.actor.id, row.target, row.outcome])

  attackCase('F8', 'a place that is on no list, by who may not enter it and by who may', async (it) => {
    await it.attack('by an operator; and by an admin what nobody may enter', async () => {
      const outside = 'http://10.0.0.1:8080/'
      expect(codeOf(await create(operator, outside))).toBe('400 HEALTH_TARGET_REFUSED')
      expect(codeOf(await operator.devops.post('/health-checks/try', { check: check(outside) }))).toBe('400 HEALTH_TARGET_REFUSED')
      for (const url of ['169.254.169.254', '[fd00:ec2::254]', '100.100.100.200', '168.63.129.16', 'metadata', '10.0.0.1:2375'])
        expect([url, codeOf(await create(admin, `http://${url}/`))]).toEqual([url, '400 HEALTH_TARGET_REFUSED'])
      expect(admitted()).toEqual([])
    })
    let etag: unknown
    await it.control('an admin enters it, and it is measured; an operator may keep it there', async () => {
      const made = await create(admin, 'http://10.0.0.1:8080/healthz')
      expect(made.status).toBe(201)
      expect((await admin.devops.post('/health-checks/try', { check: check('http://10.0.0.1:8080/') })).body.note).not.toMatch(
        /on the list/,
      )
      const kept = await change(operator, made.body.etag, 'http://10.0.0.1:8080/other')
      expect(kept.status).toBe(200)
      etag = kept.body.etag
    })
    await it.attack('an operator moves it to another port, scheme or host, and takes it back when it was given up', async () => {
      for (const url of ['http://10.0.0.1:8081/', 'https://10.0.0.1:8080/', 'http://10.0.0.2:8080/', 'http://[fd12::8080]/'])
        expect([url, codeOf(await change(operator, etag, url))]).toEqual([url, '400 HEALTH_TARGET_REFUSED'])
      const away = await change(operator, etag, 'http://api.example.net/')
      expect(away.status).toBe(200)
      expect(codeOf(await change(operator, away.body.etag, 'http://10.0.0.1:8080/'))).toBe('400 HEALTH_TARGET_REFUSED')
    })
    await it.row('the admin who entered it is named with it, once', () => {
      expect(admitted()).toEqual([
        [admin.id, 'http://10.0.0.1:8080', 'started'],
        [admin.id, 'http://10.0.0.1:8080', 'done'],
      ])
    })
  })
})
