import { verifyAccessToken } from '@console/tokens/access-token'
import { tokenKeysIn } from '@console/tokens/key-files'
import { TokenError } from '@console/tokens/token-error'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type Browser, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
let ada: Browser
beforeEach(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
})
afterEach(() => platform.close())
const code = (answer: Answer) => [answer.status, String(answer.body.code)]
const notes = {
  name: 'Notes',
  apiPath: '/api/notes',
  service: 'notes-backend',
  url: 'https://notes.example.com',
  status: 'active',
  plans: ['free', 'team'],
  defaultRole: 'viewer',
  owners: [],
}
const create = (over: object = {}) => ada.post('/products', { id: 'notes', ...notes, ...over })
const update = (id: string, body: object, etag: string) =>
  ada.call('PUT', `/products/${id}`, { body, headers: { 'if-match': `"${etag}"` } })
const etagOf = async (id: string) => String((await ada.get(`/products/${id}`)).body.etag)

describe('products', () => {
  it('are the console’s own two at first, with who has access', async () => {
    const { body } = await ada.get('/products')
    expect(body).toMatchObject({
      items: [
        { id: 'bytelyst-devops', apiPath: '/api/devops', builtIn: true, people: 1, admins: 1, status: 'active' },
        { id: 'bytelyst-platform', builtIn: true, people: 1, admins: 1, owners: [] },
      ],
      nextCursor: null,
    })
  })

  it('are entered and changed, and survive a restart', async () => {
    const me = (await ada.get('/auth/session')).body.user
    const made = await create({ owners: [String(me?.id)] })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ id: 'notes', builtIn: false, people: 0, lastAskedAt: null, owners: [{ name: 'Ada King' }] })
    expect(made.headers.etag).toBe(`"${made.body.etag}"`)
    const changed = await update('notes', { ...notes, name: 'Notebook', plans: ['team'] }, String(made.body.etag))
    expect(changed.body).toMatchObject({ name: 'Notebook', plans: ['team'], owners: [] })
    expect(code(await update('notes', notes, String(made.body.etag)))).toEqual([412, 'PRECONDITION_FAILED'])
    expect(code(await ada.call('PUT', '/products/notes', { body: notes }))).toEqual([428, 'IF_MATCH_REQUIRED'])
    platform = await platform.restart()
    const again = platform.browser()
    for (const [key, value] of ada.jar) again.jar.set(key, value)
    expect((await again.get('/products/notes')).body).toMatchObject({ name: 'Notebook', createdAt: made.body.createdAt })
    expect(rowsOf(platform).filter(({ action, outcome }) => action === 'products.product.create' && outcome === 'done')).toMatchObject([
      { target: 'notes' },
    ])
  })

  it('are made once, however many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => create()))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409])
    const twins = await Promise.all(['one', 'two', 'six'].map((id) => create({ id, apiPath: '/api/twin', service: null })))
    expect(twins.map(({ status }) => status).sort()).toEqual([201, 409, 409])
  })

  it('get no path whose cookies another API would receive', async () => {
    for (const apiPath of ['/api/devops', '/api', '/api/devops/sub', '/platform', '/platform/api', '/platform/api/x'])
      expect([apiPath, ...code(await create({ apiPath }))]).toEqual([apiPath, 409, 'PRODUCT_PATH_TAKEN'])
    for (const apiPath of ['/', '/api/', 'api/x', '/Api/x', '/api//x', '/api/../x', '/api/x;Domain=y', '/api/x y', '/api/%64evops', ''])
      expect([apiPath, ...code(await create({ apiPath }))]).toEqual([apiPath, 400, 'INPUT_INVALID'])
    expect((await create({ apiPath: '/api/devops-more' })).status).toBe(201)
  })

  it('are served by a program of their own, never by a daemon or by another product’s', async () => {
    for (const service of ['devops-backend', 'platform-service', 'docker-proxy', 'host-agent'])
      expect([service, ...code(await create({ service }))]).toEqual([service, 409, 'PRODUCT_SERVICE_TAKEN'])
  })

  it('keep what must not move: a path with cookies behind it, plans in use, and what the console stands on', async () => {
    await create()
    const put = async (over: object, id = 'notes') => code(await update(id, { ...notes, ...over }, await etagOf(id)))
    expect(await put({ apiPath: '/api/elsewhere' })).toEqual([409, 'PRODUCT_FIXED'])
    expect(await put({ apiPath: null })).toEqual([409, 'PRODUCT_FIXED'])
    await invited(platform, ada, 'bob@example.com', [{ productId: 'notes', role: 'viewer' }])
    expect(await put({ plans: ['team'] })).toEqual([409, 'PRODUCT_PLAN_USED'])
    const devops = { ...notes, apiPath: '/api/devops', service: 'devops-backend', plans: ['pro'] }
    expect(await put({ ...devops, status: 'retired' }, 'bytelyst-devops')).toEqual([409, 'PRODUCT_FIXED'])
    expect(await put({ ...devops, service: 'other-backend' }, 'bytelyst-devops')).toEqual([409, 'PRODUCT_FIXED'])
    expect((await update('bytelyst-devops', { ...devops, plans: ['pro', 'free'] }, await etagOf('bytelyst-devops'))).status).toBe(200)
  })

  it('ask for people who exist, an address that opens in a browser, and a fresh factor', async () => {
    expect(code(await create({ owners: ['nobody'] }))).toEqual([404, 'USER_NOT_FOUND'])
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'nothing'])
      expect([url, ...code(await create({ url }))]).toEqual([url, 400, 'INPUT_INVALID'])
    platform.clock.ms += 300_001
    expect(code(await create())).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    expect(code(await update('bytelyst-devops', notes, 'x'))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    expect(code(await ada.get('/products/notes'))).toEqual([404, 'PRODUCT_NOT_FOUND'])
  })
})

