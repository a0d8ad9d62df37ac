import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { oidcClient } from './oidc-provider.fake.ts'

type Claims = Readonly<Record<string, unknown>>
export type LyingProvider = {
  readonly issuer: string
  readonly env: Readonly<Record<string, string>>
  /** What the next ID token says, besides what is right; `undefined` leaves a claim out. */
  claims: Claims
  /** Other words in its head, such as the algorithm. */
  head: Claims
  /** How it is signed. */
  signedBy: 'own key' | 'another key' | 'client secret' | 'nobody'
  /** Other words in what it says of itself. */
  metadata: Claims
  /** Answers the token request with this instead. */
  status: number | null
  /** Requests for tokens, as they came. */
  readonly asked: string[]
  stop(): Promise<void>
}

const own = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const another = generateKeyPairSync('rsa', { modulusLength: 2_048 })

/** A provider of the test’s own that signs whatever it is told to: what a real one never says. */
export async function startLyingProvider(): Promise<LyingProvider> {
  const server = createServer((request, response) => {
    const tell = (value: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (request.url === '/.well-known/openid-configuration') return tell({ ...metadataOf(running.issuer), ...running.metadata })
    if (request.url === '/jwks')
      return tell({ keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] })
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    request.once('end', () => {
      running.asked.push(text)
      if (running.status !== null) return tell({ error: 'server_error' }, running.status)
      const now = Math.floor(Date.now() / 1_000)
      const right = { iss: running.issuer, sub: 'ada-at-provider', aud: oidcClient.clientId, iat: now, exp: now + 60 }
      const head = { alg: 'RS256', kid: 'one', typ: 'JWT', ...running.head }
      const id_token = tokenOf(head, { ...right, ...running.claims }, running.signedBy)
      return tell({ access_token: 'unused', token_type: 'Bearer', expires_in: 60, id_token })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const running: LyingProvider = {
    issuer,
    env: { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: oidcClient.clientId, OIDC_CLIENT_SECRET: oidcClient.clientSecret },
    claims: {},
    head: {},
    signedBy: 'own key',
    metadata: {},
    status: null,
    asked: [],
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return running
}

const metadataOf = (issuer: string): Claims => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  token_endpoint_auth_methods_supported: ['client_secret_basic'],
  authorization_response_iss_parameter_supported: true,
})

function tokenOf(head: Claims, claims: Claims, by: LyingProvider['signedBy']): string {
  const text = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  if (by === 'nobody') return `${text}.`
  if (by === 'client secret') return `${text}.${createHmac('sha256', oidcClient.clientSecret).update(text).digest('base64url')}`
  const { privateKey } = by === 'own key' ? own : another
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
}
