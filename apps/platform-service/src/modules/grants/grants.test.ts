import { createHash } from 'node:crypto'
import { allActions } from '@console/contracts/all-actions'
import { roleAllows } from '@console/contracts/roles'
import { verifyGrant } from '@console/tokens/grant'
import { tokenKeysIn } from '@console/tokens/key-files'
import { allVerbs } from '@console/verbs/all'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'
import { confirmableIn } from './confirmable.ts'

let platform: Platform
const people: Record<string, Browser> = {}
const digest = createHash('sha256').update('a plan').digest('hex')
const [verb] = allVerbs.filter(({ risk, daemon }) => risk === 'destroy' && daemon === 'host-agent')
const ask = (who: string, body: object) => (people[who] as Browser).post('/auth/grants', body)
const code = (answer: { status: number; body: { readonly code?: unknown } }) => [answer.status, String(answer.body.code)]

beforeAll(async () => {
  platform = await startPlatform()
  const ada = await setUp(platform)
  people.admin = ada
  for (const role of ['operator', 'viewer'])
    people[role] = (await invited(platform, ada, `${role}@example.com`, [{ productId: 'bytelyst-devops', role }])).browser
  people.stranger = (await invited(platform, ada, 'stranger@example.com', [{ productId: 'bytelyst-platform', role: 'viewer' }])).browser
})
afterAll(() => platform.close())
beforeEach(async () => {
  await (people.admin as Browser).post('/auth/step-up', { password: goodPassword })
})

describe('a confirmation', () => {
  it('names person, session, verb and digest, is for the daemon of the registry, and ends after two minutes', async () => {
    const answer = await ask('admin', { verb: verb?.id, digest })
    expect(answer.status).toBe(201)
    expect(Number(answer.body.expiresInSec)).toBe(120)
    const keys = tokenKeysIn(platform.config.keysDir)
    const claims = verifyGrant(String(answer.body.grant), { keys, audience: 'host-agent', nowMs: platform.clock.ms })
    const mine = (await (people.admin as Browser).get('/auth/sessions')).body.items?.[0]
    const { user } = (await (people.admin as Browser).get('/auth/session')).body
    expect(claims).toMatchObject({ verb: verb?.id, digest, sid: String(mine?.id), sub: String(user?.id) })
    expect(claims.exp - claims.iat).toBe(120)
  })

  it('is given for everything that destroys to those whose role allows it there, and to nobody else', async () => {
    const all = confirmableIn(allVerbs, allActions)
    const roles = { admin: 'admin', operator: 'operator', viewer: 'viewer', stranger: null } as const
    let cells = 0
    for (const [id, { role, productId }] of all)
      for (const [who, has] of Object.entries(roles)) {
        const there = productId === 'bytelyst-devops' ? has : who === 'stranger' ? 'viewer' : who === 'admin' ? 'admin' : null
        const answer = await ask(who, { verb: id, digest })
        expect([who, id, answer.status]).toEqual([who, id, roleAllows(there, role) ? 201 : 403])
        cells += 1
      }
    expect(cells).toBe(all.size * 4)
  })

  it('is given for no verb that reads or changes, and none that does not exist', async () => {
    const others = [...allVerbs.filter(({ risk }) => risk !== 'destroy'), { id: 'nothing.here' }]
    for (const { id } of others) expect(code(await ask('admin', { verb: id, digest })), id).toEqual([400, 'GRANT_VERB_UNKNOWN'])
  })

  it('is for a digest and nothing that looks like one', async () => {
    for (const wrong of [digest.toUpperCase(), digest.slice(1), ` ${digest}`, [digest], null])
      expect(code(await ask('admin', { verb: verb?.id, digest: wrong }))).toEqual([400, 'INPUT_INVALID'])
    expect(code(await ask('admin', { verb: verb?.id, digest, aud: 'docker-proxy' }))).toEqual([400, 'INPUT_INVALID'])
  })

  it('asks for a factor that is no older than five minutes', async () => {
    platform.clock.ms += 300_000
    expect((await ask('admin', { verb: verb?.id, digest })).status).toBe(201)
    platform.clock.ms += 1_000
    expect(code(await ask('admin', { verb: verb?.id, digest }))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    await (people.admin as Browser).post('/auth/step-up', { password: goodPassword })
    expect((await ask('admin', { verb: verb?.id, digest })).status).toBe(201)
  })

  it('is given to nobody without a session, CSRF token or page of ours, and each refusal is a row', async () => {
    const before = rowsOf(platform).length
    expect((await platform.browser().post('/auth/grants', { verb: verb?.id, digest })).status).toBe(401)
    const admin = people.admin as Browser
    const body = { verb: verb?.id, digest }
    expect(code(await admin.post('/auth/grants', body, { 'x-csrf-token': undefined }))).toEqual([403, 'AUTH_CSRF_INVALID'])
    expect(code(await admin.post('/auth/grants', body, { origin: 'https://evil.test' }))).toEqual([403, 'AUTH_ORIGIN_REFUSED'])
    expect(code(await ask('viewer', body))).toEqual([403, 'AUTH_FORBIDDEN'])
    expect(code(await ask('admin', { verb: 'nothing.here', digest }))).toEqual([400, 'GRANT_VERB_UNKNOWN'])
    const refused = rowsOf(platform)
      .slice(before)
      .filter(({ outcome }) => outcome === 'denied' || outcome === 'failed')
    expect(refused.map((row) => row.code)).toEqual([
      'AUTH_REQUIRED',
      'AUTH_CSRF_INVALID',
      'AUTH_ORIGIN_REFUSED',
      'AUTH_FORBIDDEN',
      'GRANT_VERB_UNKNOWN',
    ])
  })

  it('is given to no service and for no API token', async () => {
    expect((await platform.service('devops-backend', '/auth/grants', { verb: verb?.id, digest })).status).toBe(401)
  })
})
