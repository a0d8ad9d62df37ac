import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LyingProvider, startLyingProvider } from '../lying-provider.fake.ts'
import { oidcClient } from '../oidc-provider.fake.ts'
import { createUpstreamProvider } from './upstream-provider.ts'

const redirectUri = 'http://localhost:3001/upstream'
const secrets = { state: 'the-state', nonce: 'the-nonce', verifier: 'v'.repeat(43) }

describe('a provider', () => {
  let lying: LyingProvider
  beforeAll(async () => {
    lying = await startLyingProvider()
  })
  afterAll(() => lying?.stop())

  const provider = () => createUpstreamProvider({ issuer: lying.issuer, ...oidcClient, name: 'Example', redirectUri })
  const answer = (over: object = {}) => ({ code: 'a-code', state: secrets.state, iss: lying.issuer, ...over })
  const askedWith = () => Object.fromEntries(new URLSearchParams(lying.asked.at(-1)))

  it('is sent to with state, nonce, the page to come back to and the hash of a verifier that it sees only with the code', async () => {
    const asked = Object.fromEntries(new URL(await provider().begin(secrets)).searchParams)
    expect(asked).toMatchObject({
      redirect_uri: redirectUri,
      response_type: 'code',
      state: secrets.state,
      nonce: secrets.nonce,
      code_challenge: createHash('sha256').update(secrets.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    expect(JSON.stringify(asked)).not.toContain(secrets.verifier)
    lying.claims = { nonce: secrets.nonce }
    await provider().finish(answer(), secrets)
    expect(askedWith()).toMatchObject({ code: 'a-code', redirect_uri: redirectUri, code_verifier: secrets.verifier })
  })

  it('is not asked for a word on another state, and its word on another nonce is none', async () => {
    lying.claims = { nonce: secrets.nonce }
    expect(await provider().finish(answer(), secrets)).toMatchObject({ issuer: lying.issuer, subject: 'ada-at-provider' })
    const before = lying.asked.length
    await expect(provider().finish(answer({ state: 'another' }), secrets)).rejects.toMatchObject({ code: 'AUTH_UPSTREAM_INVALID' })
    expect(lying.asked.length).toBe(before)
    lying.claims = { nonce: 'another' }
    await expect(provider().finish(answer(), secrets)).rejects.toMatchObject({ code: 'AUTH_UPSTREAM_INVALID' })
  })
})
