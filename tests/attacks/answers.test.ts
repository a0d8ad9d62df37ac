import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { type Program, startProgram } from '@console/testkit/program'
import type { RawAnswer } from '@console/testkit/raw-socket'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { freePorts } from '@console/testkit/start-console'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { askApi, codeOf } from './raw-asking.ts'

describe('what an answer carries, and for whom it is', () => {
  let parts: RunningParts
  let web: Program
  let admin: Person
  let webPort = 0
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'devops-backend'] })
    admin = await parts.setUp()
    const site = join(parts.folder, 'site')
    mkdirSync(site)
    for (const name of ['index.html', '404.html']) writeFileSync(join(site, name), '<!doctype html><title>ours</title>')
    ;[webPort = 0] = await freePorts(1)
    web = await startProgram('packages/web-host/src/main.ts', { WEB_ROOT: site, PORT: String(webPort) })
  }, 120_000)
  afterAll(async () => {
    await web?.stop()
    await parts?.stop()
  })
  const counts = () => ({ platform: parts.rows('platform-service').length, devops: parts.rows('devops-backend').length })
  const cookie = (path: string) => [['cookie', admin.platform.cookiesFor(path)]] as const

  attackCase('C9', 'cookies that a page, a sibling or another API could take', async (it) => {
    const before = counts()
    // An admin’s second sign-in is good for a second factor alone, and sets two.
    await parts.invite(admin, 'operator@example.net', { 'bytelyst-devops': 'operator' })
    const body = { email: 'operator@example.net', password: 'violet harbor quartz ninety' }
    const headers = [
      ['origin', 'http://localhost:3001'],
      ['content-type', 'application/json'],
    ] as const
    let lines: string[] = []
    await it.control('signing in sets three', async () => {
      const answer = await askApi(parts.platformPort, { method: 'POST', target: '/platform/api/auth/login', headers, body })
      lines = [...answer.text.matchAll(/^set-cookie: (.*)\r$/gim)].map(([, line = '']) => line)
      expect(lines.map((line) => line.slice(0, line.indexOf('='))).sort()).toEqual(['__Host-bl_tie', '__Secure-bl_ref', '__Secure-bl_sid'])
    })
    await it.attack('a flag that is missing, a Domain, a path too wide', () => {
      const paths: Record<string, string> = { '__Secure-bl_sid': '/platform/api', '__Secure-bl_ref': '/api/devops', '__Host-bl_tie': '/' }
      for (const line of lines) {
        const [pair = '', ...attributes] = line.split('; ')
        const [name = '', value = ''] = pair.split('=')
        expect(attributes).toEqual(expect.arrayContaining(['HttpOnly', 'Secure', 'SameSite=Strict', `Path=${paths[name]}`]))
        expect(line).not.toMatch(/domain/i)
        expect([value.length, line.length < 4_096]).toEqual([43, true])
      }
    })
    await it.row('signing in is on record, without a value', () => {
      const rows = JSON.stringify(parts.rows('platform-service').slice(before.platform))
      expect(rows).toContain('"auth.session.create"')
      for (const line of lines) expect(rows).not.toContain(line.split(/[=;]/)[1])
    })
  })

  attackCase('C10', 'an answer without its headers', async (it) => {
    const before = counts()
    const api = {
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-site',
    }
    const big = 'x'.repeat(1_100_000)
    await it.attack('good answers and every kind of refusal, of both APIs', async () => {
      for (const [port, prefix, list] of [
        [parts.platformPort, '/platform/api', '/users'],
        [parts.backendPort, '/api/devops', '/services'],
      ] as const) {
        const json = [...cookie(`${prefix}${list}`), ['content-type', 'application/json']] as const
        const answers: [number, RawAnswer][] = [
          [200, await askApi(port, { target: `${prefix}${list}`, headers: cookie(`${prefix}${list}`) })],
          [401, await askApi(port, { target: `${prefix}${list}` })],
          [404, await askApi(port, { target: '/nothing' })],
          [400, await askApi(port, { target: '//evil.test/' })],
          [421, await askApi(port, { target: `${prefix}${list}`, headers: [['host', 'evil.test']] })],
          [
            403,
            await askApi(port, {
              method: 'POST',
              target: prefix === '/platform/api' ? `${prefix}/auth/grants` : `${prefix}${list}`,
              headers: json,
              body: {},
            }),
          ],
          [415, await askApi(port, { method: 'POST', target: `${prefix}${list}`, headers: [['content-type', 'text/plain']], body: 'x' })],
          [
            413,
            await askApi(port, {
              method: 'POST',
              target: prefix === '/platform/api' ? `${prefix}/auth/login` : `${prefix}${list}`,
              headers: [...json, ['origin', 'http://localhost:3000'], ['x-csrf-token', admin.devops.csrf]],
              body: `{"email":"${big}"}`,
            }),
          ],
        ]
        for (const [status, answer] of answers) {
          expect([prefix, status, answer.status]).toEqual([prefix, status, status])
          expect([prefix, status, answer.headers]).toEqual([prefix, status, expect.objectContaining(api)])
          expect(answer.headers.server).toBeUndefined()
          expect(answer.headers['x-powered-by']).toBeUndefined()
        }
      }
    })
    await it.attack('pages, files that are not there, and refusals of a dashboard', async () => {
      for (const [target, status, headers] of [
        ['/', 200, []],
        ['/nothing', 404, []],
        ['/settings.json', 200, []],
        ['/', 421, [['host', 'evil.test']]],
      ] as const) {
        const answer = await askApi(webPort, { target, headers })
        expect([target, answer.status]).toEqual([target, status])
        expect(answer.headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
        expect(answer.headers).toMatchObject({
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cross-origin-opener-policy': 'same-origin',
        })
      }
    })
    await it.control('they stand beside the answer itself', async () => {
      expect((await askApi(webPort, { target: '/' })).body).toContain('ours')
    })
    await it.row('refusals are rows; what never was a request of ours is none', () => {
      const denied = parts
        .rows('devops-backend')
        .slice(before.devops)
        .filter(({ outcome }) => outcome === 'denied')
      expect(denied.map(({ code }) => code)).toEqual(['AUTH_REQUIRED', 'AUTH_ORIGIN_REFUSED'])
    })
  })

  attackCase('C12', 'a request under another name than ours', async (it) => {
    const before = counts()
    const ask = (port: number, target: string, host: string) => askApi(port, { target, headers: [['host', host], ...cookie(target)] })
    const all = () =>
      [
        [parts.platformPort, '/platform/api/auth/session'],
        [parts.backendPort, '/api/devops/services'],
      ] as const
    await it.attack('a name of the attacker, one that begins or ends like ours, an address of the network, two at once', async () => {
      for (const host of [
        'evil.test',
        'localhost.evil.test',
        'evil.localhost',
        'api.bytelyst.com.evil.test',
        '10.0.0.1',
        '0.0.0.0',
        '[::ffff:127.0.0.1]',
      ])
        for (const [port, target] of [...all(), [webPort, '/'] as const])
          expect([host, port, (await ask(port, target, host)).status]).toEqual([host, port, 421])
      for (const [port, target] of all()) {
        const two = await askApi(port, { target, headers: [['host', 'localhost'], ['host', 'evil.test'], ...cookie(target)] })
        expect(two.status).toBe(400)
      }
    })
    await it.control('ours, with any port', async () => {
      for (const host of ['localhost', '127.0.0.1:1', '[::1]:65535', 'api.bytelyst.com'])
        for (const [port, target] of all()) expect([host, codeOf(await ask(port, target, host))[0]]).toEqual([host, 200])
    })
    await it.row('nothing was asked of us', () => expect(counts()).toEqual(before))
  })
})
