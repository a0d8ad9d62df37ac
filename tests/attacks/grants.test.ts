import { randomUUID } from 'node:crypto'
import { attackCase } from '@console/testkit/attack'
import { type RunningParts, startParts } from '@console/testkit/running-parts'
import { signingKeyFrom } from '@console/tokens/keys'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type Confirmer, createConfirming } from './confirming.ts'
import { accessClaims, grantClaims, headerOf, nowSec, serviceClaims, signed } from './forged-tokens.ts'
import { askDaemon, codeOf } from './raw-asking.ts'

const previousSecret = 'Kp7Wd2xT9cVb4NqZ6yRm1HsL8gFjE3aU'

describe('a confirmation that is missing, forged, or for something else', () => {
  let parts: RunningParts
  let desk: ReturnType<typeof createConfirming>
  beforeAll(async () => {
    parts = await startParts({
      parts: ['platform-service', 'host-agent'],
      env: { 'platform-service': { JWT_SECRET_PREVIOUS: previousSecret } },
    })
    parts.writeScript('hello', 'echo hello')
    desk = createConfirming(parts, 'hello')
  }, 120_000)
  afterAll(() => parts?.stop())

  /** What the journal must say of the attacks of one case. */
  const expected: { requestId: string; outcomes: string[] }[] = []
  const remember = (requestId: string, outcomes: string[]) => void expected.push({ requestId, outcomes })
  const onRecord = () => {
    expect(expected.length).toBeGreaterThan(0)
    for (const { requestId, outcomes } of expected.splice(0)) expect(desk.outcomes(requestId)).toEqual(outcomes)
  }
  /** One plan, one confirmation that is wrong, and no effect. */
  const refused = async (what: string, make: (who: Confirmer, digest: string) => string | undefined, status: number, code: string) => {
    const who = desk.somebody()
    const { digest } = await desk.plan(who)
    const before = desk.effects()
    const answer = await desk.approve(who, digest, make(who, digest))
    expect([what, ...codeOf(answer)]).toEqual([what, status, code])
    expect(desk.effects()).toBe(before)
    remember(answer.requestId, [`denied ${code}`])
  }
  attackCase('G1', 'an access token alone', async (it) => {
    await it.attack('no confirmation', () => refused('none', () => undefined, 403, 'AUTH_GRANT_REQUIRED'))
    await it.control('with one', () => desk.works())
    await it.row('denied', onRecord)
  })

  attackCase('G2', 'a confirmation alone, or beside an access token that has ended', async (it) => {
    const who = desk.somebody()
    const { digest } = await desk.plan(who)
    await it.attack('none, and one of six minutes ago', async () => {
      const shown = desk.grant(who, digest)
      const alone = await askDaemon(parts.socketOf('host-agent'), 'scripts.approve', { grant: shown, args: { digest } })
      expect(codeOf(alone)).toEqual([401, 'AUTH_REQUIRED'])
      remember(alone.requestId, ['denied AUTH_REQUIRED'])
      const old = desk.bearer(who, { iat: nowSec() - 360, exp: nowSec() - 60 })
      const late = await desk.approve(who, digest, shown, { authorization: old })
      expect(codeOf(late)).toEqual([401, 'AUTH_TOKEN_INVALID'])
      remember(late.requestId, ['denied AUTH_TOKEN_INVALID'])
    })
    await it.control('the same confirmation beside a fresh one', async () => {
      expect((await desk.approve(who, digest, desk.grant(who, digest))).status).toBe(200)
    })
    await it.row('both denied', onRecord)
  })

  attackCase('G3', 'the same once more', async (it) => {
    const who = desk.somebody()
    const { digest } = await desk.plan(who)
    const jti = randomUUID()
    const shown = desk.grant(who, digest, { jti })
    await it.control('once', async () => expect((await desk.approve(who, digest, shown)).status).toBe(200))
    await it.attack('again at once, for a new plan under the same id, and an hour later', async () => {
      const again = await desk.approve(who, digest, shown)
      expect(codeOf(again)).toEqual([409, 'AUTH_GRANT_USED'])
      remember(again.requestId, ['denied AUTH_GRANT_USED'])
      const fresh = await desk.plan(who)
      const other = await desk.approve(who, fresh.digest, desk.grant(who, fresh.digest, { jti }))
      expect(codeOf(other)).toEqual([409, 'AUTH_GRANT_USED'])
      remember(other.requestId, ['denied AUTH_GRANT_USED'])
      const late = await desk.approve(who, digest, desk.grant(who, digest, { jti, iat: nowSec() - 3_600, exp: nowSec() - 3_480 }))
      expect(codeOf(late)).toEqual([401, 'AUTH_GRANT_EXPIRED'])
      remember(late.requestId, ['denied AUTH_GRANT_EXPIRED'])
    })
    await it.row('each time', onRecord)
  })

  attackCase('G5', 'for another verb, the same digest', async (it) => {
    await it.attack('of the other daemon, one that only changes, one that nobody has', async () => {
      for (const verb of ['containers.restart', 'scripts.revoke', 'scripts.approve ', 'SCRIPTS.APPROVE'])
        await refused(verb, (who, digest) => desk.grant(who, digest, { verb }), 403, 'AUTH_GRANT_MISMATCH')
    })
    await it.control('for this verb', () => desk.works())
    await it.row('denied', onRecord)
  })

  attackCase('G6', 'for another digest, or one that is spelled otherwise', async (it) => {
    await it.attack('another, and in the confirmation capitals, 63 characters, white space, a list', async () => {
      await refused('another', (who) => desk.grant(who, 'cd'.repeat(32)), 403, 'AUTH_GRANT_MISMATCH')
      for (const spell of [
        (d: string) => d.toUpperCase().replace(/^[0-9]+$/, 'A'),
        (d: string) => d.slice(1),
        (d: string) => ` ${d}`,
        (d: string) => [d],
      ])
        await refused('spelling', (who, digest) => desk.grant(who, digest, { digest: spell(digest) }), 401, 'AUTH_GRANT_INVALID')
    })
    await it.attack('in the call itself', async () => {
      const who = desk.somebody()
      const { digest } = await desk.plan(who)
      for (const odd of [digest.toUpperCase().replace(/^[0-9]+$/, 'A'), digest.slice(1), ` ${digest}`, [digest]])
        expect(codeOf(await desk.approve(who, odd, desk.grant(who, digest)))).toEqual([400, 'INPUT_INVALID'])
    })
    await it.control('this digest', () => desk.works())
    await it.row('denied; what is no digest is bad input', onRecord)
  })

  attackCase('G7', 'for another callee', async (it) => {
    await it.attack('the other daemon, a service, the product, a list that holds ours', async () => {
      for (const aud of ['docker-proxy', 'devops-backend', 'bytelyst-devops', ['host-agent'], ['host-agent', 'docker-proxy']])
        await refused(JSON.stringify(aud), (who, digest) => desk.grant(who, digest, { aud }), 401, 'AUTH_GRANT_INVALID')
    })
    await it.control('ours', () => desk.works())
    await it.row('denied', onRecord)
  })

  attackCase('G8', 'times and claims that do not hold', async (it) => {
    const now = nowSec()
    await it.attack('ended, in the future', async () => {
      for (const times of [
        { iat: now - 126, exp: now - 6 },
        { iat: now + 60, exp: now + 120 },
      ])
        await refused(JSON.stringify(times), (who, digest) => desk.grant(who, digest, times), 401, 'AUTH_GRANT_EXPIRED')
    })
    await it.attack('too long, an end in words, one claim missing, one more', async () => {
      const missing = Object.keys(grantClaims()).map((name) => ({ [name]: undefined }))
      for (const claims of [{ exp: now + 121, iat: now }, { exp: `${now + 60}` }, { role: 'admin' }, ...missing])
        await refused(JSON.stringify(Object.entries(claims)), (who, digest) => desk.grant(who, digest, claims), 401, 'AUTH_GRANT_INVALID')
    })
    await it.control('two minutes', () => desk.works())
    await it.row('denied', onRecord)
  })

  attackCase('G10', 'signed by somebody else', async (it) => {
    await it.attack('the backend, the daemon itself, and a key that is not in the set', async () => {
      for (const key of [
        parts.serviceKey('devops-backend'),
        parts.serviceKey('host-agent'),
        signingKeyFrom('a secret that was taken out of the set'),
      ])
        await refused('another key', (who, digest) => desk.grant(who, digest, {}, key), 401, 'AUTH_GRANT_INVALID')
      const own = signingKeyFrom('a secret that was taken out of the set')
      const named = (who: Confirmer, digest: string) =>
        signed(headerOf('grant+jwt', parts.tokenKey), grantClaims({ ...who, digest }), own.privateKey)
      await refused('under our name', named, 401, 'AUTH_GRANT_INVALID')
    })
    await it.control('the secret before, while it is in the set', () =>
      desk.works((who, digest) => desk.grant(who, digest, {}, signingKeyFrom(previousSecret))),
    )
    await it.row('denied', onRecord)
  })

  attackCase('G11', 'one kind for another', async (it) => {
    const key = parts?.tokenKey
    await it.attack('access and service token as confirmation', async () => {
      await refused('access token', (who) => desk.bearer(who).slice('Bearer '.length), 401, 'AUTH_GRANT_INVALID')
      await refused(
        'its kind on a confirmation',
        (who, digest) => signed(headerOf('at+jwt', parts.tokenKey), grantClaims({ ...who, digest }), parts.tokenKey.privateKey),
        401,
        'AUTH_GRANT_INVALID',
      )
      const service = parts.serviceKey('devops-backend')
      await refused(
        'service token',
        () => signed(headerOf('service+jwt', service), serviceClaims(), service.privateKey),
        401,
        'AUTH_GRANT_INVALID',
      )
    })
    await it.attack('a confirmation as access and as service token', async () => {
      for (const typ of ['grant+jwt', 'service+jwt']) {
        const token = signed(headerOf(typ, key), typ === 'grant+jwt' ? grantClaims() : accessClaims(), key.privateKey)
        const answer = await askDaemon(parts.socketOf('host-agent'), 'scripts.list', { authorization: `Bearer ${token}` })
        expect([typ, ...codeOf(answer)]).toEqual([typ, 401, 'AUTH_TOKEN_INVALID'])
        remember(answer.requestId, ['denied AUTH_TOKEN_INVALID'])
      }
    })
    await it.control('each as what it is', () => desk.works())
    await it.row('denied', onRecord)
  })

  attackCase('G12', 'of another person, or of the same person’s other session', async (it) => {
    await it.attack('both', async () => {
      await refused('person', (who, digest) => desk.grant({ ...who, sub: 'somebody-else' }, digest), 403, 'AUTH_GRANT_MISMATCH')
      await refused('session', (who, digest) => desk.grant({ ...who, sid: 'another-session' }, digest), 403, 'AUTH_GRANT_MISMATCH')
    })
    await it.control('this person in this session', () => desk.works())
    await it.row('denied', onRecord)
  })
})
