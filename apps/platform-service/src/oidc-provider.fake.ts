import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AdapterFactory, type AdapterPayload, Provider } from 'oidc-provider'

export const oidcClient = { clientId: 'console', clientSecret: 'a-secret-of-the-provider-0123456789' }
/** What comes back to the console, as its page hands it on. */
type SentBack = { readonly code: string; readonly state: string; readonly iss?: string }
export type RunningProvider = {
  readonly issuer: string
  /** What the console is told by its environment. */
  readonly env: Readonly<Record<string, string>>
  /** Who signs in at the provider next. */
  account: { sub: string; email: string; emailVerified: boolean }
  /** Goes through the provider’s pages as a browser does, up to the address that it is sent back to. */
  visit(url: string): Promise<SentBack>
  stop(): Promise<void>
}

/** A real OpenID Connect provider on loopback, where everybody is signed in as `account` at once. */
export async function startOidcProvider(redirectUri = 'http://localhost:3001/upstream'): Promise<RunningProvider> {
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined
  const server = createServer((asked, response) => answer(asked, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const running: RunningProvider = {
    issuer,
    env: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: oidcClient.clientId,
      OIDC_CLIENT_SECRET: oidcClient.clientSecret,
      OIDC_NAME: 'Example',
    },
    account: { sub: 'ada-at-provider', email: 'ada@example.com', emailVerified: true },
    visit: (url) => visit(url, redirectUri),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const provider = providerAt(issuer, redirectUri, () => running.account)
  const pages = provider.callback()
  answer = (asked, response) => {
    if (asked.url?.startsWith('/interaction/')) void signInAtOnce(provider, asked, response, running.account.sub)
    else void pages(asked, response)
  }
  return running
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })

function providerAt(issuer: string, redirectUri: string, account: () => RunningProvider['account']): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: oidcClient.clientId,
        client_secret: oidcClient.clientSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    adapter: inMemory(),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] as never },
    cookies: { keys: ['only for a test'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    // Claims of the e-mail in the ID token itself, as Google and Entra put them.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: account().email, email_verified: account().emailVerified }),
    }),
    async loadExistingGrant(ctx) {
      const { client, session } = ctx.oidc
      if (!client || !session?.accountId) return undefined
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid email')
      await grant.save()
      return grant
    },
    ttl: { Session: 600, Interaction: 600, Grant: 600, AccessToken: 60, IdToken: 60, AuthorizationCode: 60 },
  })
}

/** What the provider keeps; its own store of this kind warns at each start that it is for development. */
function inMemory(): AdapterFactory {
  const kept = new Map<string, AdapterPayload>()
  return (model) => {
    const find = async (id: string) => kept.get(`${model} ${id}`)
    return {
      find,
      findByUid: async (uid) => [...kept].find(([key, one]) => key.startsWith(`${model} `) && one.uid === uid)?.[1],
      findByUserCode: async () => undefined,
      upsert: async (id, payload) => void kept.set(`${model} ${id}`, payload),
      consume: async (id) => void Object.assign((await find(id)) ?? {}, { consumed: Math.floor(Date.now() / 1_000) }),
      destroy: async (id) => void kept.delete(`${model} ${id}`),
      async revokeByGrantId(grantId) {
        for (const [key, one] of kept) if (one.grantId === grantId) kept.delete(key)
      },
    }
  }
}

async function signInAtOnce(provider: Provider, asked: IncomingMessage, response: ServerResponse, accountId: string): Promise<void> {
  await provider.interactionFinished(asked, response, { login: { accountId, remember: false } }, { mergeWithLastSubmission: false })
}

async function visit(url: string, redirectUri: string): Promise<SentBack> {
  const jar = new Map<string, string>()
  for (let next = url, left = 10; left > 0; left -= 1) {
    if (next.startsWith(redirectUri)) return Object.fromEntries(new URL(next).searchParams) as SentBack
    const { location, cookies } = await ask(next, [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    for (const line of cookies) {
      const pair = line.split(';')[0] ?? ''
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    next = new URL(location, next).href
  }
  throw new Error('the provider goes round in circles')
}

function ask(url: string, cookie: string): Promise<{ location: string; cookies: string[] }> {
  const { port, pathname, search, host } = new URL(url)
  return new Promise((resolve, reject) => {
    const headers = { host, ...(cookie && { cookie }) }
    request({ host: '127.0.0.1', port, path: `${pathname}${search}`, headers, agent: false }, (reply) => {
      let text = ''
      reply.setEncoding('utf8')
      reply.on('data', (chunk: string) => {
        text += chunk
      })
      reply.once('end', () => {
        const { location } = reply.headers
        if (location === undefined) reject(new Error(`the provider answered ${reply.statusCode} to ${pathname}: ${text.slice(0, 300)}`))
        else resolve({ location, cookies: reply.headers['set-cookie'] ?? [] })
      })
    })
      .once('error', reject)
      .end()
  })
}
