import { afterEach, describe, expect, it } from 'vitest'
import { type Browser, invited, type Platform, rowsOf, send, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
afterEach(() => platform.close())

const devops = 'bytelyst-devops'
const wish = { name: 'ci', productId: devops, actions: ['services.service.list', 'deployments.run.trigger'], expiresInDays: 30 }
type Made = { readonly id: string; readonly secret: string }
const make = async (browser: Browser, more: Partial<typeof wish> = {}): Promise<Made> => {
  const answer = await browser.post('/auth/api-tokens', { ...wish, ...more })
  if (answer.status !== 201) throw new Error(answer.text)
  return { id: String((answer.body.token as unknown as { id: string }).id), secret: String(answer.body.secret) }
}
const ask = async (secret: string, tie: string | null = null, service = 'devops-backend') =>
  platform.service(service, '/internal/introspect', { token: secret, tie, activity: true, address: '192.0.2.7' })
const withToken = (secret: string, method: string, path: string, body?: object) =>
  send(platform.port, method, path, { headers: { authorization: `Bearer ${secret}` }, ...(body && { body }) })
const colleague = async (ada: Browser, role = 'operator') => invited(platform, ada, 'bob@example.com', [{ productId: devops, role }])

describe('an API token', () => {
  it('stands for its person at its product, with the actions that it lists, and says so', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { id, secret } = await make(ada)
    expect(secret).toMatch(/^blt_[A-Za-z0-9_-]{43}$/)
    const { body } = await ask(secret)
    expect(body).toMatchObject({ active: true, kind: 'api', sid: id, role: 'admin', tokenName: 'ci', actions: [...wish.actions].sort() })
    const claims = JSON.parse(Buffer.from(String(body.accessToken).split('.')[1] ?? '', 'base64url').toString()) as object
    expect(claims).toMatchObject({ amr: ['api'], sid: id, aud: devops })
    const [listed] = (await ada.get('/auth/api-tokens')).body.items as unknown as object[]
    expect(listed).toMatchObject({ id, name: 'ci', begins: secret.slice(0, 8), state: 'active', lastAddress: '192.0.2.7' })
  })

  it('is answered once: neither the store, a list, a row nor a line of the log holds it', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { secret } = await make(ada)
    await ask(secret)
    const rest = secret.slice(8)
    const kept = JSON.stringify((await platform.collections.apiTokens.find('all', { limit: 10 })).items)
    const told = [kept, JSON.stringify(rowsOf(platform)), platform.lines.join(''), (await ada.get('/api-tokens')).text]
    for (const text of told) expect(text).not.toContain(rest)
  })

  it.each([
    ['what destroys', 'services.service.remove', 'is never done by a token'],
    ['what asks for a factor', 'users.user.disable', 'is no action of bytelyst-devops'],
    ['what nobody knows', 'services.service.explode', 'is no action of bytelyst-devops'],
    ['what every session may', 'console.csrf.get', 'is never done by a token'],
  ])('is not made for %s', async (_what, action, why) => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const answer = await ada.post('/auth/api-tokens', { ...wish, actions: ['services.service.list', action] })
    expect([answer.status, String(answer.body.code)]).toEqual([400, 'API_TOKEN_ACTION_REFUSED'])
    expect(answer.text).toContain(`${action} ${why}`)
    expect((await ada.get('/auth/api-tokens')).body.items).toEqual([])
  })

  it('is not made for more than its person may, nor for a product that is not theirs, nor on an old factor', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob } = await colleague(ada, 'viewer')
    const codes = []
    codes.push((await bob.post('/auth/api-tokens', wish)).body.code)
    codes.push((await bob.post('/auth/api-tokens', { ...wish, productId: 'bytelyst-platform', actions: ['users.user.list'] })).body.code)
    codes.push((await bob.post('/auth/api-tokens', { ...wish, productId: 'nothing-here' })).body.code)
    platform.clock.ms += 301_000
    codes.push((await bob.post('/auth/api-tokens', { ...wish, actions: ['services.service.list'] })).body.code)
    expect(codes.map(String)).toEqual([
      'API_TOKEN_ACTION_REFUSED',
      'API_TOKEN_ACTION_REFUSED',
      'PRODUCT_NOT_FOUND',
      'AUTH_STEP_UP_REQUIRED',
    ])
  })

  it('is not made for what asks for a factor, at the API that has it', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const answer = await ada.post('/auth/api-tokens', { ...wish, productId: 'bytelyst-platform', actions: ['users.user.disable'] })
    expect([answer.status, String(answer.body.code)]).toEqual([400, 'API_TOKEN_ACTION_REFUSED'])
    expect(answer.text).toContain('users.user.disable is never done by a token')
  })

  it('names what it likes at a product whose actions are not known here, for its members alone', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const product = { name: 'Trading', apiPath: '/api/trading', service: 'trading', url: null, defaultRole: 'viewer', plans: ['pro'] }
    expect((await ada.post('/products', { id: 'trading', owners: [], status: 'active', ...product })).status).toBe(201)
    const other = { ...wish, productId: 'trading', actions: ['orders.order.place'] }
    expect(String((await ada.post('/auth/api-tokens', other)).body.code)).toBe('API_TOKEN_ACTION_REFUSED')
    const me = String((await ada.get('/auth/session')).body.user?.id)
    expect((await ada.call('PUT', `/memberships/${me}/trading`, { body: { role: 'viewer' } })).status).toBe(200)
    const { secret } = await make(ada, other)
    expect((await ask(secret, null, 'trading')).body).toMatchObject({ active: true, actions: ['orders.order.place'], role: 'viewer' })
  })

  it('falls with its person: role, membership, disabling', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob, id } = await colleague(ada)
    const { secret } = await make(bob)
    const roleNow = async () => (await ask(secret)).body.role
    expect(String(await roleNow())).toBe('operator')
    await ada.call('PUT', `/memberships/${id}/${devops}`, { body: { role: 'viewer' } })
    expect(String(await roleNow())).toBe('viewer')
    await ada.post(`/users/${id}/disable`, { reason: 'on leave' })
    expect((await ask(secret)).body).toEqual({ active: false })
    await ada.post(`/users/${id}/enable`)
    expect(String(await roleNow())).toBe('viewer')
    await ada.call('DELETE', `/memberships/${id}/${devops}`)
    expect((await ask(secret)).body).toEqual({ active: false })
  })

  it('ends on its day, and the access token never outlives it', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { secret } = await make(ada, { expiresInDays: 1 })
    platform.clock.ms += 86_400_000 - 60_000
    const { body } = await ask(secret)
    const { iat, exp } = JSON.parse(Buffer.from(String(body.accessToken).split('.')[1] ?? '', 'base64url').toString()) as {
      iat: number
      exp: number
    }
    expect(exp - iat).toBeLessThanOrEqual(60)
    platform.clock.ms += 60_000
    expect((await ask(secret)).body).toEqual({ active: false })
    const again = await ada.signIn('ada@example.com', 'violet harbor quartz ninety')
    expect(again.status).toBe(200)
    expect(((await ada.get('/auth/api-tokens')).body.items as unknown as { state: string }[])[0]?.state).toBe('expired')
  })

  it('is nothing as a cookie, at another product, or beside a session', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { secret } = await make(ada)
    const { secret: admins } = await make(ada, { productId: 'bytelyst-platform', actions: ['users.user.list'] })
    expect((await ask(secret, 'a'.repeat(43))).body).toEqual({ active: false })
    expect(String((await ask(admins)).body.code)).toBe('INTROSPECT_FORBIDDEN')
    expect((await withToken(secret, 'GET', '/users')).status).toBe(401)
    expect((await ada.call('GET', '/users', { headers: { authorization: `Bearer ${admins}` } })).status).toBe(400)
  })

  it('falls with its person at platform-service too', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob, id } = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-platform', role: 'viewer' }])
    const { secret } = await make(bob, { productId: 'bytelyst-platform', actions: ['products.product.list'] })
    const status = async () => (await withToken(secret, 'GET', '/products')).status
    expect(await status()).toBe(200)
    await ada.post(`/users/${id}/disable`, { reason: 'on leave' })
    expect(await status()).toBe(401)
    await ada.post(`/users/${id}/enable`)
    expect(await status()).toBe(200)
    await ada.call('DELETE', `/memberships/${id}/bytelyst-platform`)
    expect(await status()).toBe(401)
  })

  it('is no invite, and an invite is no token', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { secret } = await make(ada, { productId: 'bytelyst-platform', actions: ['users.user.list'] })
    const made = await ada.post('/invites', { email: 'bob@example.com', memberships: [{ productId: devops, role: 'viewer' }] })
    const invite = String(made.body.link).split('#')[1] ?? ''
    expect((await withToken(invite, 'GET', '/users')).status).toBe(401)
    expect((await platform.browser().post('/invites/show', { token: secret })).status).toBe(404)
    // Other kinds lie in the same collection: one that has all that a token has is none either.
    const { apiTokens } = platform.collections
    const [stored] = (await apiTokens.find('all', { limit: 50 })).items.filter(({ doc }) => doc.kind === 'api')
    if (!stored) throw new Error('the token is not stored')
    expect((await withToken(secret, 'GET', '/users')).status).toBe(200)
    const { etag } = (await apiTokens.get('all', stored.id)) ?? stored
    await apiTokens.replace('all', stored.id, { ...stored.doc, kind: 'challenge' as 'api' }, etag)
    expect((await withToken(secret, 'GET', '/users')).status).toBe(401)
  })

  it('does at platform-service what it lists and nothing else, and its rows name it', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const memberships = [{ productId: 'bytelyst-devops', role: 'viewer' }]
    const invite = (await ada.post('/invites', { email: 'eve@example.com', memberships })).body.invite as unknown as { id: string }
    const { secret } = await make(ada, { productId: 'bytelyst-platform', actions: ['users.user.list', 'invites.invite.revoke'] })
    expect((await withToken(secret, 'GET', '/users')).status).toBe(200)
    expect((await withToken(secret, 'DELETE', `/invites/${invite.id}`)).status).toBe(204)
    expect((await ada.get('/users?status=invited')).body.total).toBe(0)
    for (const [method, path, body] of [
      ['GET', '/api-tokens', undefined],
      ['GET', '/auth/session', undefined],
      ['POST', '/auth/grants', { verb: 'services.service.remove', digest: 'a'.repeat(64) }],
      ['POST', '/auth/api-tokens', wish],
    ] as const)
      expect([path, (await withToken(secret, method, path, body)).status]).toEqual([path, 403])
    const row = rowsOf(platform).find(({ action, outcome }) => action === 'invites.invite.revoke' && outcome === 'done')
    expect(row?.actor).toMatchObject({ kind: 'token', name: 'Ada King, token ci' })
  })
})

