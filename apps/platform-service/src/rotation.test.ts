import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authenticatorCode } from '@console/testkit/authenticator'
import { verifyAccessToken } from '@console/tokens/access-token'
import { verifyGrant } from '@console/tokens/grant'
import { tokenKeysIn } from '@console/tokens/key-files'
import { afterEach, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { type Browser, goodPassword, type Platform, setUp, startPlatform } from './platform.fake.ts'

const secrets = ['uR3kq9vX2mLw8ZtY5bNc7JdP1sGhQ4fA', 'Kp7Wd2xT9cVb4NqZ6yRm1HsL8gFjE3aU', 'Zt5Yb8Nc2vX7mLw4uR9kq1JdP6sGhQ3f'] as const
type Ring = { kid: string; state: string; since: string }[]

describe('a signing secret that is rotated twice', () => {
  let platform: Platform
  let session: Browser
  afterEach(() => platform.close())

  const verifying = () => ({ keys: tokenKeysIn(platform.config.keysDir), nowMs: platform.clock.ms })
  const accessToken = async () => {
    const token = session.cookie('__Secure-bl_ref')
    const asked = await platform.service('devops-backend', '/internal/introspect', {
      token,
      tie: session.cookie('__Host-bl_tie'),
      activity: false,
    })
    return String(asked.body.accessToken)
  }
  const grant = async () => String((await session.post('/auth/grants', { verb: 'scripts.approve', digest: 'a'.repeat(64) })).body.grant)
  const rotate = async (env: Record<string, string>) => {
    platform = await platform.restart({}, env)
    const browser = platform.browser()
    for (const [name, cookie] of session.jar) browser.jar.set(name, cookie)
    browser.csrf = session.csrf
    session = browser
  }
  const ring = async () => (await session.get('/settings')).body.keys as unknown as Ring

  it('keeps one session through both, and the tokens and confirmations of before until they end', async () => {
    platform = await startPlatform({}, { JWT_SECRET: secrets[0] })
    session = await setUp(platform)
    const seed = String((await session.post('/auth/factors/totp')).body.secret)
    const code = (step: number) => authenticatorCode(seed, platform.clock.ms + step * 30_000)
    expect((await session.post('/auth/factors/totp/enable', { code: code(0) })).status).toBe(200)
    const [first] = await ring()
    expect(await ring()).toMatchObject([{ state: 'signs', since: new Date(platform.clock.ms).toISOString() }])

    for (const at of [1, 2] as const) {
      const [before, given] = [await accessToken(), await grant()]
      const csrf = session.csrf
      platform.clock.ms += 60_000
      await rotate({ JWT_SECRET: secrets[at], JWT_SECRET_PREVIOUS: secrets[at - 1] ?? '' })
      // The session, its CSRF token, an access token and a confirmation of before are all good still.
      expect((await session.post('/auth/step-up', { password: goodPassword }, { 'x-csrf-token': csrf })).status).toBe(200)
      expect(verifyAccessToken(before, { ...verifying(), audience: 'bytelyst-devops' }).sub).toBeTruthy()
      expect(verifyGrant(given, { ...verifying(), audience: 'host-agent' }).verb).toBe('scripts.approve')
      expect((await session.post('/auth/step-up', { code: code(1) })).status).toBe(200)
      session.csrf = String((await session.get('/auth/session')).body.csrfToken)
      const now = new Date(platform.clock.ms).toISOString()
      expect((await ring()).map(({ state, since }) => [state, since])).toEqual([
        ['signs', now],
        ['verifies', now],
      ])
      const after = await accessToken()
      platform.clock.ms += 600_000
      await rotate({ JWT_SECRET: secrets[at] })
      expect(await ring()).toMatchObject([{ state: 'signs', since: now }])
      // The key of before is gone, and that of now signs on.
      expect(() => verifyAccessToken(before, { ...verifying(), nowMs: platform.clock.ms - 600_000, audience: 'bytelyst-devops' })).toThrow()
      expect(verifyAccessToken(after, { ...verifying(), nowMs: platform.clock.ms - 600_000, audience: 'bytelyst-devops' }).sub).toBeTruthy()
      session.csrf = String((await session.get('/auth/session')).body.csrfToken)
      expect((await session.post('/auth/step-up', { code: code(0) })).status).toBe(200)
      platform.clock.ms += 60_000
    }
    expect((await ring()).map(({ kid }) => kid)).not.toContain(first?.kid)
    const again = platform.browser()
    const { body } = await again.signIn('ada@example.com', goodPassword)
    expect((await again.post('/auth/challenge', { challenge: body.challenge, code: code(0) })).status).toBe(200)
  })
})

it('rotates by the commands that the runbook shows, on files that keep their owner and mode', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rotation-'))
  try {
    const [first = '', last = ''] = [
      ...readFileSync(join(import.meta.dirname, '../../../docs/runbooks/rotate-secret.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g),
    ].map(([, block = '']) => block)
    const carryOut = (block: string) => {
      const here = block.replaceAll('/etc/bytelyst-console/secrets', folder).replaceAll(/^docker restart platform-service$/gm, '')
      expect(here).not.toBe(block)
      execFileSync('bash', ['-euc', here])
    }
    const file = (name: string) => join(folder, name)
    const read = () =>
      readConfig({
        DATA_DIR: file('data'),
        JWT_SECRET_FILE: file('jwt_secret'),
        JWT_SECRET_PREVIOUS_FILE: file('jwt_secret_previous'),
      }).jwtSecrets
    writeFileSync(file('jwt_secret'), secrets[0], { mode: 0o600 })
    writeFileSync(file('jwt_secret_previous'), '', { mode: 0o600 })
    expect(read()).toEqual([secrets[0]])
    carryOut(first)
    const [signs = ''] = read()
    expect(read()).toEqual([signs, secrets[0]])
    expect(signs).not.toBe(secrets[0])
    carryOut(last)
    expect(read()).toEqual([signs])
    expect(['jwt_secret', 'jwt_secret_previous'].map((name) => statSync(file(name)).mode & 0o777)).toEqual([0o600, 0o600])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
