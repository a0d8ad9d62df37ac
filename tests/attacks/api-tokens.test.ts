import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { signServiceToken } from '@console/tokens/service-token'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { createConfirming } from './confirming.ts'
import { askApi, askDaemon, bodyOf, codeOf, pageHeaders } from './raw-asking.ts'

const devops = 'bytelyst-devops'

describe('an API token that is stolen, foreign, or over', () => {
  let parts: RunningParts
  let admin: Person
  let operator: Person
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'host-agent', 'devops-backend'] })
    parts.writeScript('hello', 'echo hello')
    admin = await parts.setUp()
    // Tokens of an admin rest until their person has a second factor.
    await parts.enrol(admin)
    operator = await parts.invite(admin, 'operator@example.net', { [devops]: 'operator' })
  }, 120_000)
  afterAll(() => parts?.stop())

  const make = async (person: Person, actions: string[], productId = devops) => {
    const made = await person.platform.post('/auth/api-tokens', { name: 'pipeline', productId, actions, expiresInDays: 1 })
    expect([made.status, made.body.code]).toEqual([201, undefined])
    return { id: String((made.body.token as unknown as { id: string }).id), secret: String(made.body.secret) }
  }
  const bearer = (secret: string) => ['authorization', `Bearer ${secret}`] as const
  const asking = (secret: string, target: string, method = 'GET', body?: object) =>
    askApi(parts.backendPort, {
      method,
      target,
      headers: [bearer(secret), ...(body ? [['content-type', 'application/json'] as const] : [])],
      ...(body && { body }),
    })
  const introspected = async (secret: string) => {
    const token = signServiceToken(parts.serviceKey('devops-backend'), {
      name: 'devops-backend',
      audience: 'platform-service',
      nowMs: Date.now(),
    })
    const headers = [bearer(token), ['content-type', 'application/json']] as const
    const body = { token: secret, tie: null, activity: false }
    return bodyOf(await askApi(parts.platformPort, { method: 'POST', target: '/platform/api/internal/introspect', headers, body }))
  }
  const deniedSince = (from: number, part: 'platform-service' | 'devops-backend') =>
    parts
      .rows(part)
      .slice(from)
      .filter(({ outcome }) => outcome === 'denied')
      .map((row) => `${row.action} ${row.code}`)

  attackCase('A11', 'work on with a token that was ended', async (it) => {
    const { id, secret } = await make(operator, ['services.service.list'])
    const before = parts.rows('devops-backend').length
    await it.control('while it is good, for what it lists', async () => {
      expect((await asking(secret, '/api/devops/services')).status).toBe(200)
    })
    await it.attack('something that it does not list, and everything after its end', async () => {
      expect(codeOf(await asking(secret, '/api/devops/deployments'))).toEqual([403, 'AUTH_FORBIDDEN'])
      expect((await operator.platform.call('DELETE', `/auth/api-tokens/${id}`)).status).toBe(204)
      // Promised are five seconds; more is given to a loaded machine, and nothing to an answer that stays.
      await until('the token is refused', async () => (await asking(secret, '/api/devops/services')).status === 401, 20_000)
      expect((await introspected(secret)).active).toBe(false)
    })
    await it.row('refusals of both kinds', () => {
      const denied = deniedSince(before, 'devops-backend')
      expect(denied).toContain('deployments.run.list AUTH_FORBIDDEN')
      expect(denied).toContain('services.service.list AUTH_REQUIRED')
    })
  })

  attackCase('A14', 'another person’s token by its id', async (it) => {
    const before = parts.rows('platform-service').length
    const { id, secret } = await make(admin, ['services.service.list'])
    const end = (person: Person, target: string) =>
      askApi(parts.platformPort, { method: 'DELETE', target, headers: pageHeaders(person, 'platform', { target }), body: {} })
    await it.attack('ended as one’s own, ended as an admin would, and looked at in the list of all', async () => {
      expect(codeOf(await end(operator, `/platform/api/auth/api-tokens/${id}`))).toEqual([404, 'API_TOKEN_NOT_FOUND'])
      expect(codeOf(await end(operator, `/platform/api/api-tokens/${id}`))).toEqual([403, 'AUTH_FORBIDDEN'])
      const cookie = ['cookie', operator.platform.cookiesFor('/platform/api')] as const
      expect(codeOf(await askApi(parts.platformPort, { target: '/platform/api/api-tokens', headers: [cookie] }))).toEqual([
        403,
        'AUTH_FORBIDDEN',
      ])
      expect((await introspected(secret)).active).toBe(true)
    })
    await it.control('by the person whose it is', async () => {
      expect((await end(admin, `/platform/api/auth/api-tokens/${id}`)).status).toBe(204)
      expect((await introspected(secret)).active).toBe(false)
    })
    await it.row('each attempt', () => {
      const rows = parts.rows('platform-service').slice(before)
      const told = rows.filter(({ outcome }) => outcome === 'failed' || outcome === 'denied').map(({ action, code }) => `${action} ${code}`)
      expect(told).toEqual([
        'apiTokens.ownToken.revoke API_TOKEN_NOT_FOUND',
        'apiTokens.token.revoke AUTH_FORBIDDEN',
        'apiTokens.token.list AUTH_FORBIDDEN',
      ])
    })
  })

  attackCase('G21', 'a real token of an admin in a person’s place', async (it) => {
    const desk = createConfirming(parts, 'hello')
    const who = desk.somebody()
    const plan = await desk.plan(who)
    const { secret } = await make(admin, ['scripts.script.list', 'services.service.list'])
    const before = parts.rows('platform-service').length
    let refused = ''
    await it.attack('asked for a confirmation, and at the daemon with a confirmation that is right', async () => {
      const headers = [bearer(secret), ['content-type', 'application/json']] as const
      const target = '/platform/api/auth/grants'
      const body = { verb: 'scripts.approve', digest: plan.digest }
      expect(codeOf(await askApi(parts.platformPort, { method: 'POST', target, headers, body }))).toEqual([401, 'AUTH_TOKEN_INVALID'])
      const { accessToken } = await introspected(secret)
      const answer = await askDaemon(parts.socketOf('host-agent'), 'scripts.approve', {
        authorization: `Bearer ${accessToken}`,
        grant: desk.grant(who, plan.digest),
        args: { digest: plan.digest },
      })
      expect(codeOf(answer)).toEqual([403, 'AUTH_FORBIDDEN'])
      refused = answer.requestId
    })
    await it.attack('a destroy action at the API', async () => {
      expect(codeOf(await asking(secret, '/api/devops/services/none', 'DELETE'))[0]).toBe(403)
    })
    await it.control('the person, with the same confirmation', async () => {
      expect((await desk.approve(who, plan.digest, desk.grant(who, plan.digest))).status).toBe(200)
    })
    await it.row('denied at both', () => {
      expect(deniedSince(before, 'platform-service')).toContain('auth.grant.create AUTH_TOKEN_INVALID')
      expect(desk.outcomes(refused)).toEqual(['denied AUTH_FORBIDDEN'])
    })
  })
})
