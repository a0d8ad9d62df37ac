import { createHash } from 'node:crypto'
import { canonical, directPlan } from '@console/contracts/canonical'
import { removeUser, setMembership } from '@console/contracts/people/actions'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Collections, partition } from '../../collections.ts'
import { holdNext } from '../../held-write.fake.ts'
import { identifierId } from '../../identity/email-claims.ts'
import { removePerson } from '../../identity/remove-person.ts'
import {
  type Answer,
  type Browser,
  goodPassword,
  invited,
  type LoggedRow,
  type Platform,
  rowsOf,
  setUp,
  startPlatform,
} from '../../platform.fake.ts'

let platform: Platform
let ada: Browser
let adaId: string
beforeEach(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
  adaId = String((await ada.get('/auth/session')).body.user?.id)
})
afterEach(() => platform.close())

const code = (answer: Answer) => [answer.status, String(answer.body.code)]
const bob = (role = 'admin') => invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-platform', role }])
async function remove(who: Browser, id: string): Promise<Answer> {
  const digest = createHash('sha256')
    .update(canonical(directPlan(removeUser.id, 'local', { id })))
    .digest('hex')
  const { body } = await who.post('/auth/grants', { verb: removeUser.id, digest })
  return who.call('DELETE', `/users/${id}`, { headers: { 'x-grant': String(body.grant) } })
}
type Told = LoggedRow & { readonly details?: unknown }

