import { devopsActions } from '@console/contracts/devops-actions'
import { platformActions } from '@console/contracts/platform-actions'
import { attackCase } from '@console/testkit/attack'
import { exchange, type RawAnswer, requestBytes } from '@console/testkit/raw-socket'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { askApi, codeOf, pageHeaders } from './raw-asking.ts'

const apis = [
  { api: 'platform', part: 'platform-service', target: '/platform/api/auth/grants', action: 'auth.grant.create' },
  { api: 'devops', part: 'devops-backend', target: '/api/devops/services', action: 'services.service.create' },
] as const
type Api = (typeof apis)[number]

describe('a page that is not ours, by the cookies of somebody who is signed in', () => {
  let parts: RunningParts
  let admin: Person
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'devops-backend'] })
    admin = await parts.setUp()
  }, 120_000)
  afterAll(() => parts?.stop())

  const portOf = ({ api }: Api) => (api === 'platform' ? parts.platformPort : parts.backendPort)
  // A body that no action takes: past the guards it is stopped by validation, and leaves nothing behind.
  const body = { nothingKnowsThis: true }
  const post = (api: Api, over: Readonly<Record<string, string | null>> = {}, person = admin): Promise<RawAnswer> =>
    askApi(portOf(api), { method: 'POST', target: api.target, headers: pageHeaders(person, api.api, { target: api.target, over }), body })
  const passes = async (over: Readonly<Record<string, string | null>> = {}) => {
    for (const api of apis) expect([api.api, ...codeOf(await post(api, over))]).toEqual([api.api, 400, 'INPUT_INVALID'])
  }
  const counts = () => Object.fromEntries(apis.map(({ part }) => [part, parts.rows(part).length]))
  const deniedSince = (before: Record<string, number>) =>
    apis.map(({ part, action }) => ({
      part,
      codes: parts
        .rows(part)
        .slice(before[part])
        .filter((row) => row.action === action && row.outcome === 'denied')
        .map(({ code }) => code),
    }))
  const everywhere = (codes: string[]) => apis.map(({ part }) => ({ part, codes }))

  attackCase('C1', 'a change without the token of this session', async (it) => {
    await parts.enrol(admin)
    const other = await parts.signIn('first@example.net')
    const stale = await parts.signIn('first@example.net')
    const before = counts()
    await it.attack('no token, an empty one, another session’s, the other API’s, and one that was made up', async () => {
      for (const api of apis) {
        const wrong = api.api === 'platform' ? admin.devops.csrf : admin.platform.csrf
        for (const token of [null, '', other[api.api].csrf, wrong, `${admin[api.api].csrf}A`, 'x'])
          expect([token, ...codeOf(await post(api, { 'x-csrf-token': token }))]).toEqual([token, 403, 'AUTH_CSRF_INVALID'])
      }
    })
    await it.row('a row each', () => expect(deniedSince(before)).toEqual(everywhere(Array(6).fill('AUTH_CSRF_INVALID'))))
    await it.attack('all of it after sign-out', async () => {
      const signOut = { method: 'POST', target: '/platform/api/auth/logout' }
      const headers = pageHeaders(stale, 'platform', { target: signOut.target })
      expect((await askApi(parts.platformPort, { ...signOut, headers, body: {} })).status).toBe(204)
      const [platform] = apis
      expect(codeOf(await post(platform, {}, stale))).toEqual([401, 'AUTH_REQUIRED'])
      expect(codeOf(await post(platform, { 'x-csrf-token': stale.platform.csrf }))).toEqual([403, 'AUTH_CSRF_INVALID'])
    })
    await it.control('its own token', () => passes())
  })

  attackCase('C2', 'what the browser says of the page’s site', async (it) => {
    const before = counts()
    await it.attack('cross-site', async () => {
      for (const api of apis) expect(codeOf(await post(api, { 'sec-fetch-site': 'cross-site' }))).toEqual([403, 'AUTH_ORIGIN_REFUSED'])
    })
    await it.control('same-site, same-origin, none, or nothing, from an origin of the list', async () => {
      for (const site of ['same-site', 'same-origin', 'none', null]) await passes({ 'sec-fetch-site': site })
    })
    await it.row('a row each', () => expect(deniedSince(before)).toEqual(everywhere(['AUTH_ORIGIN_REFUSED'])))
  })

  attackCase('C3', 'an origin that only looks like ours', async (it) => {
    const before = counts()
    const wrong = [
      null,
      'null',
      '',
      'http://localhost:3000.evil.example',
      'http://evil.localhost:3000',
      'http://localhost:30000',
      'http://localhost:3002',
      'http://localhost',
      'https://localhost:3000',
      'HTTP://LOCALHOST:3000',
      'http://127.0.0.1:3000',
      'http://localhost:3000/',
      'http://localhost:3000, http://evil.example',
    ]
    await it.attack('null, suffix, prefix, port, scheme, capitals, a path, none', async () => {
      for (const api of apis)
        for (const origin of wrong) expect([origin, ...codeOf(await post(api, { origin }))]).toEqual([origin, 403, 'AUTH_ORIGIN_REFUSED'])
    })
    await it.attack('two of them', async () => {
      for (const api of apis) {
        const headers = [...pageHeaders(admin, api.api, { target: api.target }), ['origin', 'http://evil.example']] as const
        expect(codeOf(await askApi(portOf(api), { method: 'POST', target: api.target, headers, body }))).toEqual([400, 'REQUEST_INVALID'])
      }
    })
    await it.control('each origin of the list', async () => {
      for (const origin of ['http://localhost:3000', 'http://localhost:3001']) await passes({ origin })
    })
    await it.row('a row each', () => expect(deniedSince(before)).toEqual(everywhere(wrong.map(() => 'AUTH_ORIGIN_REFUSED'))))
  })

  attackCase('C4', 'what a form can send without asking first', async (it) => {
    const before = counts()
    await it.attack('text, form, several parts, a type with a parameter, and none', async () => {
      const types = [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/json; charset=utf-8',
        'application/json\t',
        null,
      ]
      for (const api of apis)
        for (const type of types) {
          const answer = await post(api, { 'content-type': type })
          // White space after a value is no part of it (RFC 9112, section 5): that one is plain JSON.
          if (type === 'application/json\t') expect(codeOf(answer)).toEqual([400, 'INPUT_INVALID'])
          else expect([type, ...codeOf(answer)]).toEqual([type, 415, 'CONTENT_TYPE_REFUSED'])
        }
    })
    await it.control('application/json', () => passes())
    await it.row('nothing was begun', () => {
      for (const { part } of apis)
        expect(
          parts
            .rows(part)
            .slice(before[part])
            .filter(({ outcome }) => outcome === 'started'),
        ).toEqual([])
    })
  })

  attackCase('C5', 'a change by GET', async (it) => {
    const before = counts()
    await it.attack('every GET of both APIs, as admin, from a page of nobody', async () => {
      const gets = [...platformActions, ...devopsActions].filter(
        ({ method, auth, success }) => method === 'GET' && auth !== 'service' && !success.stream,
      )
      expect(gets.length).toBeGreaterThan(25)
      for (const { api, path, risk } of gets) {
        expect(['none', 'read']).toContain(risk)
        const target = `${api === 'platform' ? '/platform/api' : '/api/devops'}${path.replaceAll(/:[A-Za-z]+/g, 'some-id')}`
        const cookie = admin.platform.cookiesFor(target)
        const answer = await askApi(api === 'platform' ? parts.platformPort : parts.backendPort, {
          target,
          headers: [
            ['cookie', cookie],
            ['origin', 'http://evil.example'],
          ],
        })
        expect([target, answer.headers['access-control-allow-origin']]).toEqual([target, undefined])
      }
    })
    await it.control('a POST begins something', async () => {
      const plan = { verb: 'scripts.approve', digest: 'ab'.repeat(32) }
      expect((await admin.platform.post('/auth/grants', plan)).status).toBe(201)
    })
    await it.row('that POST alone was begun', () => {
      const started = apis
        .flatMap(({ part }) => parts.rows(part).slice(before[part]))
        .filter(({ outcome, action }) => outcome === 'started' && !/export/.test(action))
      // What is private is on record before it is read.
      const readings = devopsActions.filter(({ verb }) => verb?.risk === 'read' && verb.recorded).map(({ id }) => id)
      expect(started.map(({ action }) => action)).toEqual(['auth.grant.create', ...readings])
    })
  })

  attackCase('C6', 'a stream for somebody else’s page', async (it) => {
    const target = '/api/devops/events'
    const before = counts()
    const read = (headers: readonly (readonly [string, string])[]) =>
      exchange({
        port: parts.backendPort,
        bytes: requestBytes({ method: 'GET', target, headers: [['host', 'localhost'], ['accept', 'text/event-stream'], ...headers] }),
        quietMs: 20_000,
        timeoutMs: 20_000,
        enough: (text) => text.includes('\r\n\r\n') && !/^HTTP\/1\.1 4/.test(text),
      })
    await it.attack('no cookie; no tie; an upgrade', async () => {
      expect(codeOf(await read([]))).toEqual([401, 'AUTH_REQUIRED'])
      const reference = admin.platform
        .cookiesFor(target)
        .split('; ')
        .filter((pair) => pair.includes('bl_ref'))
      expect(codeOf(await read([['cookie', reference.join('; ')]]))).toEqual([401, 'AUTH_REQUIRED'])
      const upgrade = await exchange({
        port: parts.backendPort,
        bytes: `GET ${target} HTTP/1.1\r\nhost: localhost\r\ncookie: ${admin.platform.cookiesFor(target)}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
        quietMs: 20_000,
        timeoutMs: 20_000,
      })
      expect([upgrade.status, upgrade.closed]).toEqual([400, true])
    })
    await it.attack('a foreign origin may not read it', async () => {
      const answer = await read([
        ['cookie', admin.platform.cookiesFor(target)],
        ['origin', 'https://evil.example'],
      ])
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    })
    await it.control('ours may', async () => {
      const answer = await read([
        ['cookie', admin.platform.cookiesFor(target)],
        ['origin', 'http://localhost:3000'],
      ])
      expect([answer.status, answer.headers['access-control-allow-origin'], answer.headers['access-control-allow-credentials']]).toEqual([
        200,
        'http://localhost:3000',
        'true',
      ])
    })
    await it.row('the refusals are on record', () => {
      const denied = parts
        .rows('devops-backend')
        .slice(before['devops-backend'])
        .filter(({ outcome }) => outcome === 'denied')
      expect(denied.map((row) => `${row.action} ${row.code}`)).toEqual(Array(2).fill('events.change.stream AUTH_REQUIRED'))
    })
  })

  attackCase('C8', 'a preflight from elsewhere', async (it) => {
    const before = counts()
    const ask = (api: Api, origin: string) =>
      askApi(portOf(api), {
        method: 'OPTIONS',
        target: api.target,
        headers: [
          ['origin', origin],
          ['access-control-request-method', 'POST'],
          ['access-control-request-headers', 'content-type,x-csrf-token'],
        ],
      })
    await it.attack('evil, null, and one that ends like ours', async () => {
      for (const api of apis)
        for (const origin of ['https://evil.example', 'null', 'http://localhost:3000.evil.example'])
          expect([origin, (await ask(api, origin)).headers['access-control-allow-origin']]).toEqual([origin, undefined])
    })
    await it.control('ours, by name and never by a star', async () => {
      for (const api of apis) {
        const { headers } = await ask(api, 'http://localhost:3001')
        expect(headers).toMatchObject({
          'access-control-allow-origin': 'http://localhost:3001',
          'access-control-allow-credentials': 'true',
        })
        expect(headers.vary?.toLowerCase()).toContain('origin')
      }
    })
    await it.row('asking first is no attempt, and leaves none', () => expect(counts()).toEqual(before))
  })
})
