import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { attackCase } from '@console/testkit/attack'
import { type RunningParts, startParts } from '@console/testkit/running-parts'
import { signingKeyFrom } from '@console/tokens/keys'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { accessClaims, encode, headerOf, keyedWith, nowSec, serviceClaims, signed } from './forged-tokens.ts'
import { askDaemon, codeOf } from './raw-asking.ts'

describe('an access token that is forged or used elsewhere', () => {
  let parts: RunningParts
  let listener: ReturnType<typeof createServer>
  let fetched = 0
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'host-agent', 'docker-proxy'] })
    listener = createServer((_request, response) => {
      fetched += 1
      response.end('{"keys":[]}')
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    listener?.close()
    await parts?.stop()
  })

  const daemons = ['host-agent', 'docker-proxy'] as const
  const header = (over: object = {}) => ({ ...headerOf('at+jwt', parts.tokenKey), ...over })
  const token = (over: object = {}, claims: object = {}) => signed(header(over), accessClaims({ ...claims }), parts.tokenKey.privateKey)
  const asked: string[] = []
  /** By turns at the one daemon and the other: each records sixty refusals of nobody known a minute. */
  const refused = async (what: string, authorization: string, code = 'AUTH_TOKEN_INVALID') => {
    const daemon = daemons[asked.length % 2] ?? 'host-agent'
    const answer = await askDaemon(parts.socketOf(daemon), 'verbs.list', { authorization })
    expect([what, ...codeOf(answer)]).toEqual([what, 401, code])
    asked.push(answer.requestId)
  }
  const taken = async () => {
    for (const daemon of daemons)
      expect((await askDaemon(parts.socketOf(daemon), 'verbs.list', { authorization: `Bearer ${token()}` })).status).toBe(200)
  }
  /** Each refusal since the last look left its own row. */
  const denied = (code = 'AUTH_TOKEN_INVALID') => {
    const rows = daemons.flatMap(parts.rows).filter(({ requestId }) => asked.includes(requestId))
    expect(rows.map((row) => [row.action, row.outcome, row.code])).toEqual(asked.map(() => ['verbs.list', 'denied', code]))
    asked.length = 0
  }

  attackCase('A1', 'no algorithm, whatever its spelling, and no signature', async (it) => {
    await it.attack('alg none, nOnE, an empty and a missing signature', async () => {
      const claims = encode(accessClaims())
      for (const alg of ['none', 'nOnE']) await refused(alg, `Bearer ${encode(header({ alg }))}.${claims}.`)
      const [head, body] = token().split('.')
      await refused('empty signature', `Bearer ${head}.${body}.`)
      await refused('no signature', `Bearer ${head}.${body}`)
    })
    await it.control('the same header and claims, signed', taken)
    await it.row('one row each', () => denied())
  })

  attackCase('A2', 'the public key as a shared secret', async (it) => {
    await it.attack('HS256 over PEM, DER, JWK and x, with and without white space before it', async () => {
      const { publicKey, jwk } = parts.tokenKey
      const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
      const secrets = [
        pem,
        ` ${pem}`,
        publicKey.export({ format: 'der', type: 'spki' }),
        JSON.stringify(jwk),
        Buffer.from(jwk.x, 'base64url'),
      ]
      for (const secret of secrets) await refused('HS256', `Bearer ${keyedWith(header({ alg: 'HS256' }), accessClaims(), secret)}`)
      await refused('EdDSA with a MAC', `Bearer ${keyedWith(header(), accessClaims(), pem)}`)
      await refused('RS256', `Bearer ${token({ alg: 'RS256' })}`)
    })
    await it.control('EdDSA with the private half', taken)
    await it.row('one row each', () => denied())
  })

  attackCase('A3', 'a header that says where its key lies', async (it) => {
    await it.attack('kid as path, address, SQL, list, or unknown; jku, x5u and jwk beside it', async () => {
      const own = signingKeyFrom('a key of the attacker, made for this one case')
      const at = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/keys`
      const { kid } = parts.tokenKey
      for (const odd of ['../../platform/key.pem', '/dev/null', at, "' OR 1=1 --", own.kid, [kid], '', null, 1])
        await refused(`kid ${JSON.stringify(odd)}`, `Bearer ${token({ kid: odd })}`)
      for (const more of [{ jku: at }, { x5u: at }, { jwk: own.jwk }]) {
        await refused(Object.keys(more)[0] ?? '', `Bearer ${token(more)}`)
        await refused('signed by the attacker', `Bearer ${signed({ ...header(more), kid: own.kid }, accessClaims(), own.privateKey)}`)
      }
      expect(fetched).toBe(0)
    })
    await it.control('the thumbprint of the key alone', taken)
    await it.row('one row each', () => denied())
  })

  attackCase('A4', 'critical extensions', async (it) => {
    await it.attack('crit with an unknown name, with b64, and empty', async () => {
      for (const more of [{ crit: ['exp'] }, { crit: ['b64'], b64: true }, { crit: [] }])
        await refused(JSON.stringify(more), `Bearer ${token(more)}`)
    })
    await it.control('without crit', taken)
    await it.row('one row each', () => denied())
  })

  attackCase('A5', 'times that do not hold', async (it) => {
    const now = nowSec()
    await it.attack('ended, begun in the future, without end, with an end in words, and too long', async () => {
      const wrong: object[] = [
        { iat: now - 400, exp: now - 100 },
        { iat: now + 60, exp: now + 120 },
        { nbf: now + 60 },
        { exp: undefined },
        { exp: `${now + 300}` },
        { exp: now + 86_400 },
        { exp: 1e300 },
        { iat: now, exp: now },
      ]
      for (const claims of wrong) await refused(JSON.stringify(claims), `Bearer ${token({}, claims)}`)
    })
    await it.control('five minutes from now', taken)
    await it.row('one row each', () => denied())
  })

  attackCase('A6', 'another issuer', async (it) => {
    await it.attack('another name, a list that holds ours, none, and one that only begins like it', async () => {
      const { iss } = accessClaims()
      for (const odd of ['https://evil.test/platform/api', [iss], undefined, `${iss}/`, `${iss}`.toUpperCase()])
        await refused(JSON.stringify(odd), `Bearer ${token({}, { iss: odd })}`)
    })
    await it.control('ours', taken)
    await it.row('one row each', () => denied())
  })

  attackCase('A7', 'another audience', async (it) => {
    await it.attack('another product, a daemon, a list that holds ours, and none', async () => {
      for (const aud of ['bytelyst-platform', 'host-agent', ['bytelyst-devops', 'other'], ['bytelyst-devops'], undefined])
        await refused(JSON.stringify(aud), `Bearer ${token({}, { aud })}`)
    })
    await it.control('our product as one word', taken)
    await it.row('one row each', () => denied())
  })

  attackCase('A8', 'a token of another product or of another kind', async (it) => {
    await it.attack('every other typ over the same claims, and a service token for another part', async () => {
      for (const typ of ['JWT', 'grant+jwt', 'application/at+jwt', undefined]) await refused(`typ ${typ}`, `Bearer ${token({ typ })}`)
      const key = parts.serviceKey('platform-service')
      const other = signed(headerOf('service+jwt', key), serviceClaims({ sub: 'system:platform-service' }), key.privateKey)
      await refused('of another service', `Bearer ${other}`)
    })
    await it.control('at+jwt for this product', taken)
    await it.row('one row each', () => denied())
  })

  attackCase('A10', 'another spelling of a good token', async (it) => {
    await it.attack('padding, white space, and the scheme in other letters', async () => {
      const good = token()
      for (const [spelling, code] of [
        [`Bearer ${good}=`, 'AUTH_REQUIRED'],
        [`Bearer  ${good}`, 'AUTH_REQUIRED'],
        [`bearer ${good}`, 'AUTH_REQUIRED'],
        [`BEARER ${good}`, 'AUTH_REQUIRED'],
        [`Bearer ${good.replace('.', ' .')}`, 'AUTH_REQUIRED'],
        [`Bearer "${good}"`, 'AUTH_REQUIRED'],
        [good, 'AUTH_REQUIRED'],
      ] as const)
        await refused(spelling.slice(0, 12), spelling, code)
    })
    await it.control('the one spelling', taken)
    await it.row('one row each', () => denied('AUTH_REQUIRED'))
  })
})
