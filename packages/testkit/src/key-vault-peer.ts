import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { certificateFor } from './tls-front.ts'

export type KeyVaultPeer = {
  readonly url: string
  /** The certificate that it shows, to be trusted by the test. */
  readonly ca: string
  readonly secrets: Map<string, string>
  /** An answer in place of the true one; `cut` ends the connection. */
  fault: (path: string) => { readonly status: number; readonly retryAfterSec?: number } | 'cut' | null
  /** Tokens that were handed out are no good any more. */
  withdrawTokens(): void
  readonly asked: string[]
  /** Resources for which tokens are handed out, beside those of the vault itself. */
  readonly resources: Set<string>
  /** Whether a token was handed out for a resource, and not withdrawn. */
  isGood(token: string, resource: string): boolean
  close(): Promise<void>
}
export const peerClient = { tenantId: 'tenant', clientId: 'client', clientSecret: 'a secret of the stand-in' }
export const peerIdentityHeader = 'header of the stand-in'
const resource = 'https://vault.azure.net'

/**
 * A stand-in of Key Vault with what hands out its tokens: client credentials (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow),
 * a managed identity (https://learn.microsoft.com/azure/app-service/overview-managed-identity) and reading a secret
 * (https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret). Everything else is refused.
 */
export async function startKeyVaultPeer({ host = 'localhost', certificate = certificateFor([host]) } = {}): Promise<KeyVaultPeer> {
  const good = new Map<string, string>()
  const server = createServer(certificate, (request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, host === 'localhost' ? '127.0.0.1' : host, resolve))
  const peer: KeyVaultPeer = {
    url: `https://${host}:${(server.address() as AddressInfo).port}`,
    ca: certificate.cert,
    secrets: new Map(),
    fault: () => null,
    withdrawTokens: () => good.clear(),
    asked: [],
    resources: new Set([resource]),
    isGood: (token, wanted) => good.get(token) === wanted,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return peer

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const [path = '', query = ''] = (request.url ?? '/').split('?')
    peer.asked.push(`${request.method} ${path}`)
    const fault = peer.fault(path)
    if (fault === 'cut') return void request.socket.destroy()
    const [status, json] =
      fault === null
        ? answerTo(request, { path, query: new URLSearchParams(query), body })
        : [fault.status, { error: { code: 'Injected' } }]
    const headers = fault !== null && fault.retryAfterSec !== undefined ? { 'retry-after': String(fault.retryAfterSec) } : {}
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json))
  }

  function answerTo(
    { method, headers }: IncomingMessage,
    { path, query, body }: { path: string; query: URLSearchParams; body: string },
  ): [number, object] {
    if (method === 'POST' && path === `/${peerClient.tenantId}/oauth2/v2.0/token`) {
      const form = new URLSearchParams(body)
      const wanted = (form.get('scope') ?? '').replace(/\/\.default$/, '')
      const right =
        form.get('grant_type') === 'client_credentials' &&
        form.get('client_id') === peerClient.clientId &&
        form.get('client_secret') === peerClient.clientSecret &&
        form.get('scope') === `${wanted}/.default` &&
        peer.resources.has(wanted)
      return right ? [200, freshToken(wanted)] : [401, { error: 'invalid_client', error_description: body }]
    }
    if (method === 'GET' && path === '/msi/token') {
      const wanted = query.get('resource') ?? ''
      return headers['x-identity-header'] === peerIdentityHeader && peer.resources.has(wanted)
        ? [200, freshToken(wanted)]
        : [400, { error: { code: 'BadRequest' } }]
    }
    const [, name] = /^\/secrets\/([0-9a-zA-Z-]{1,127})$/.exec(path) ?? []
    if (method !== 'GET' || name === undefined || query.get('api-version') !== '7.4') return [400, { error: { code: 'BadParameter' } }]
    if (!peer.isGood((headers.authorization ?? '').replace('Bearer ', ''), resource)) return [401, { error: { code: 'Unauthorized' } }]
    const value = peer.secrets.get(name)
    return value === undefined ? [404, { error: { code: 'SecretNotFound' } }] : [200, { value, id: `${peer.url}/secrets/${name}/1` }]
  }

  function freshToken(wanted: string) {
    const token = crypto.randomUUID()
    good.set(token, wanted)
    return { token_type: 'Bearer', expires_in: 3599, access_token: token }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