describe('ending a token', () => {
  it('takes effect at once, for its person and for an admin; for anybody else it does not exist', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const { browser: bob } = await colleague(ada)
    const [first, second] = [await make(bob), await make(bob)]
    expect((await ada.call('DELETE', `/auth/api-tokens/${first.id}`)).status).toBe(404)
    expect((await bob.call('DELETE', `/api-tokens/${first.id}`)).status).toBe(403)
    expect((await bob.call('DELETE', `/auth/api-tokens/${first.id}`)).status).toBe(204)
    expect((await ada.call('DELETE', `/api-tokens/${second.id}`)).status).toBe(204)
    for (const { id, secret } of [first, second]) {
      expect((await ask(secret)).body).toEqual({ active: false })
      expect((await bob.call('DELETE', `/auth/api-tokens/${id}`)).status).toBe(404)
    }
    const states = ((await ada.get('/api-tokens')).body.items as unknown as { state: string }[]).map(({ state }) => state)
    expect(states).toEqual(['revoked', 'revoked'])
  })

  it('is listed page by page', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    for (let n = 0; n < 3; n += 1) {
      platform.clock.ms += 1_000
      await make(ada, { name: `token ${n}` })
    }
    const first = (await ada.get('/api-tokens?limit=2')).body as unknown as { items: { name: string }[]; nextCursor: string }
    const rest = (await ada.get(`/api-tokens?limit=2&cursor=${first.nextCursor}`)).body as unknown as typeof first
    expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual(['token 2', 'token 1', 'token 0'])
    expect(rest.nextCursor).toBeNull()
    expect((await ada.get('/api-tokens?cursor=nonsense')).status).toBe(400)
  })

  it('is asked of at most fifty that live', async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    const made = []
    for (let n = 0; n < 50; n += 1) made.push(await make(ada))
    expect(String((await ada.post('/auth/api-tokens', wish)).body.code)).toBe('API_TOKEN_LIMIT')
    await ada.call('DELETE', `/auth/api-tokens/${made[0]?.id}`)
    expect((await ada.post('/auth/api-tokens', wish)).status).toBe(201)
  })
})
