import { Apm } from '@console/contracts/apm/schemas'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Devops, type Person, startDevops } from '../../devops.fake.ts'

const patience = { timeout: 30_000, interval: 500 }

describe('the console’s own measure', () => {
  let devops: Devops
  let admin: Person
  let viewer: Person
  beforeAll(async () => {
    devops = await startDevops({ parts: ['platform-service'] })
    admin = await devops.setUp()
    viewer = await devops.invite(admin, 'viewer')
  }, 60_000)
  afterAll(() => devops.close())

  const figures = async () => Apm.parse((await viewer.devops.get('/apm')).body)
  const countIn = (text: string, labels: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`console_requests_total{${labels}`))
        ?.split(' ')
        .at(-1) ?? 0,
    )

  it('tells as many requests as were made, in both forms, and no path that somebody made up', async () => {
    for (let n = 0; n < 37; n += 1) expect((await viewer.devops.get('/settings')).status).toBe(200)
    for (let n = 0; n < 5; n += 1) expect((await viewer.devops.get(`/services/none-${n}`)).status).toBe(404)
    for (let n = 0; n < 40; n += 1) await viewer.devops.get(`/made-up-${n}/${'x'.repeat(n)}`)
    await vi.waitFor(async () => {
      const apm = await figures()
      const of = (action: string) => apm.actions.find((one) => one.action === action && one.service === 'devops-backend')
      expect(of('settings.all.get')).toMatchObject({ requests: 37, refused: 0, failed: 0 })
      expect(of('services.service.get')).toMatchObject({ requests: 5, refused: 5, failed: 0 })
      expect(of('none')).toMatchObject({ requests: 40, refused: 40 })
      expect(apm.actions.some(({ service, requests }) => service === 'platform-service' && requests > 0)).toBe(true)
      expect(apm.processes).toMatchObject([
        { service: 'devops-backend' },
        { service: 'platform-service' },
        { service: 'docker-proxy', unknown: expect.any(String) },
        { service: 'host-agent', unknown: expect.any(String) },
      ])
      expect(JSON.stringify(apm)).not.toContain('made-up')
    }, patience)
    const { status, headers, text } = await viewer.devops.get('/metrics')
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    expect(countIn(text, 'action="settings.all.get",outcome="done",service="devops-backend"')).toBe(37)
    expect(countIn(text, 'action="services.service.get",outcome="refused",service="devops-backend"')).toBe(5)
    expect(text).toMatch(/^process_resident_memory_bytes\{service="platform-service"\} [0-9]+$/m)
    expect(text).not.toContain('made-up')
    for (const name of new Set([...text.matchAll(/^# TYPE (\S+) counter/gm)].map(([, found]) => found))) expect(name).toMatch(/_total$/)
    expect([...text.matchAll(/^# TYPE (\S+) /gm)].length).toBe(new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)).size)
  }, 60_000)

  it('is for nobody who is not signed in, and for a token that names it', async () => {
    expect((await devops.stranger().get('/metrics')).status).toBe(401)
    expect((await devops.stranger().get('/apm')).status).toBe(401)
    const scrape = async (actions: string[]) => {
      const made = await viewer.platform.post('/auth/api-tokens', {
        name: 'scraper',
        productId: 'bytelyst-devops',
        actions,
        expiresInDays: 1,
      })
      expect(made.status).toBe(201)
      return devops.stranger().call('GET', '/metrics', { headers: { authorization: `Bearer ${String(made.body.secret)}` } })
    }
    expect((await scrape(['settings.all.get'])).status).toBe(403)
    expect((await scrape(['apm.metrics.export'])).text).toContain('console_service_up{service="platform-service"} 1')
  }, 60_000)
})