describe('a person who is deleted', () => {
  it('is gone with sessions, memberships, tokens and e-mail, and stands in the audit log by name', async () => {
    const { browser, id } = await bob()
    const token = { name: 'ci', productId: 'bytelyst-platform', actions: ['users.user.list'], expiresInDays: 7 }
    expect((await browser.post('/auth/api-tokens', token)).status).toBe(201)
    expect((await remove(ada, id)).status).toBe(204)
    expect((await browser.get('/auth/session')).status).toBe(401)
    expect((await platform.browser().signIn('bob@example.com', goodPassword)).status).toBe(401)
    expect(code(await ada.get(`/users/${id}`))).toEqual([404, 'USER_NOT_FOUND'])
    expect((await ada.get('/users?q=bob')).body).toMatchObject({ total: 0 })
    expect((await ada.get('/memberships?productId=bytelyst-platform')).body.items).toHaveLength(1)
    expect((await ada.get('/api-tokens')).body.items ?? []).not.toContainEqual(expect.objectContaining({ state: 'active' }))
    const rows = (rowsOf(platform) as Told[]).filter(({ action }) => action === removeUser.id)
    expect(rows.map(({ outcome, target }) => ({ outcome, target }))).toEqual([
      { outcome: 'started', target: id },
      { outcome: 'done', target: id },
    ])
    const memberships = [{ productId: 'bytelyst-platform', role: 'admin', plan: 'pro', expiresAt: null }]
    expect(rows[1]?.details).toEqual({ name: 'bob', email: 'bob@example.com', memberships })
    expect(code(await remove(ada, id))).toEqual([404, 'USER_NOT_FOUND'])
  })

  it('leaves the e-mail to whoever comes next, who gets nothing of before', async () => {
    const first = await bob()
    await remove(ada, first.id)
    const second = await bob('viewer')
    expect(second.id).not.toBe(first.id)
    expect((await first.browser.get('/auth/session')).status).toBe(401)
    expect((await ada.get(`/users/${second.id}`)).body.memberships).toMatchObject([{ role: 'viewer' }])
  })

  it('is never the last active platform admin, nor the last two at once', async () => {
    expect(code(await remove(ada, adaId))).toEqual([409, 'USER_LAST_ADMIN'])
    const { browser, id } = await bob()
    const both = await Promise.all([remove(ada, id), remove(browser, adaId)])
    expect(both.map(({ status }) => status).sort()).toEqual([204, expect.toBeOneOf([401, 409])])
    const left = both[0].status === 204 ? ada : browser
    expect((await left.get('/users?role=admin')).body).toMatchObject({ total: 1, items: [{ lastAdmin: true }] })
  })

  it('needs a confirmation that names this very person', async () => {
    const { id } = await bob()
    const digest = createHash('sha256')
      .update(canonical(directPlan(removeUser.id, 'local', { id: adaId })))
      .digest('hex')
    const { body } = await ada.post('/auth/grants', { verb: removeUser.id, digest })
    expect(code(await ada.call('DELETE', `/users/${id}`, { headers: { 'x-grant': String(body.grant) } }))).toEqual([
      403,
      'AUTH_GRANT_MISMATCH',
    ])
    expect(code(await ada.call('DELETE', `/users/${id}`))).toEqual([403, 'AUTH_GRANT_REQUIRED'])
    expect((await ada.get(`/users/${id}`)).status).toBe(200)
  })

  it('gets no membership that was asked for while they were being deleted', async () => {
    const { id } = await bob('viewer')
    const { users, memberships } = platform.collections
    const held = holdNext(users, 'remove')
    const removing = remove(ada, id)
    await held.reached
    const giving = ada.call('PUT', `/memberships/${id}/bytelyst-devops`, { body: { role: 'viewer' } })
    const isOnRecord = () => rowsOf(platform).some(({ action, outcome }) => action === setMembership.id && outcome === 'started')
    await vi.waitFor(() => expect(isOnRecord()).toBe(true), { timeout: 30_000 })
    // What is on record later begins later: by this answer the other waits for the deletion.
    expect((await ada.post('/auth/step-up', { password: goodPassword })).status).toBe(200)
    held.letGo()
    expect((await removing).status).toBe(204)
    expect(code(await giving)).toEqual([404, 'USER_NOT_FOUND'])
    expect((await memberships.find(partition, { where: [{ f: 'userId', op: 'eq', v: id }], limit: 10 })).items).toEqual([])
  }, 60_000)

  it('is whole or nobody after a crash at any step', async () => {
    const { collections, clock, app } = platform
    const outcomes: string[] = []
    for (let writes = 0; outcomes.at(-1) !== 'finished'; writes += 1) {
      const email = `bob${writes}@example.com`
      const { id } = await invited(platform, ada, email, [{ productId: 'bytelyst-devops', role: 'viewer' }])
      const ended = await removePerson(crashingAfter(writes, collections), id, clock.ms).then(
        () => 'finished',
        () => 'crashed',
      )
      clock.ms += 61_000
      await app.sweeper.sweep()
      const entry = await collections.identifiers.get(partition, identifierId(email))
      const membership = await collections.memberships.get(partition, `${id}:bytelyst-devops`)
      const there = [await collections.users.get(partition, id), entry, membership].filter((one) => one !== null).length
      expect([writes, there]).toEqual([writes, expect.toBeOneOf([0, 3])])
      if (there === 3) expect(entry?.doc).toMatchObject({ userId: id, expiresAt: null })
      outcomes.push(ended === 'finished' ? ended : `${ended}, ${there === 3 ? 'whole' : 'gone'}`)
    }
    expect(new Set(outcomes)).toEqual(new Set(['crashed, whole', 'crashed, gone', 'finished']))
  })
})

/** The collections of a program that dies after some writes. */
function crashingAfter(
  writes: number,
  { users, identifiers, memberships }: Collections,
): Pick<Collections, 'users' | 'identifiers' | 'memberships'> {
  let left = writes
  const dying = <C extends object>(collection: C): C =>
    new Proxy(collection, {
      get: (target, name, receiver) => {
        const method = Reflect.get(target, name, receiver)
        if (name !== 'insert' && name !== 'replace' && name !== 'remove') return method
        return (...args: unknown[]) => {
          if (left <= 0) return Promise.reject(new Error('killed'))
          left -= 1
          return (method as (...given: unknown[]) => unknown).apply(target, args)
        }
      },
    })
  return { users: dying(users), identifiers: dying(identifiers), memberships: dying(memberships) }
}
