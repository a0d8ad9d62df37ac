import { chmodSync, chownSync, copyFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { needs } from '@console/testkit/needs'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { signingKeyFrom } from '@console/tokens/keys'
import { allVerbs } from '@console/verbs/all'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { createConfirming } from './confirming.ts'
import { accessClaims, headerOf, nowSec, serviceClaims, signed } from './forged-tokens.ts'
import { askApi, askDaemon, bodyOf, codeOf } from './raw-asking.ts'

describe('the keys of services', () => {
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

  const socket = () => parts.socketOf('host-agent')
  const service = (over: object = {}, name: 'devops-backend' | 'platform-service' = 'devops-backend') => {
    const key = parts.serviceKey(name)
    return signed(headerOf('service+jwt', key), serviceClaims({ ...over }), key.privateKey)
  }
  const inside = (path: string, token: string | null, body: object) =>
    askApi(parts.platformPort, {
      method: 'POST',
      target: `/platform/api/internal${path}`,
      headers: [['content-type', 'application/json'], ...(token === null ? [] : [['authorization', `Bearer ${token}`] as const])],
      body,
    })
  const credentials = (person: Person) => ({
    token: person.platform.cookie('__Secure-bl_ref'),
    tie: person.platform.cookie('__Host-bl_tie'),
    activity: false,
  })
  const refusals = (part: 'platform-service' | 'devops-backend', from: number) =>
    parts
      .rows(part)
      .slice(from)
      .filter(({ outcome }) => outcome === 'denied' || outcome === 'failed')
      .map(({ code }) => code)

  attackCase('G24', 'the backend’s key for what is a person’s', async (it) => {
    const asked: string[] = []
    const ask = async (verb: string, token: string, args: object = {}) => {
      const answer = await askDaemon(socket(), verb, { authorization: `Bearer ${token}`, args })
      asked.push(answer.requestId)
      return codeOf(answer)
    }
    await it.attack('verbs that are for people, another name, ended, another callee', async () => {
      for (const verb of allVerbs.filter((one) => one.daemon === 'host-agent' && !one.service))
        expect([verb.id, ...(await ask(verb.id, service()))]).toEqual([verb.id, 403, 'AUTH_FORBIDDEN'])
      for (const claims of [
        { sub: 'system:platform-service' },
        { sub: 'devops-backend' },
        { iat: nowSec() - 120, exp: nowSec() - 60 },
        { exp: nowSec() + 300 },
        { aud: 'docker-proxy' },
        { aud: ['host-agent'] },
      ])
        expect([claims, await ask('scripts.list', service(claims))]).toEqual([claims, [401, 'AUTH_TOKEN_INVALID']])
      expect(await ask('scripts.list', service({ sub: 'system:platform-service' }, 'platform-service'))).toEqual([
        401,
        'AUTH_TOKEN_INVALID',
      ])
    })
    await it.row('denied', () => expect(asked.map(desk.outcomes).every(([outcome]) => outcome?.startsWith('denied AUTH_'))).toBe(true))
    await it.attack('cancelling a run that is under way', async () => {
      parts.writeScript('long', 'sleep 60')
      const long = createConfirming(parts, 'long')
      const who = long.somebody()
      const plan = await long.plan(who)
      expect((await long.approve(who, plan.digest, long.grant(who, plan.digest))).status).toBe(200)
      const run = {
        runId: 'run-1',
        scriptId: 'long',
        serviceId: 'service-1',
        reason: 'a test of cancelling',
        onBusy: 'queue',
        variables: {},
        secretNames: [],
      }
      const authorization = long.bearer(who)
      expect((await askDaemon(socket(), 'runs.start', { authorization, args: run })).status).toBe(200)
      const state = async () => (await askDaemon(socket(), 'runs.get', { authorization, args: { runId: 'run-1' } })).text
      await until('it runs', async () => (await state()).includes('"state":"running"'), 30_000)
      const args = { runId: 'run-1', reason: 'not ours to end' }
      const answer = await askDaemon(socket(), 'runs.cancel', { authorization: `Bearer ${service()}`, args })
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(await state()).toContain('"state":"running"')
      expect((await askDaemon(socket(), 'runs.cancel', { authorization, args })).status).toBe(200)
      await until('the person ended it', async () => (await state()).includes('"state":"cancelled"'), 30_000)
    })
    await it.control('reading', async () => expect((await ask('scripts.list', service()))[0]).toBe(200))
  })

  attackCase('G26', 'asking who somebody is', async (it) => {
    const before = parts.rows('platform-service').length
    const { token } = credentials(viewer)
    await it.attack('without a token, with a forged one, as a service of another product', async () => {
      expect(codeOf(await inside('/introspect', null, credentials(viewer)))).toEqual([401, 'AUTH_REQUIRED'])
      const forger = signingKeyFrom('a key of the attacker, made for this one case')
      const forged = signed(
        headerOf('service+jwt', parts.serviceKey('devops-backend')),
        serviceClaims({ aud: 'platform-service' }),
        forger.privateKey,
      )
      for (const wrong of [
        forged,
        service({ aud: 'host-agent' }),
        service({ aud: 'platform-service', sub: 'system:host-agent' }),
        signed(headerOf('at+jwt', parts.tokenKey), accessClaims(), parts.tokenKey.privateKey),
      ])
        expect(codeOf(await inside('/introspect', wrong, credentials(viewer)))).toEqual([401, 'AUTH_TOKEN_INVALID'])
      for (const name of ['platform-service', 'host-agent'] as const) {
        const key = parts.serviceKey(name)
        const other = signed(
          headerOf('service+jwt', key),
          serviceClaims({ aud: 'platform-service', sub: `system:${name}` }),
          key.privateKey,
        )
        const answer = await inside('/introspect', other, credentials(viewer))
        expect(codeOf(answer)).toEqual([403, 'INTROSPECT_FORBIDDEN'])
        for (const secret of [token, viewer.id, viewer.email]) expect(answer.text).not.toContain(secret)
      }
    })
    await it.control('devops-backend, about its own', async () => {
      expect(bodyOf(await inside('/introspect', service({ aud: 'platform-service' }), credentials(viewer)))).toMatchObject({
        active: true,
        role: 'viewer',
      })
    })
    await it.row('what was forged is denied, by nobody known', () => {
      expect(refusals('platform-service', before)).toEqual(['AUTH_REQUIRED', ...Array(4).fill('AUTH_TOKEN_INVALID')])
    })
  })

  attackCase('G27', 'a credential at the other service, or with another tie', async (it) => {
    const before = { platform: parts.rows('platform-service').length, devops: parts.rows('devops-backend').length }
    const [sid, ref] = ['__Secure-bl_sid', '__Secure-bl_ref']
    const of = (person: Person, name: string) => person.platform.cookie(name)
    const at = async (port: number, target: string, cookie: string) => codeOf(await askApi(port, { target, headers: [['cookie', cookie]] }))
    const tie = (person: Person) => `__Host-bl_tie=${of(person, '__Host-bl_tie')}`
    await it.attack('reference for session, session for reference, and each with the tie of another', async () => {
      const platform = (cookie: string) => at(parts.platformPort, '/platform/api/users', cookie)
      const devops = (cookie: string) => at(parts.backendPort, '/api/devops/services', cookie)
      expect(await platform(`${sid}=${of(admin, ref)}; ${tie(admin)}`)).toEqual([401, 'AUTH_REQUIRED'])
      expect(await platform(`${sid}=${of(admin, sid)}; ${tie(viewer)}`)).toEqual([401, 'AUTH_REQUIRED'])
      expect(await devops(`${ref}=${of(admin, sid)}; ${tie(admin)}`)).toEqual([401, 'AUTH_REQUIRED'])
      expect(await devops(`${ref}=${of(admin, ref)}; ${tie(viewer)}`)).toEqual([401, 'AUTH_REQUIRED'])
    })
    await it.control('each at its own', async () => {
      expect((await at(parts.platformPort, '/platform/api/users', `${sid}=${of(admin, sid)}; ${tie(admin)}`))[0]).toBe(200)
      expect((await at(parts.backendPort, '/api/devops/services', `${ref}=${of(admin, ref)}; ${tie(admin)}`))[0]).toBe(200)
    })
    await it.row('denied; whose session came with another tie is named, and no value is in any log', () => {
      expect(refusals('platform-service', before.platform).filter((code) => code !== 'SESSION_TIE_FOREIGN')).toEqual([
        'AUTH_REQUIRED',
        'AUTH_REQUIRED',
      ])
      expect(refusals('platform-service', before.platform)).toContain('SESSION_TIE_FOREIGN')
      expect(refusals('devops-backend', before.devops)).toEqual(['AUTH_REQUIRED', 'AUTH_REQUIRED'])
      const written =
        [...parts.running.values()].flatMap(({ output }) => output).join('\n') +
        JSON.stringify([parts.rows('platform-service'), parts.rows('devops-backend')])
      for (const person of [admin, viewer]) for (const name of [sid, ref, '__Host-bl_tie']) expect(written).not.toContain(of(person, name))
    })
  })

  attackCase('G25', 'the folder of keys in other hands', async (it) => {
    const file = join(parts.keysDir, 'platform-service.jwks')
    const taken = async () => (await askDaemon(socket(), 'scripts.list', { authorization: desk.bearer(desk.somebody()) })).status === 200
    const restart = async () => {
      await parts.running.get('host-agent')?.stop()
      await parts.start('host-agent')
    }
    const before = parts.rows('host-agent').length
    await it.attack('a file that others may write, a link, a folder that others may write', async () => {
      chmodSync(file, 0o666)
      await restart()
      expect(await taken()).toBe(false)
      chmodSync(file, 0o644)
      renameSync(file, `${file}.real`)
      symlinkSync(`${file}.real`, file)
      await restart()
      expect(await taken()).toBe(false)
      rmSync(file)
      renameSync(`${file}.real`, file)
    })
    await it.attack('the folder itself: others may write it, it is a link, it belongs to somebody else', async () => {
      await parts.running.get('host-agent')?.stop()
      chmodSync(parts.keysDir, 0o777)
      await expect(parts.start('host-agent')).rejects.toThrow(/can be written by others/)
      chmodSync(parts.keysDir, 0o755)
      const elsewhere = join(parts.folder, 'keys-elsewhere')
      renameSync(parts.keysDir, elsewhere)
      symlinkSync(elsewhere, parts.keysDir)
      await expect(parts.start('host-agent')).rejects.toThrow(/must be a folder, not a link/)
      rmSync(parts.keysDir)
      renameSync(elsewhere, parts.keysDir)
      if (needs.account) {
        chownSync(parts.keysDir, 65_534, 65_534)
        await parts.start('host-agent')
        expect(await taken()).toBe(false)
        chownSync(parts.keysDir, 0, 0)
        await parts.running.get('host-agent')?.stop()
      }
      await parts.start('host-agent')
      expect(await taken()).toBe(true)
    })
    await it.attack('a flood of keys that nobody has', async () => {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, n) => {
          const own = signingKeyFrom(`a key of the attacker, number ${n}, made for this`)
          return askDaemon(socket(), 'scripts.list', {
            authorization: `Bearer ${signed(headerOf('at+jwt', own), accessClaims(), own.privateKey)}`,
          })
        }),
      )
      expect(answers.every(({ status }) => status === 401)).toBe(true)
    })
    await it.control('ours alone may write, and the key is known', async () => expect(await taken()).toBe(true))
    await it.attack('the key is taken away while it runs', async () => {
      copyFileSync(file, `${file}.copy`)
      writeFileSync(file, JSON.stringify({ keys: [signingKeyFrom('a key that was put in the place of ours').jwk] }))
      await until('it is believed no longer', async () => !(await taken()), 30_000)
      renameSync(`${file}.copy`, file)
    })
    await it.row('denied', () => {
      const denied = parts
        .rows('host-agent')
        .slice(before)
        .filter(({ outcome }) => outcome === 'denied')
      expect(denied.length).toBeGreaterThan(40)
      expect(denied.every(({ code }) => code === 'AUTH_TOKEN_INVALID')).toBe(true)
    })
  })
})
