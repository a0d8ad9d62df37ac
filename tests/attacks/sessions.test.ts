import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { signServiceToken } from '@console/tokens/service-token'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { askApi, askDaemon, bodyOf, codeOf, pageHeaders } from './raw-asking.ts'

const devops = 'bytelyst-devops'
const platform = 'bytelyst-platform'

describe('a session that is stolen, forced upon somebody, or over', () => {
  let parts: RunningParts
  let admin: Person
  let viewer: Person
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'host-agent', 'devops-backend'] })
    admin = await parts.setUp()
    viewer = await parts.invite(admin, 'viewer@example.net', { [devops]: 'viewer' })
  })
  afterAll(() => parts?.stop())

  const who = (headers: readonly (readonly [string, string])[], query = '') =>
    askApi(parts.platformPort, { target: `/platform/api/auth/session${query}`, headers })
  const services = (headers: readonly (readonly [string, string])[], query = '') =>
    askApi(parts.backendPort, { target: `/api/devops/services${query}`, headers })
  const cookiesOf = ({ platform: page }: Person, path: string) => page.cookiesFor(path)
  const atPlatform = (person: Person) => cookiesOf(person, '/platform/api')
  const atDevops = (person: Person) => cookiesOf(person, '/api/devops')
  const value = ({ platform: page }: Person, name: string) => page.cookie(name)
  const deniedSince = (from: number, part: 'platform-service' | 'devops-backend') =>
    parts
      .rows(part)
      .slice(from)
      .filter(({ outcome }) => outcome === 'denied')
      .map((row) => `${row.action} ${row.code}`)

  attackCase('A10', 'another spelling of a session', async (it) => {
    const before = parts.rows('devops-backend').length
    await it.attack('quoted, padded, cut, in capitals, and longer than any', async () => {
      const ref = value(viewer, '__Secure-bl_ref')
      const tie = value(viewer, '__Host-bl_tie')
      for (const odd of [`"${ref}"`, `${ref}=`, ref.slice(0, -1), ref.toUpperCase(), `${ref}${'A'.repeat(300)}`])
        expect([odd.length, ...codeOf(await services([['cookie', `__Secure-bl_ref=${odd}; __Host-bl_tie=${tie}`]]))]).toEqual([
          odd.length,
          401,
          'AUTH_REQUIRED',
        ])
    })
    await it.control('as it was given', async () => {
      expect((await services([['cookie', atDevops(viewer)]])).status).toBe(200)
    })
    await it.row('a row each', () => {
      expect(deniedSince(before, 'devops-backend')).toEqual(Array(5).fill('services.service.list AUTH_REQUIRED'))
    })
  })

  attackCase('A11', 'work on after the session was ended, the person disabled, the role lowered, the membership over', async (it) => {
    const names = ['ended', 'disabled', 'lowered', 'leaving'] as const
    const people = new Map<string, Person>()
    for (const name of names)
      people.set(name, await parts.invite(admin, `${name}@example.net`, { [devops]: 'operator', [platform]: 'viewer' }))
    const person = (name: (typeof names)[number]) => people.get(name) as Person
    const asked = (one: Person) =>
      askApi(parts.backendPort, { target: '/api/devops/deployments/none/logs', headers: [['cookie', atDevops(one)]] })
    const introspected = async (one: Person) => {
      const token = signServiceToken(parts.serviceKey('devops-backend'), {
        name: 'devops-backend',
        audience: 'platform-service',
        nowMs: Date.now(),
      })
      const body = { token: value(one, '__Secure-bl_ref'), tie: value(one, '__Host-bl_tie'), activity: false }
      const headers = [
        ['authorization', `Bearer ${token}`],
        ['content-type', 'application/json'],
      ] as const
      return bodyOf(await askApi(parts.platformPort, { method: 'POST', target: '/platform/api/internal/introspect', headers, body }))
    }
    let forwarded = ''
    let before = 0

    await it.control('each of them reads what an operator may read', async () => {
      for (const name of names) expect((await asked(person(name))).status).toBe(404)
      forwarded = String((await introspected(person('disabled'))).accessToken)
    })
    await it.attack('each goes on asking', async () => {
      before = parts.rows('devops-backend').length
      const change = async (method: string, path: string, body?: object) =>
        expect([path, (await admin.platform.call(method, path, { ...(body && { body }) })).status]).toEqual([path, 200])
      await change('POST', `/users/${person('ended').id}/sessions/end`, { reason: 'a test of the end' })
      await change('POST', `/users/${person('disabled').id}/disable`, { reason: 'a test of the end' })
      await change('PUT', `/memberships/${person('lowered').id}/${devops}`, { role: 'viewer' })
      const expiresAt = new Date(Date.now() + 1_000).toISOString()
      await change('PUT', `/memberships/${person('leaving').id}/${devops}`, { role: 'operator', expiresAt })
      for (const name of ['ended', 'disabled'] as const) expect(codeOf(await who([['cookie', atPlatform(person(name))]]))[0]).toBe(401)
      // Promised are five seconds; more is given to a loaded machine, and nothing to an answer that stays.
      const refusal = { ended: 401, disabled: 401, lowered: 403, leaving: 401 } as const
      await Promise.all(
        names.map((name) => until(`${name} is refused`, async () => (await asked(person(name))).status === refusal[name], 20_000)),
      )
    })
    await it.attack('a forwarded access token, which ends by itself within five minutes, destroys nothing', async () => {
      const socket = parts.socketOf('host-agent')
      const authorization = `Bearer ${forwarded}`
      const claims = JSON.parse(Buffer.from(forwarded.split('.')[1] ?? '', 'base64url').toString()) as { iat: number; exp: number }
      expect(claims.exp - claims.iat).toBeLessThanOrEqual(300)
      expect(codeOf(await askDaemon(socket, 'scripts.approve', { authorization, args: { digest: 'ab'.repeat(32) } }))[0]).toBe(403)
      expect((await introspected(person('disabled'))).active).toBe(false)
    })
    await it.row('refusals of each', () => {
      const denied = deniedSince(before, 'devops-backend')
      expect(denied).toContain('deployments.log.list AUTH_REQUIRED')
      expect(denied).toContain('deployments.log.list AUTH_FORBIDDEN')
    })
  })

  attackCase('A12', 'a credential in the address or the body, two at once, two cookies of one name', async (it) => {
    const before = { platform: parts.rows('platform-service').length, devops: parts.rows('devops-backend').length }
    await it.attack('in query and body', async () => {
      const sid = value(viewer, '__Secure-bl_sid')
      const ref = value(viewer, '__Secure-bl_ref')
      const tie = value(viewer, '__Host-bl_tie')
      expect(codeOf(await who([], `?token=${sid}&tie=${tie}&__Secure-bl_sid=${sid}`))).toEqual([401, 'AUTH_REQUIRED'])
      expect(codeOf(await services([['cookie', `__Host-bl_tie=${tie}`]], `?token=${ref}&access_token=${ref}`))).toEqual([
        401,
        'AUTH_REQUIRED',
      ])
      const headers = [
        ['origin', 'http://localhost:3000'],
        ['content-type', 'application/json'],
      ] as const
      const body = { token: ref, tie, access_token: ref }
      expect(codeOf(await askApi(parts.backendPort, { method: 'POST', target: '/api/devops/services', headers, body }))).toEqual([
        401,
        'AUTH_REQUIRED',
      ])
    })
    await it.attack('cookie and Bearer together, and cookies twice in one line or two', async () => {
      const bearer = ['authorization', 'Bearer blt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'] as const
      const twice = (line: string) => [`${line}; ${line.split('; ')[0]}`, `${line.split('; ')[0]?.split('=')[0]}=planted; ${line}`]
      for (const [ask, line] of [
        [who, atPlatform(viewer)],
        [services, atDevops(viewer)],
      ] as const) {
        expect(codeOf(await ask([['cookie', line], bearer]))).toEqual([400, 'REQUEST_INVALID'])
        for (const cookie of twice(line)) expect(codeOf(await ask([['cookie', cookie]]))).toEqual([400, 'REQUEST_INVALID'])
        const split = line.split('; ').map((pair) => ['cookie', pair] as const)
        expect(codeOf(await ask([...split, ['cookie', line.split('; ')[0] ?? '']]))).toEqual([400, 'REQUEST_INVALID'])
      }
    })
    await it.control('the cookies once, and nothing else', async () => {
      expect((await who([['cookie', atPlatform(viewer)]])).status).toBe(200)
      expect((await services([['cookie', atDevops(viewer)]])).status).toBe(200)
    })
    await it.row('rows where something was attempted; asking who is signed in leaves none', () => {
      expect(deniedSince(before.devops, 'devops-backend')).toEqual([
        'services.service.list AUTH_REQUIRED',
        'services.service.create AUTH_REQUIRED',
        ...Array(4).fill('services.service.list REQUEST_INVALID'),
      ])
      expect(deniedSince(before.platform, 'platform-service')).toEqual([])
    })
  })

  attackCase('A14', 'what belongs to somebody else', async (it) => {
    const before = { platform: parts.rows('platform-service').length, devops: parts.rows('devops-backend').length }
    const other = await parts.signIn('viewer@example.net')
    const sidOf = async ({ platform: page }: Person) => {
      const items = (await page.get('/auth/sessions')).body.items as unknown as { id: string; current: boolean }[]
      return items.find(({ current }) => current)?.id ?? ''
    }
    await it.attack('another person’s session by its id, and by an id that nobody has', async () => {
      for (const id of [await sidOf(admin), '00000000-0000-4000-8000-000000000000']) {
        const target = `/platform/api/auth/sessions/${id}`
        const headers = pageHeaders(viewer, 'platform', { target, over: { 'content-type': 'application/json' } })
        expect(codeOf(await askApi(parts.platformPort, { method: 'DELETE', target, headers, body: {} }))).toEqual([
          404,
          'SESSION_NOT_FOUND',
        ])
      }
      expect((await who([['cookie', atPlatform(admin)]])).status).toBe(200)
    })
    await it.attack('runs’ output and people, as a viewer', async () => {
      const runLog = await askApi(parts.backendPort, {
        target: '/api/devops/deployments/some-run/logs/stream',
        headers: [['cookie', atDevops(viewer)]],
      })
      expect(codeOf(runLog)).toEqual([403, 'AUTH_FORBIDDEN'])
      const people = await askApi(parts.platformPort, { target: '/platform/api/users', headers: [['cookie', atPlatform(viewer)]] })
      expect(codeOf(people)).toEqual([403, 'AUTH_FORBIDDEN'])
    })
    await it.control('one’s own other session ends', async () => {
      expect((await viewer.platform.call('DELETE', `/auth/sessions/${await sidOf(other)}`)).status).toBe(204)
      expect((await who([['cookie', atPlatform(other)]])).status).toBe(401)
    })
    await it.row('each attempt is on record', () => {
      const failed = parts
        .rows('platform-service')
        .slice(before.platform)
        .filter(({ outcome }) => outcome === 'failed')
      expect(failed.map((row) => `${row.action} ${row.code}`)).toEqual(Array(2).fill('auth.ownSession.end SESSION_NOT_FOUND'))
      expect(deniedSince(before.platform, 'platform-service')).toContain('users.user.list AUTH_FORBIDDEN')
      expect(deniedSince(before.devops, 'devops-backend')).toEqual(['deployments.log.stream AUTH_FORBIDDEN'])
    })
  })
})
