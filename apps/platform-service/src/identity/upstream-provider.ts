import { AppError } from '@console/http-kit/problem'
import type { ClientAuth, Configuration } from 'openid-client'
import type { UpstreamSettings } from '../upstream-settings.ts'
import type { UpstreamSecrets } from './upstream-flows.ts'
import type { UpstreamIdentity } from './upstream-identity.ts'

/** Who the provider says has signed in. */
export type UpstreamWord = UpstreamIdentity & { readonly email: string | null; readonly emailVerified: boolean | null }
export type UpstreamProvider = {
  /** What the button says. */
  readonly name: string
  /** The provider’s page, which sends the browser back. @throws AppError UPSTREAM_AWAY */
  begin(secrets: UpstreamSecrets): Promise<string>
  /** Trades the code that came back for the provider’s signed word. @throws AppError AUTH_UPSTREAM_INVALID, UPSTREAM_AWAY */
  finish(answer: { code: string; state: string; iss?: string | undefined }, secrets: UpstreamSecrets): Promise<UpstreamWord>
}

/** What the provider says of itself is read again after so long. */
const freshMs = 3_600_000
const timeoutSec = 10
type Client = typeof import('openid-client')
/** Loaded when somebody signs in so for the first time: until then it costs no memory. */
const client = (): Promise<Client> => import('openid-client')

/** An OpenID Connect provider: authorization code with PKCE, state and nonce; every ID token’s signature is checked. */
export function createUpstreamProvider({ issuer, clientId, clientSecret, name, redirectUri }: UpstreamSettings): UpstreamProvider {
  let known: { readonly config: Configuration; readonly at: number } | null = null
  const configOf = async (library: Client): Promise<Configuration> => {
    if (known && performance.now() - known.at < freshMs) return known.config
    const { allowInsecureRequests, discovery, enableNonRepudiationChecks } = library
    const config = await discovery(new URL(issuer), clientId, clientSecret, secretAsAsked(clientSecret, library), {
      timeout: timeoutSec,
      execute: [enableNonRepudiationChecks, ...(issuer.startsWith('http:') ? [allowInsecureRequests] : [])],
    }).catch((cause: unknown) => {
      throw away(cause)
    })
    known = { config, at: performance.now() }
    return config
  }
  return {
    name,
    async begin({ state, nonce, verifier }) {
      const library = await client()
      const config = await configOf(library)
      const parameters = {
        redirect_uri: redirectUri,
        scope: 'openid email',
        code_challenge: await library.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      }
      return library.buildAuthorizationUrl(config, parameters).href
    },
    async finish({ code, state, iss }, { verifier, nonce, state: expectedState }) {
      const library = await client()
      const config = await configOf(library)
      const back = new URL(redirectUri)
      for (const [key, value] of Object.entries({ code, state, iss })) if (value !== undefined) back.searchParams.set(key, value)
      const checks = { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState, idTokenExpected: true }
      const tokens = await library.authorizationCodeGrant(config, back, checks).catch((cause: unknown) => {
        throw isAway(cause, library) ? away(cause) : upstreamInvalid(cause)
      })
      const claims = tokens.claims()
      if (!claims) throw upstreamInvalid()
      const { email, email_verified: verified } = claims
      return {
        issuer: claims.iss,
        subject: claims.sub,
        email: typeof email === 'string' ? email.slice(0, 254) : null,
        emailVerified: typeof verified === 'boolean' ? verified : null,
      }
    },
  }
}

/** In the body where the provider takes that, else in the header, which is what it takes when it does not say (RFC 8414, section 2). */
function secretAsAsked(secret: string, { ClientSecretBasic, ClientSecretPost }: Client): ClientAuth {
  const [post, basic] = [ClientSecretPost(secret), ClientSecretBasic(secret)]
  return (as, ...rest) => (as.token_endpoint_auth_methods_supported?.includes('client_secret_post') ? post : basic)(as, ...rest)
}

/** No connection, no answer in time, or a fault of the provider’s own. */
function isAway(error: unknown, { ResponseBodyError }: Client): boolean {
  if (error instanceof ResponseBodyError) return error.status >= 500
  const { name, code } = error as { name?: string; code?: string }
  return name === 'TypeError' || name === 'TimeoutError' || code === 'OAUTH_TIMEOUT'
}

function away(cause: unknown): AppError {
  return new AppError('UPSTREAM_AWAY', 503, 'The sign-in provider does not answer. Use another way to sign in, or try again in a while.', {
    cause,
  })
}

export function upstreamInvalid(cause?: unknown): AppError {
  return new AppError(
    'AUTH_UPSTREAM_INVALID',
    401,
    'This sign-in was begun more than ten minutes ago or in another browser, was finished already, or was not confirmed by the provider. Begin anew.',
    { cause },
  )
}
