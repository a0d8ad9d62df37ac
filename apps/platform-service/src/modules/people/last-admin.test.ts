import { createHash } from 'node:crypto'
import { canonical, directPlan } from '@console/contracts/canonical'
import { removeUser } from '@console/contracts/people/actions'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isLastingAdmin } from '../../identity/people-book.ts'
import { type Answer, type Browser, invited, type Platform, setUp, startPlatform } from '../../platform.fake.ts'

type Admin = { readonly browser: Browser; readonly id: string }
const product = 'bytelyst-platform'
let platform: Platform
let admins: readonly [Admin, Admin]
beforeEach(async () => {
  platform = await startPlatform()
  const browser = await setUp(platform)
  const id = String((await browser.get('/auth/session')).body.user?.id)
  admins = [{ browser, id }, await invited(platform, browser, 'bob@example.com', [{ productId: product, role: 'admin' }])]
})
afterEach(() => platform.close())

/** Every way in which an admin can take another away, or themselves. */
const routes: Readonly<Record<string, (who: Browser, id: string) => Promise<Answer>>> = {
  disable: (who, id) => who.post(`/users/${id}/disable`, { reason: 'left' }),
  'disable for a time': (who, id) =>
    who.post(`/users/${id}/disable`, { reason: 'on leave', until: new Date(platform.clock.ms + 3_600_000).toISOString() }),
  demote: (who, id) => who.call('PUT', `/memberships/${id}/${product}`, { body: { role: 'viewer' } }),
  'give an end': (who, id) =>
    who.call('PUT', `/memberships/${id}/${product}`, {
      body: { role: 'admin', expiresAt: new Date(platform.clock.ms + 3_600_000).toISOString() },
    }),
  'take access away': (who, id) => who.call('DELETE', `/memberships/${id}/${product}`),
  delete: async (who, id) => {
    const digest = createHash('sha256')
      .update(canonical(directPlan(removeUser.id, 'local', { id })))
      .digest('hex')
    const { body } = await who.post('/auth/grants', { verb: removeUser.id, digest })
    return who.call('DELETE', `/users/${id}`, { headers: { 'x-grant': String(body.grant) } })
  },
  'disable many': (who, id) => who.post('/users/bulk', { userIds: [id], deed: 'disable', reason: 'left' }),
  'demote many': (who, id) => who.post('/users/bulk', { userIds: [id], deed: 'setMembership', productId: product, role: 'viewer' }),
  'take many away': (who, id) => who.post('/users/bulk', { userIds: [id], deed: 'removeMembership', productId: product }),
  import: (who) =>
    who.post('/users/import', {
      format: 'csv',
      text: `email,name,memberships\nada@example.com,Ada,${product}:viewer\nbob@example.com,Bob,${product}:viewer`,
      as: 'people',
      dryRun: false,
    }),
}
/** As the store says, read anew: what memory holds is what the routes decided by. */
async function lasting(): Promise<string[]> {
  const { collections } = platform
  const users = (await collections.users.find('all', { limit: 100 })).items
  const memberships = (await collections.memberships.find('all', { limit: 100 })).items.map(({ doc }) => doc)
  return users
    .filter(({ id, doc }) => isLastingAdmin({ doc, memberships: memberships.filter(({ userId }) => userId === id) }))
    .map(({ id }) => id)
}

describe('of two admins', { timeout: 60_000 }, () => {
  for (const [name, take] of Object.entries(routes))
    it(`one stays when each is taken away by the other and by themselves at once: ${name}`, async () => {
      const [ada, bob] = admins
      await Promise.all([take(ada.browser, bob.id), take(bob.browser, ada.id), take(ada.browser, ada.id), take(bob.browser, bob.id)])
      expect((await lasting()).length).toBeGreaterThanOrEqual(1)
    })

  it('one stays when all routes are taken at once, and none of them reaches that one afterwards', async () => {
    const [ada, bob] = admins
    const takes = Object.values(routes)
    await Promise.all(
      takes.flatMap((take, at) => [take(at % 2 ? ada.browser : bob.browser, ada.id), take(at % 2 ? bob.browser : ada.browser, bob.id)]),
    )
    const left = await lasting()
    expect(left).toHaveLength(1)
    const last = admins.find(({ id }) => id === left[0])
    if (!last) throw new Error('somebody else is the last admin')
    for (const take of takes) await take(last.browser, last.id)
    expect(await lasting()).toEqual(left)
    expect((await last.browser.get('/users')).status).toBe(200)
  })
})
