import { StoreError } from '@console/store/port'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { partition } from '../../collections.ts'
import type { IdentifierDoc } from '../../documents.ts'
import { identifierId } from '../../identity/email-claims.ts'
import { type Answer, type Browser, goodPassword, type Platform, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
let ada: Browser
beforeEach(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
})
afterEach(() => platform.close())
const code = (answer: Answer) => [answer.status, String(answer.body.code)]
const memberships = [{ productId: 'bytelyst-devops', role: 'viewer' }]
const invite = (email = 'bob@example.com', more: object = {}) => ada.post('/invites', { email, memberships, ...more })
const tokenOf = (answer: Answer) => String(answer.body.link).split('#')[1] ?? ''
const accept = (token: string, browser = platform.browser()) =>
  browser.post('/invites/accept', { token, name: 'Bob', password: goodPassword })

describe('an invite', () => {
  it('is a link with 256 bits behind the #, kept as a hash, good for 72 hours', async () => {
    const made = await invite()
    expect(made.status).toBe(201)
    expect(String(made.body.link)).toMatch(/^http:\/\/localhost:3001\/invite#bli_[A-Za-z0-9_-]{43}$/)
    expect(Date.parse(String(made.body.invite?.expiresAt)) - platform.clock.ms).toBe(72 * 3_600_000)
    const kept = JSON.stringify((await platform.collections.invites.find(partition, { limit: 10 })).items)
    expect(kept).not.toContain(tokenOf(made))
    expect((await platform.browser().post('/invites/show', { token: tokenOf(made) })).body).toMatchObject({
      email: 'bob@example.com',
      name: null,
      memberships: [{ productId: 'bytelyst-devops', role: 'viewer', plan: 'pro', expiresAt: null }],
    })
    platform.clock.ms += 72 * 3_600_000
    expect(code(await accept(tokenOf(made)))).toEqual([404, 'INVITE_NOT_FOUND'])
    expect((await (await signedIn()).get('/invites')).body).toMatchObject({ items: [{ state: 'expired', createdBy: 'Ada King' }] })
  })

  it('makes the person that it names, signed in with what it gives, once', async () => {
    const token = tokenOf(await invite())
    const bob = platform.browser()
    const answer = await accept(token, bob)
    expect(answer.status).toBe(201)
    expect([...bob.jar.keys()]).toEqual(['__Secure-bl_sid /platform/api', '__Host-bl_tie /', '__Secure-bl_ref /api/devops'])
    expect((await bob.get('/auth/session')).body).toMatchObject({
      user: { id: String(answer.body.userId), email: 'bob@example.com', name: 'Bob' },
    })
    expect(code(await accept(token))).toEqual([404, 'INVITE_NOT_FOUND'])
    expect((await ada.get('/invites')).body).toMatchObject({ items: [{ state: 'accepted' }] })
    expect((await ada.get('/users')).body).toMatchObject({ total: 2 })
  })

  it('lets one of five at once in', async () => {
    const token = tokenOf(await invite())
    const answers = await Promise.all(Array.from({ length: 5 }, () => accept(token)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect((await ada.get('/users')).body).toMatchObject({ total: 2 })
  })

  it('is one of five made at once for one e-mail', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, (_, n) => invite(n % 2 ? 'Bob@Example.com' : 'bob@example.com ')))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409])
    expect(code(answers.find(({ status }) => status === 409) as Answer)).toEqual([409, 'USER_EXISTS'])
  })

  it('is refused for a person who exists, and free again when it has ended', async () => {
    expect(code(await invite('ada@example.com'))).toEqual([409, 'USER_EXISTS'])
    expect((await invite()).status).toBe(201)
    platform.clock.ms += 73 * 3_600_000
    ada = await signedIn()
    expect((await invite()).status).toBe(201)
  })

  it('is renewed with another link, and the old one ends', async () => {
    const first = await invite()
    platform.clock.ms += 100_000
    const second = await ada.post(`/invites/${first.body.invite?.id}/renew`)
    expect(second.status).toBe(200)
    expect(String(second.body.invite?.id)).toBe(String(first.body.invite?.id))
    expect(code(await accept(tokenOf(first)))).toEqual([404, 'INVITE_NOT_FOUND'])
    expect((await accept(tokenOf(second))).status).toBe(201)
    expect(code(await ada.post(`/invites/${first.body.invite?.id}/renew`))).toEqual([404, 'INVITE_NOT_FOUND'])
  })

  it('is renewed after it ended, unless the e-mail came in another way', async () => {
    const first = await invite()
    platform.clock.ms += 73 * 3_600_000
    await platform.app.sweeper.sweep()
    ada = await signedIn()
    expect((await accept(tokenOf(await ada.post(`/invites/${first.body.invite?.id}/renew`)))).status).toBe(201)
  })

  it('is revoked, and its e-mail is free', async () => {
    const made = await invite()
    expect((await ada.call('DELETE', `/invites/${made.body.invite?.id}`)).status).toBe(204)
    expect(code(await accept(tokenOf(made)))).toEqual([404, 'INVITE_NOT_FOUND'])
    expect(code(await ada.call('DELETE', `/invites/${made.body.invite?.id}`))).toEqual([404, 'INVITE_NOT_FOUND'])
    expect((await ada.get('/users')).body).toMatchObject({ total: 1 })
    expect((await invite()).status).toBe(201)
  })

  it('is either accepted or revoked, never both', async () => {
    for (let n = 0; n < 8; n += 1) {
      const made = await invite(`racer${n}@example.com`)
      const [accepted, revoked] = await Promise.all([accept(tokenOf(made)), ada.call('DELETE', `/invites/${made.body.invite?.id}`)])
      expect([accepted.status, revoked.status]).toEqual(accepted.status === 201 ? [201, 404] : [404, 204])
    }
  })

  it('is not revoked any more when somebody is just accepting it', async () => {
    const made = await invite()
    const { identifiers } = platform.collections
    const held = await identifiers.get(partition, identifierId('bob@example.com'))
    await identifiers.replace(partition, held?.id ?? '', { ...(held?.doc as IdentifierDoc), userId: 'about-to-be' }, held?.etag ?? '')
    expect(code(await ada.call('DELETE', `/invites/${made.body.invite?.id}`))).toEqual([404, 'INVITE_NOT_FOUND'])
    expect((await ada.get('/invites')).body).toMatchObject({ items: [{ state: 'open' }] })
  })

  it('is refused with products and times that make no sense', async () => {
    expect(code(await invite('x@example.com', { memberships: [] }))).toEqual([400, 'INPUT_INVALID'])
    expect(code(await invite('x@example.com', { memberships: [...memberships, ...memberships] }))).toEqual([400, 'INPUT_INVALID'])
    expect(code(await invite('x@example.com', { memberships: [{ productId: 'nothing', role: 'viewer' }] }))).toEqual([
      404,
      'PRODUCT_NOT_FOUND',
    ])
    expect(code(await invite('no e-mail'))).toEqual([400, 'INPUT_INVALID'])
    expect(code(await invite('x@example.com', { expiresInHours: 721 }))).toEqual([400, 'INPUT_INVALID'])
  })

  it('keeps the weak password out and stays open', async () => {
    const token = tokenOf(await invite())
    const weak = await platform.browser().post('/invites/accept', { token, name: 'Bob', password: 'bob@example.com' })
    expect(code(weak)).toEqual([400, 'AUTH_PASSWORD_WEAK'])
    expect((await accept(token)).status).toBe(201)
  })

  it('can be accepted again a minute after a crash in the middle', async () => {
    const token = tokenOf(await invite())
    const { identifiers, users } = platform.collections
    const insert = users.insert
    Object.assign(users, { insert: () => Promise.reject(new StoreError('Unavailable', 'no space')) })
    expect(code(await accept(token))).toEqual([503, 'STORE_UNAVAILABLE'])
    Object.assign(users, { insert })
    const held = await identifiers.get(partition, identifierId('bob@example.com'))
    const expiresAt = new Date(platform.clock.ms + 60_000).toISOString()
    await identifiers.replace(partition, held?.id ?? '', { ...(held?.doc as IdentifierDoc), userId: 'ghost', expiresAt }, held?.etag ?? '')
    expect(code(await accept(token))).toEqual([409, 'USER_EXISTS'])
    platform.clock.ms += 60_001
    await platform.app.sweeper.sweep()
    expect((await accept(token)).status).toBe(201)
  })

  it('survives a crash between e-mail and person: the e-mail is free a minute later', async () => {
    const { identifiers, memberships: kept } = platform.collections
    const expiresAt = new Date(platform.clock.ms + 60_000).toISOString()
    await identifiers.insert(partition, identifierId('bob@example.com'), {
      v: 1,
      userId: 'ghost',
      inviteId: null,
      heldUntil: null,
      expiresAt,
    })
    await kept.insert(partition, 'ghost:bytelyst-devops', {
      v: 1,
      userId: 'ghost',
      productId: 'bytelyst-devops',
      role: 'admin',
      plan: 'pro',
      expiresAt: null,
    })
    expect((await invite()).status).toBe(409)
    platform.clock.ms += 60_001
    await platform.app.sweeper.sweep()
    expect(await kept.get(partition, 'ghost:bytelyst-devops')).toBeNull()
    expect((await invite()).status).toBe(201)
  })
})

async function signedIn(): Promise<Browser> {
  const browser = platform.browser()
  await browser.signIn('ada@example.com', goodPassword)
  return browser
}
