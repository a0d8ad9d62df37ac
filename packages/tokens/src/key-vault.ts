import { request as plain } from 'node:http'
import { request as secure } from 'node:https'

/**
 * Where secrets are read from Azure Key Vault: the vault, and as whom. Without tenant, client and secret it is the identity of the machine or container.
 */
export type VaultSettings = {
  readonly url: string
  readonly tenantId?: string | undefined
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  /** Of a managed identity where the platform names one (App Service, Container Apps); the address of virtual machines otherwise. */
  readonly identityEndpoint?: string | undefined
  readonly identityHeader?: string | undefined
  /** Another address than Microsoft's that hands out tokens to clients. */
  readonly authority?: string | undefined
  /** A certificate authority beside those that Node knows. */
  readonly ca?: string | undefined
}
export class VaultError extends Error {
  /** `away`: no answer, or one that may be another in a moment. `refused`: no right, no such vault, a wrong secret of the client. */
  readonly code: 'away' | 'refused'
  constructor(code: 'away' | 'refused', message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
export type Vault = {
  /** @returns null where the vault has no such secret @throws VaultError */
  get(name: string): Promise<string | null>
}
const timeoutMs = 10_000
/** https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret */
const apiVersion = '7.4'
const tries = 3

/** Three documented requests over HTTPS; a token is kept until shortly before it ends. Redirects are not followed: the token goes to the vault alone. */
export function openVault(settings: VaultSettings, { now = Date.now, pauseMs = 500 } = {}): Vault {
  let token: { text: string; untilMs: number } | undefined
  const bearer = async (): Promise<string> => {
    if (token === undefined || now() >= token.untilMs) token = await freshToken(settings, { now, pauseMs })
    return token.text
  }
  return {
    async get(name) {
      const address = `${settings.url.replace(/\/+$/, '')}/secrets/${nameInVault(name)}?api-version=${apiVersion}`
      const ask = async () => patiently({ address, headers: { authorization: `Bearer ${await bearer()}` }, ca: settings.ca }, pauseMs)
      let answer = await ask()
      if (answer.status === 401) {
        // The token was withdrawn before its time.
        token = undefined
        answer = await ask()
      }
      if (answer.status === 404 && answer.json.error?.code === 'SecretNotFound') return null
      if (answer.status !== 200 || typeof answer.json.value !== 'string') throw refusal(`the vault, for ${nameInVault(name)},`, answer)
      return answer.json.value
    },
  }
}

/** A vault takes letters, digits and dashes: https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates */
export const nameInVault = (variable: string): string => variable.replaceAll('_', '-')

type Timing = { readonly now: () => number; readonly pauseMs: number }

async function freshToken(settings: VaultSettings, { now, pauseMs }: Timing): Promise<{ text: string; untilMs: number }> {
  const asked = tokenRequest(settings)
  const answer = await patiently({ ...asked, ca: settings.ca }, pauseMs)
  const { access_token: text, expires_in: seconds } = answer.json
  if (answer.status !== 200 || typeof text !== 'string') throw refusal(`what hands out tokens (${new URL(asked.address).host})`, answer)
  return { text, untilMs: now() + (Number(seconds) || 300) * 1_000 - 120_000 }
}

type Asked = {
  readonly address: string
  readonly headers?: Record<string, string>
  readonly form?: URLSearchParams
  readonly ca?: string | undefined
}
const scope = 'https://vault.azure.net'

function tokenRequest({ tenantId, clientId, clientSecret, ...rest }: VaultSettings): Asked {
  // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
  if (tenantId && clientId && clientSecret)
    return {
      address: `${rest.authority ?? 'https://login.microsoftonline.com'}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
      form: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        scope: `${scope}/.default`,
      }),
    }
  const whose = clientId ? `&client_id=${encodeURIComponent(clientId)}` : ''
  // https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
  if (rest.identityEndpoint)
    return {
      address: `${rest.identityEndpoint}?api-version=2019-08-01&resource=${encodeURIComponent(scope)}${whose}`,
      headers: { 'x-identity-header': rest.identityHeader ?? '' },
    }
  // https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
  return {
    address: `http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${encodeURIComponent(scope)}${whose}`,
    headers: { metadata: 'true' },
  }
}

type Json = {
  readonly value?: unknown
  readonly access_token?: unknown
  readonly expires_in?: unknown
  readonly error?: { readonly code?: string }
}
type Answer = { readonly status: number; readonly retryAfterMs: number | undefined; readonly json: Json }

/** Asks again where it is away or busy; a `Retry-After` is heeded up to ten seconds. */
async function patiently(asked: Asked, pauseMs: number): Promise<Answer> {
  for (let left = tries - 1; ; left -= 1) {
    let answer: Answer | undefined
    try {
      answer = await send(asked)
      if (answer.status !== 429 && answer.status < 500) return answer
    } catch (cause) {
      if (left === 0) throw new VaultError('away', `${new URL(asked.address).host} does not answer: ${(cause as Error).message}`, { cause })
    }
    if (left === 0) throw new VaultError('away', `${new URL(asked.address).host} is busy or failing (${answer?.status}).`)
    await new Promise((resolve) => setTimeout(resolve, Math.min(answer?.retryAfterMs ?? pauseMs * (tries - left), 10_000)))
  }
}

function send({ address, headers, form, ca }: Asked): Promise<Answer> {
  const url = new URL(address)
  const body = form?.toString()
  return new Promise((resolve, reject) => {
    const call = (url.protocol === 'http:' ? plain : secure)(
      url,
      {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          ...headers,
          ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        signal: AbortSignal.timeout(timeoutMs),
        ...(ca !== undefined && { ca }),
      },
      (reply) => {
        const chunks: Buffer[] = []
        reply.on('data', (chunk: Buffer) => chunks.push(chunk))
        reply.on('error', reject)
        reply.on('end', () => {
          const seconds = Number(reply.headers['retry-after'])
          const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined
          resolve({ status: reply.statusCode ?? 0, retryAfterMs, json: jsonOf(Buffer.concat(chunks).toString()) })
        })
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}

function jsonOf(text: string): Json {
  try {
    return (JSON.parse(text) ?? {}) as Json
  } catch {
    return {}
  }
}

/** Never with the body: it may repeat what was sent. */
function refusal(who: string, { status, json }: Answer): VaultError {
  const code = typeof json.error?.code === 'string' ? `, ${json.error.code}` : ''
  return new VaultError('refused', `${who} refused (${status}${code}).`)
}
