import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { newBrowser } from '@console/testkit/browser'
import { loadOrCreateServiceKey } from '@console/tokens/key-files'
import { signServiceToken } from '@console/tokens/service-token'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, invited, type Platform, send, setUp, startPlatform } from './platform.fake.ts'

const product = { id: 'notes', name: 'Notes', apiPath: '/api/notes', service: 'notes-service' }
const issuer = 'https://api.bytelyst.com/platform/api'

/**
 * Another product’s own small server. It knows the address of platform-service and its own key, nothing else of the console: it turns the
 * cookies that reach it into a person, and checks the token that it gets for that by the published keys alone.
 */
function startNotes(platform: Platform) {
  const seen: string[][] = []
  const keys = createRemoteJWKSet(new URL(`http://127.0.0.1:${platform.port}/platform/api/.well-known/jwks.json`))
  const key = loadOrCreateServiceKey({ dir: join(platform.folder, 'notes'), keysDir: platform.config.keysDir, name: product.service })
  const server = createServer((request, response) => {
    whoAsks(request).then(
      (body) => response.writeHead(body ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {})),
      (error: Error) => response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ why: error.message })),
    )
  })
  const whoAsks = async (request: IncomingMessage) => {
    const cookies = Object.fromEntries((request.headers.cookie ?? '').split('; ').map((pair) => pair.split('=', 2)))
    seen.push(Object.keys(cookies).sort())
    const answer = await introspect(cookies['__Secure-bl_ref'] ?? 'none', cookies['__Host-bl_tie'] ?? null)
    if (answer.body.active !== (true as never)) return null
    return (await jwtVerify(String(answer.body.accessToken), keys, { typ: 'at+jwt', audience: product.id, issuer, algorithms: ['EdDSA'] }))
      .payload
  }
  const introspect = (token: string, tie: string | null) => {
    const authorization = `Bearer ${signServiceToken(key, { name: product.service, audience: 'platform-service', nowMs: Date.now() })}`
    return send(platform.port, 'POST', '/internal/introspect', { body: { token, tie, activity: false }, headers: { authorization } })
  }
  return new Promise<{ port: number; seen: string[][]; introspect: typeof introspect; stop(): Promise<void> }>((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        seen,
        introspect,
        async stop() {
          server.closeAllConnections()
          await new Promise((done) => server.close(done))
        },
      }),
    ),
  )
}

describe('a product with a server of its own', { timeout: 60_000 }, () => {
  let platform: Platform
  let notes: Awaited<ReturnType<typeof startNotes>>
  let ada: Browser
  beforeAll(async () => {
    platform = await startPlatform({ now: Date.now })
    ada = await setUp(platform)
    const more = { url: null, status: 'active', defaultRole: 'viewer', plans: ['free', 'pro'], owners: [] }
    expect((await ada.post('/products', { ...product, ...more })).status).toBe(201)
    notes = await startNotes(platform)
  }, 60_000)
  afterAll(async () => {
    await notes?.stop()
    await platform?.close()
  })

  const member = async (email: string) => invited(platform, ada, email, [{ productId: product.id, role: 'operator' }])
  const pageOf = ({ jar }: Browser) => newBrowser({ port: notes.port, prefix: product.apiPath, origin: 'http://localhost:3001' }, jar)

  it('gets its reference and the tie by its path, never the session, and a token that jose verifies by the published keys', async () => {
    const grace = await member('grace@example.com')
    const answer = await pageOf(grace.browser).get('/who')
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)])
    expect(JSON.parse(answer.text)).toMatchObject({
      iss: issuer,
      sub: grace.id,
      aud: 'notes',
      role: 'operator',
      plan: 'free',
      amr: ['pwd'],
    })
    expect(notes.seen.at(-1)).toEqual(['__Host-bl_tie', '__Secure-bl_ref'])
  })

  it('is told nothing of somebody who has another product alone, nor of a reference that is another product’s', async () => {
    const stranger = await invited(platform, ada, 'alan@example.com', [{ productId: 'bytelyst-devops', role: 'admin' }])
    expect((await pageOf(stranger.browser).get('/who')).status).toBe(401)
    const cookies = stranger.browser.cookiesFor('/api/devops')
    const value = (name: string) => new RegExp(`${name}=([^;]+)`).exec(cookies)?.[1] ?? ''
    const asked = await notes.introspect(value('__Secure-bl_ref'), value('__Host-bl_tie'))
    expect([asked.status, String(asked.body.code)]).toEqual([403, 'INTROSPECT_FORBIDDEN'])
  })

  it('hears at its next question that a person may no more', async () => {
    const { browser, id } = await member('mary@example.com')
    const page = pageOf(browser)
    expect((await page.get('/who')).status).toBe(200)
    expect((await ada.call('DELETE', `/memberships/${id}/${product.id}`)).status).toBe(200)
    expect((await page.get('/who')).status).toBe(401)
  })

  it('gets a token that is good for nothing but itself', async () => {
    const { browser } = await member('joan@example.com')
    const cookies = browser.cookiesFor(product.apiPath)
    const value = (name: string) => new RegExp(`${name}=([^;]+)`).exec(cookies)?.[1] ?? ''
    const token = String((await notes.introspect(value('__Secure-bl_ref'), value('__Host-bl_tie'))).body.accessToken)
    const keys = createRemoteJWKSet(new URL(`http://127.0.0.1:${platform.port}/platform/api/.well-known/jwks.json`))
    const check = (audience: string, text = token) => jwtVerify(text, keys, { typ: 'at+jwt', audience, issuer, algorithms: ['EdDSA'] })
    await expect(check('notes')).resolves.toMatchObject({ protectedHeader: { alg: 'EdDSA', typ: 'at+jwt' } })
    await expect(check('bytelyst-devops')).rejects.toThrow('aud')
    const [head, claims, signature = ''] = token.split('.')
    await expect(check('notes', `${head}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`)).rejects.toThrow(
      'signature',
    )
    const atPlatform = await send(platform.port, 'GET', '/users', { headers: { authorization: `Bearer ${token}` } })
    expect([atPlatform.status, String(atPlatform.body.code)]).toEqual([401, 'AUTH_TOKEN_INVALID'])
  })
})
