import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { createConfirming } from './confirming.ts'
import { clockFrom } from './preloads.ts'
import { askApi, bodyOf, codeOf, pageHeaders } from './raw-asking.ts'

const digest = 'ab'.repeat(32)

describe('who is given a confirmation', () => {
  let parts: RunningParts
  let desk: ReturnType<typeof createConfirming>
  let admin: Person
  let viewer: Person
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'host-agent', 'devops-backend'] })
    parts.writeScript('hello', 'echo hello')
    desk = createConfirming(parts, 'hello')
    admin = await parts.setUp()
    viewer = await parts.invite(admin, 'viewer@example.net', { 'bytelyst-devops': 'viewer' })
  }, 120_000)
  afterAll(() => parts?.stop())

  const askGrant = (person: Person, body: object, over: Readonly<Record<string, string | null>> = {}) => {
    const target = '/platform/api/auth/grants'
    return askApi(parts.platformPort, { method: 'POST', target, headers: pageHeaders(person, 'platform', { target, over }), body })
  }
  /** Refusals of confirmations alone: the other parts ask the service too, and at the moved clock are refused in their own rows. */
  const refusals = (from: number) =>
    parts
      .rows('platform-service')
      .slice(from)
      .filter(({ action, outcome }) => action === 'auth.grant.create' && (outcome === 'denied' || outcome === 'failed'))
      .map(({ code }) => code)

  attackCase('G22', 'a confirmation for the asking', async (it) => {
    const before = parts.rows('platform-service').length
    const good = { verb: 'scripts.approve', digest }
    await it.attack('no CSRF token, a foreign page, too low a role, a verb that is none, one that only changes or reads', async () => {
      expect(codeOf(await askGrant(admin, good, { 'x-csrf-token': null }))).toEqual([403, 'AUTH_CSRF_INVALID'])
      expect(codeOf(await askGrant(admin, good, { origin: 'https://evil.example' }))).toEqual([403, 'AUTH_ORIGIN_REFUSED'])
      expect(codeOf(await askGrant(viewer, good))).toEqual([403, 'AUTH_FORBIDDEN'])
      for (const verb of ['nothing.here', 'runs.start', 'scripts.list', 'toString'])
        expect([verb, ...codeOf(await askGrant(admin, { verb, digest }))]).toEqual([verb, 400, 'GRANT_VERB_UNKNOWN'])
      expect((await askGrant(admin, { verb: 'scripts.approve', digest: digest.toUpperCase() })).status).toBe(400)
      expect((await askGrant(admin, { ...good, aud: 'docker-proxy' })).status).toBe(400)
    })
    await it.control('an admin’s, for what destroys', async () => {
      const claims = Buffer.from(String(bodyOf(await askGrant(admin, good)).grant).split('.')[1] ?? '', 'base64url').toString()
      expect(JSON.parse(claims)).toMatchObject({ aud: 'host-agent', sub: admin.id, verb: 'scripts.approve', digest })
    })
    await it.row('a row each, but for bad input', () => {
      expect(refusals(before)).toEqual([
        'AUTH_CSRF_INVALID',
        'AUTH_ORIGIN_REFUSED',
        'AUTH_FORBIDDEN',
        ...Array(4).fill('GRANT_VERB_UNKNOWN'),
      ])
    })
  })

  attackCase('G21', 'an API token in a person’s place', async (it) => {
    const who = desk.somebody()
    const plan = await desk.plan(who)
    let refused = ''
    await it.attack('at the service, and at the daemon with a confirmation that is right', async () => {
      const target = '/platform/api/auth/grants'
      const headers = [
        ['authorization', 'Bearer blt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
        ['content-type', 'application/json'],
      ] as const
      const answer = await askApi(parts.platformPort, { method: 'POST', target, headers, body: { verb: 'scripts.approve', digest } })
      expect(codeOf(answer)).toEqual([401, 'AUTH_TOKEN_INVALID'])
      const byToken = await desk.approve(who, plan.digest, desk.grant(who, plan.digest), {
        authorization: desk.bearer(who, { amr: ['api'] }),
      })
      expect(codeOf(byToken)).toEqual([403, 'AUTH_FORBIDDEN'])
      refused = byToken.requestId
    })
    await it.control('by password', async () =>
      expect((await desk.approve(who, plan.digest, desk.grant(who, plan.digest))).status).toBe(200),
    )
    await it.row('denied', () => expect(desk.outcomes(refused)).toEqual(['denied AUTH_FORBIDDEN']))
  })

  attackCase('G20', 'the person is disabled after the confirmation was given', async (it) => {
    const going = await parts.invite(admin, 'going@example.net', { 'bytelyst-devops': 'admin' })
    const before = parts.rows('platform-service').length
    const good = { verb: 'scripts.approve', digest }
    let given = ''
    await it.control('given while active', async () => {
      given = String(bodyOf(await askGrant(going, good)).grant)
      expect(given.split('.')).toHaveLength(3)
    })
    await it.attack('the next is refused, and the one that was given ends within two minutes', async () => {
      expect((await admin.platform.post(`/users/${going.id}/disable`, { reason: 'a test of the end' })).status).toBe(200)
      expect(codeOf(await askGrant(going, good))).toEqual([401, 'AUTH_REQUIRED'])
      const { iat, exp } = JSON.parse(Buffer.from(given.split('.')[1] ?? '', 'base64url').toString()) as { iat: number; exp: number }
      expect(exp - iat).toBeLessThanOrEqual(120)
    })
    await it.row('denied', () => expect(refusals(before)).toEqual(['AUTH_REQUIRED']))
  })

  attackCase('G22', 'a factor that was shown five minutes and a second ago', async (it) => {
    const clock = join(parts.folder, 'clock')
    const good = { verb: 'scripts.approve', digest }
    rmSync(clock, { force: true })
    await parts.running.get('platform-service')?.stop()
    await parts.start('platform-service', clockFrom(clock))
    const before = parts.rows('platform-service').length
    await it.control('in time', async () => expect((await askGrant(admin, good)).status).toBe(201))
    await it.attack('too late', async () => {
      writeFileSync(clock, '301000')
      expect(codeOf(await askGrant(admin, good))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    })
    await it.row('failed', () => expect(refusals(before)).toEqual(['AUTH_STEP_UP_REQUIRED']))
  })
})
