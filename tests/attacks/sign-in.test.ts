import { platformActions } from '@console/contracts/platform-actions'
import { mount } from '@console/http-kit/mount'
import type { MountOptions } from '@console/http-kit/mount-options'
import { buildServer } from '@console/http-kit/server'
import { attackCase } from '@console/testkit/attack'
import { goodPassword, type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { signAccessToken } from '@console/tokens/access-token'
import { signServiceToken } from '@console/tokens/service-token'
import { allVerbs } from '@console/verbs/all'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { askApi, askDaemon, codeOf } from './raw-asking.ts'

const email = 'first@example.net'
const page = [
  ['origin', 'http://localhost:3001'],
  ['content-type', 'application/json'],
] as const

describe('getting in', () => {
  let parts: RunningParts
  let admin: Person
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'host-agent', 'docker-proxy'] })
  }, 120_000)
  afterAll(() => parts?.stop())
  const post = (path: string, body: object) =>
    askApi(parts.platformPort, { method: 'POST', target: `/platform/api${path}`, headers: page, body })
  const rowsOf = (action: string) => parts.rows('platform-service').filter((row) => row.action === action)

  attackCase('A16', 'a race for the first admin', async (it) => {
    const person = (token: string, n = 0) => ({
      token,
      email: n === 0 ? email : `rival-${n}@example.net`,
      password: goodPassword,
      name: 'First',
    })
    await it.attack('without the token, and with one that is nearly it', async () => {
      const token = String(parts.setupToken())
      for (const wrong of ['x', token.slice(0, -1), `${token}A`, token.toUpperCase()])
        expect(codeOf(await post('/setup', person(wrong)))).toEqual([403, 'SETUP_TOKEN_INVALID'])
    })
    await it.control('with it, one of eight at once', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => post('/setup', person(String(parts.setupToken()), n))))
      expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(404)])
    })
    await it.attack('with it once more', async () => {
      expect(codeOf(await post('/setup', person(String(parts.setupToken()))))).toEqual([404, 'SETUP_DONE'])
    })
    await it.row('one was made, the others failed', () => {
      const outcomes = rowsOf('setup.admin.create').map(({ outcome }) => outcome)
      expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'failed').length).toBeGreaterThan(4)
      expect(JSON.stringify(parts.rows('platform-service'))).not.toContain(parts.setupToken())
    })
  })

  attackCase('A18', 'guessing, asking who is there, and a password of a megabyte', async (it) => {
    const first = rowsOf('setup.admin.create').find(({ outcome }) => outcome === 'done')?.target ?? email
    admin = await parts.signIn(first)
    await parts.invite(admin, 'bob@example.net', { 'bytelyst-devops': 'viewer' })
    const tell = async (who: string, password: string) => {
      const { status, headers, text } = await post('/auth/login', { email: who, password })
      const { requestId: _, ...problem } = JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) as Record<string, unknown>
      return { status, names: Object.keys(headers).sort(), problem }
    }
    await it.attack('a wrong password and an unknown e-mail are told the same', async () => {
      const wrong = await tell('bob@example.net', 'not the password at all')
      expect(wrong).toMatchObject({ status: 401, problem: { code: 'AUTH_CREDENTIALS_INVALID' } })
      expect(await tell('nobody@example.net', 'not the password at all')).toEqual(wrong)
      expect(wrong.names).not.toContain('set-cookie')
    })
    await it.attack('a megabyte', async () => {
      expect(codeOf(await post('/auth/login', { email: 'bob@example.net', password: 'x'.repeat(1_048_576) }))).toEqual([
        413,
        'BODY_TOO_LARGE',
      ])
      expect((await post('/auth/login', { email: 'bob@example.net', password: 'x'.repeat(100_000) })).status).toBe(400)
    })
    await it.control('the right one comes in', async () => {
      expect((await post('/auth/login', { email: 'bob@example.net', password: goodPassword })).status).toBe(200)
    })
    await it.attack('ten wrong ones, then the right one', async () => {
      for (let n = 0; n < 10; n += 1) await post('/auth/login', { email: 'bob@example.net', password: `guess number ${n} of ten` })
      expect(codeOf(await post('/auth/login', { email: 'bob@example.net', password: goodPassword }))).toEqual([
        401,
        'AUTH_CREDENTIALS_INVALID',
      ])
    })
    await it.control('when an admin lifts the block, it comes in again', async () => {
      const { items } = (await admin.platform.get('/throttles')).body as unknown as { items: { id: string; subject: string }[] }
      const block = items.find(({ subject }) => subject === 'bob@example.net')
      expect((await admin.platform.call('DELETE', `/throttles/${block?.id}`)).status).toBe(204)
      expect((await post('/auth/login', { email: 'bob@example.net', password: goodPassword })).status).toBe(200)
    })
    await it.row('failures are rows, and no password is in any', () => {
      const failed = rowsOf('auth.session.create').filter(({ outcome }) => outcome === 'failed')
      expect(failed.length).toBeGreaterThanOrEqual(5)
      expect(failed.every(({ code }) => code === 'AUTH_CREDENTIALS_INVALID')).toBe(true)
      expect(JSON.stringify(parts.rows('platform-service'))).not.toMatch(/guess number|not the password/)
    })
  })

  attackCase('A9', 'the signing secret in the environment of the backend', async (it) => {
    const secret = { JWT_SECRET: 'Kp7Wd2xT9cVb4NqZ6yRm1HsL8gFjE3aU' }
    const warned = () => parts.running.get('devops-backend')?.output.filter((line) => line.includes('can sign tokens and confirmations'))
    const told = async () => {
      const { body } = await admin.devops.get('/privileges')
      return (body.warnings as unknown as string[]).filter((warning) => warning.includes('can sign tokens'))
    }
    await it.control('without it, nothing is said', async () => {
      await parts.start('devops-backend')
      expect([warned(), await told()]).toEqual([[], []])
      await parts.running.get('devops-backend')?.stop()
    })
    await it.attack('with it, the log and the page of privileges say so, and production does not start', async () => {
      await parts.start('devops-backend', secret)
      expect([warned()?.length, (await told()).length]).toEqual([1, 1])
      await parts.running.get('devops-backend')?.stop()
      await expect(parts.start('devops-backend', { ...secret, NODE_ENV: 'production' })).rejects.toThrow('Remove it here')
    })
    await it.row('a start is no attempt: the logs of the other parts say nothing of it', () => {
      expect(JSON.stringify(parts.rows('platform-service'))).not.toContain(secret.JWT_SECRET)
    })
  })

  attackCase('A13', 'every verb of both daemons, asked as everybody', async (it) => {
    const asked: { requestId: string; daemon: 'host-agent' | 'docker-proxy' }[] = []
    let somebody = 0
    // A person of their own for each question: limits are not what this is about.
    const bearer = (role: 'viewer' | 'operator' | 'admin', amr: string[] = ['pwd']) => {
      somebody += 1
      const claims = {
        iss: 'https://api.bytelyst.com/platform/api',
        sub: `u${somebody}`,
        sid: 's',
        aud: 'bytelyst-devops',
        auth_time: 1,
        amr,
        role,
        plan: 'pro',
      }
      return `Bearer ${signAccessToken(parts.tokenKey, claims, { nowMs: Date.now() })}`
    }
    const callers = {
      viewer: { rank: 1, of: () => bearer('viewer') },
      operator: { rank: 2, of: () => bearer('operator') },
      admin: { rank: 3, of: () => bearer('admin') },
      'API token': { rank: 3, of: () => bearer('admin', ['api']) },
    } as const
    const ranks = { viewer: 1, operator: 2, admin: 3 } as const
    // Past the guards, arguments that no verb takes stop it; a verb that must be confirmed is asked with arguments that it takes.
    const argsOf = ({ risk, args }: (typeof allVerbs)[number]) =>
      risk === 'destroy' ? { digest: 'ab'.repeat(32), ...('name' in args && { name: 'a:latest' }) } : { nothingKnowsThis: true }
    await it.attack('too low a role, a token where a person must confirm, no confirmation', async () => {
      for (const verb of allVerbs)
        for (const [name, { rank, of }] of Object.entries(callers)) {
          const answer = await askDaemon(parts.socketOf(verb.daemon), verb.id, { authorization: of(), args: argsOf(verb) })
          const byToken = name === 'API token' && verb.risk === 'destroy'
          const expected =
            rank < ranks[verb.role] || byToken
              ? [403, 'AUTH_FORBIDDEN']
              : verb.risk === 'destroy'
                ? [403, 'AUTH_GRANT_REQUIRED']
                : [400, 'INPUT_INVALID']
          expect([verb.daemon, verb.id, name, ...codeOf(answer)]).toEqual([verb.daemon, verb.id, name, ...expected])
          if (answer.status === 403) asked.push({ requestId: answer.requestId, daemon: verb.daemon })
        }
    })
    await it.attack('nobody, and the backend’s key where it is for people', async () => {
      for (const verb of allVerbs) {
        const nobody = await askDaemon(parts.socketOf(verb.daemon), verb.id, { args: argsOf(verb) })
        expect([verb.id, ...codeOf(nobody)]).toEqual([verb.id, 401, 'AUTH_REQUIRED'])
        asked.push({ requestId: nobody.requestId, daemon: verb.daemon })
      }
      for (const verb of allVerbs) {
        const token = signServiceToken(parts.serviceKey('devops-backend'), {
          name: 'devops-backend',
          audience: verb.daemon,
          nowMs: Date.now(),
        })
        const answer = await askDaemon(parts.socketOf(verb.daemon), verb.id, { authorization: `Bearer ${token}`, args: argsOf(verb) })
        expect([verb.id, ...codeOf(answer)]).toEqual([verb.id, ...(verb.service ? [400, 'INPUT_INVALID'] : [403, 'AUTH_FORBIDDEN'])])
        if (answer.status === 403) asked.push({ requestId: answer.requestId, daemon: verb.daemon })
      }
    })
    await it.control('who may is stopped by the arguments alone', () => {
      expect(allVerbs.length).toBeGreaterThan(20)
      expect(new Set(asked.map(({ daemon }) => daemon)).size).toBe(2)
    })
    await it.row('each refusal is a row of that daemon', () => {
      for (const daemon of ['host-agent', 'docker-proxy'] as const) {
        const denied = new Set(
          parts
            .rows(daemon)
            .filter(({ outcome }) => outcome === 'denied')
            .map(({ requestId }) => requestId),
        )
        expect(asked.filter((one) => one.daemon === daemon && !denied.has(one.requestId))).toEqual([])
      }
    })
  })

  attackCase('A15', 'a route that nobody declared', async (it) => {
    const rows: unknown[] = []
    const server = () =>
      buildServer({
        name: 'a-service',
        production: false,
        allowedOrigins: [],
        hosts: ['localhost'],
        trustedProxy: [],
        write: () => undefined,
      })
    const options = {
      name: 'a-service',
      prefix: '/platform/api',
      declared: [],
      bound: [],
      strayPaths: ['/health'],
      audit: { append: async (row: unknown) => rows.push(row) },
    } as unknown as MountOptions
    await it.attack('added beside the actions, and an action that nobody carries out', async () => {
      const app = await server()
      mount(app, options)
      expect(() => app.get('/platform/api/backdoor', async () => 'open')).toThrow('neither an action nor a listed path')
      const other = await server()
      expect(() => mount(other, { ...options, declared: platformActions.slice(0, 1) })).toThrow('without a handler')
      await Promise.all([app.close(), other.close()])
    })
    await it.control('a listed path is one', async () => {
      const app = await server()
      mount(app, options)
      expect(() => app.get('/health', async () => ({ status: 'ok' }))).not.toThrow()
      await app.close()
    })
    await it.row('a service that does not start records nothing', () => expect(rows).toEqual([]))
  })
})