describe('a third product', () => {
  /** What its API asks when a request with these cookies or this token comes in. */
  const asks = (token: string, tie: string | null, service = 'notes-backend') =>
    platform.service(service, '/internal/introspect', { token, tie, activity: true })
  const valuesNamed = (cookies: string, name: string) =>
    cookies
      .split('; ')
      .filter((pair) => pair.startsWith(`${name}=`))
      .map((pair) => pair.slice(name.length + 1))
  const arriving = (browser: Browser, path: string) => {
    const cookies = browser.cookiesFor(path)
    return {
      sid: valuesNamed(cookies, '__Secure-bl_sid'),
      ref: valuesNamed(cookies, '__Secure-bl_ref'),
      tie: valuesNamed(cookies, '__Host-bl_tie'),
    }
  }

  it('gets a reference at the next look at the session, that no other API receives and that says nothing there', async () => {
    await create()
    const me = String((await ada.get('/auth/session')).body.user?.id)
    expect(arriving(ada, '/api/notes/list').ref).toEqual([])
    expect((await ada.call('PUT', `/memberships/${me}/notes`, { body: { role: 'operator', plan: 'team' } })).status).toBe(200)
    const shown = await ada.get('/auth/session')
    expect(shown.setCookies.filter((line) => line.includes('Path=/api/notes;'))).toHaveLength(1)
    const there = arriving(ada, '/api/notes/list')
    expect(there).toMatchObject({ sid: [], ref: [expect.any(String)], tie: [expect.any(String)] })
    for (const elsewhere of ['/api/devops/services', '/platform/api/users', '/api/notes-more', '/api'])
      expect([elsewhere, arriving(ada, elsewhere).ref.includes(there.ref[0] ?? '')]).toEqual([elsewhere, false])
    const devops = arriving(ada, '/api/devops/services')
    expect(devops.ref).toHaveLength(1)

    const { body } = await asks(there.ref[0] ?? '', there.tie[0] ?? '')
    expect(body).toMatchObject({ active: true, kind: 'session', user: { id: me }, role: 'operator', plan: 'team' })
    const check = (audience: string) =>
      verifyAccessToken(String(body.accessToken), {
        keys: tokenKeysIn(platform.config.keysDir),
        audience,
        issuer: platform.config.issuer,
        nowMs: platform.clock.ms,
      })
    expect(check('notes')).toMatchObject({ sub: me, role: 'operator', plan: 'team' })
    expect(() => check('bytelyst-devops')).toThrow(TokenError)
    expect(code(await asks(there.ref[0] ?? '', there.tie[0] ?? '', 'devops-backend'))).toEqual([403, 'INTROSPECT_FORBIDDEN'])
    expect(code(await asks(devops.ref[0] ?? '', devops.tie[0] ?? ''))).toEqual([403, 'INTROSPECT_FORBIDDEN'])
    expect((await ada.get('/products/notes')).body).toMatchObject({ people: 1, admins: 0, lastAskedAt: expect.any(String) })

    await ada.call('DELETE', `/memberships/${me}/notes`)
    expect((await asks(there.ref[0] ?? '', there.tie[0] ?? '')).body).toEqual({ active: false })
  })

  it('has API tokens of its own, which are worth nothing elsewhere', async () => {
    await create()
    const me = String((await ada.get('/auth/session')).body.user?.id)
    await ada.call('PUT', `/memberships/${me}/notes`, { body: { role: 'viewer' } })
    const made = await ada.post('/auth/api-tokens', { name: 'nightly', productId: 'notes', actions: ['notes.note.list'], expiresInDays: 7 })
    const secret = String(made.body.secret)
    expect((await asks(secret, null)).body).toMatchObject({ active: true, kind: 'api', role: 'viewer', actions: ['notes.note.list'] })
    expect(code(await asks(secret, null, 'devops-backend'))).toEqual([403, 'INTROSPECT_FORBIDDEN'])
    const bearer = { headers: { authorization: `Bearer ${secret}` } }
    expect(code(await platform.browser().call('GET', '/users', bearer))).toEqual([401, 'AUTH_TOKEN_INVALID'])
  })

  it('lets nobody in once it is retired, and everybody again when it is brought back', async () => {
    await create()
    const { browser: bob, id } = await invited(platform, ada, 'bob@example.com', [{ productId: 'notes', role: 'admin' }])
    const { ref, tie } = arriving(bob, '/api/notes/list')
    const active = async () => (await asks(ref[0] ?? '', tie[0] ?? '')).body.active
    const standing = async () =>
      (await platform.service('notes-backend', '/internal/people/standing', { userIds: [id] })).body.items?.[0]?.role
    const made = await ada.post('/auth/api-tokens', { name: 'n', productId: 'notes', actions: ['a.b.c'], expiresInDays: 7 })
    expect(code(made)).toEqual([400, 'API_TOKEN_ACTION_REFUSED'])
    expect([await active(), await standing()]).toEqual([true, 'admin'])
    await update('notes', { ...notes, status: 'retired' }, await etagOf('notes'))
    expect([await active(), await standing()]).toEqual([false, null])
    expect(code(await bob.post('/auth/api-tokens', { name: 'n', productId: 'notes', actions: ['a.b.c'], expiresInDays: 7 }))).toEqual([
      404,
      'PRODUCT_NOT_FOUND',
    ])
    const give = { email: 'eve@example.com', memberships: [{ productId: 'notes', role: 'viewer' }] }
    const me = String((await ada.get('/auth/session')).body.user?.id)
    const put = (userId: string) => ada.call('PUT', `/memberships/${userId}/notes`, { body: { role: 'viewer' } })
    expect([code(await ada.post('/invites', give)), code(await put(me)), (await put(id)).status]).toEqual([
      [409, 'PRODUCT_RETIRED'],
      [409, 'PRODUCT_RETIRED'],
      200,
    ])
    const file = { format: 'json', as: 'invites', dryRun: false, text: JSON.stringify([give]) }
    expect((await ada.post('/users/import', file)).body.results).toMatchObject([
      { outcome: 'refused', rule: 'PRODUCT_RETIRED', detail: expect.stringMatching(/^memberships.productId: notes is retired/) },
    ])
    expect((await ada.call('PUT', `/memberships/${id}/notes`, { body: { role: 'admin' } })).status).toBe(200)
    const fresh = platform.browser()
    await fresh.signIn('bob@example.com', 'violet harbor quartz ninety')
    expect(arriving(fresh, '/api/notes/list').ref).toEqual([])
    await update('notes', { ...notes, status: 'active' }, await etagOf('notes'))
    expect([await active(), await standing()]).toEqual([true, 'admin'])
    await fresh.get('/auth/session')
    expect(arriving(fresh, '/api/notes/list').ref).toHaveLength(1)
  })
})
