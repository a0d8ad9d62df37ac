import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

const hour = 3_600_000
let platform: Platform
let ada: Browser
let bob: { browser: Browser; id: string }
const inHours = (n: number) => new Date(platform.clock.ms + n * hour).toISOString()
const stateOf = async (id: string) => {
  const { status, disabledReason, disabledUntil } = (await ada.get(`/users/${id}`)).body
  return { status, disabledReason, disabledUntil }
}
/** The admin's own session would go idle otherwise. */
const later = async (ms: number) => {
  platform.clock.ms += ms
  await ada.signIn('ada@example.com', goodPassword)
  ada.csrf = String((await ada.get('/auth/session')).body.csrfToken)
}
const enabledRows = () => rowsOf(platform).filter(({ action, target }) => action === 'users.user.enable' && target === bob.id)

beforeEach(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
  bob = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-platform', role: 'admin' }])
})
afterEach(() => platform.close())

describe('somebody who is disabled until a time', () => {
  it('is let in again by itself then, on record, and without the sessions of before', async () => {
    const until = inHours(2)
    const disabled = await ada.post(`/users/${bob.id}/disable`, { reason: 'on leave', until })
    expect(disabled.body).toMatchObject({ status: 'disabled', disabledReason: 'on leave', disabledUntil: until, sessionCount: 0 })
    platform.clock.ms += 2 * hour - 1
    await platform.app.sweeper.sweep()
    expect(await stateOf(bob.id)).toEqual({ status: 'disabled', disabledReason: 'on leave', disabledUntil: until })
    expect((await platform.browser().signIn('bob@example.com', goodPassword)).status).toBe(401)
    platform.clock.ms += 1
    await platform.app.sweeper.sweep()
    expect(await stateOf(bob.id)).toEqual({ status: 'active', disabledReason: null, disabledUntil: null })
    expect((await bob.browser.get('/auth/session')).status).toBe(401)
    expect((await platform.browser().signIn('bob@example.com', goodPassword)).status).toBe(200)
    const rows = enabledRows()
    expect(rows.map(({ outcome, actor }) => [outcome, actor])).toEqual([
      ['started', { kind: 'service', id: 'platform-service' }],
      ['done', { kind: 'service', id: 'platform-service' }],
    ])
    expect(rows[1]?.of).toBe(rows[0]?.seq)
    await platform.app.sweeper.sweep()
    expect(enabledRows()).toHaveLength(2)
  })

  it('is let in again after a restart that the time fell into, and counts as an admin again', async () => {
    await ada.post(`/users/${bob.id}/disable`, { reason: 'on leave', until: inHours(1) })
    platform.clock.ms += 2 * hour
    platform = await platform.restart()
    await platform.app.sweeper.sweep()
    const again = platform.browser()
    expect((await again.signIn('bob@example.com', goodPassword)).status).toBe(200)
    again.csrf = String((await again.get('/auth/session')).body.csrfToken)
    const adaId = (await again.get('/users?q=ada')).body.items?.[0]?.id
    expect((await again.post(`/users/${adaId}/disable`, { reason: 'left' })).status).toBe(200)
  })

  it('stays disabled where an admin disabled them for good meanwhile, or for longer', async () => {
    await ada.post(`/users/${bob.id}/disable`, { reason: 'on leave', until: inHours(1) })
    const longer = inHours(30)
    await ada.post(`/users/${bob.id}/disable`, { reason: 'longer leave', until: longer })
    await later(2 * hour)
    await platform.app.sweeper.sweep()
    expect(await stateOf(bob.id)).toEqual({ status: 'disabled', disabledReason: 'longer leave', disabledUntil: longer })
    await ada.post(`/users/${bob.id}/disable`, { reason: 'left' })
    await later(40 * hour)
    await platform.app.sweeper.sweep()
    expect(await stateOf(bob.id)).toEqual({ status: 'disabled', disabledReason: 'left', disabledUntil: null })
    expect(enabledRows()).toEqual([])
  })

  it('is one of many, each with the end, and only a time to come is taken', async () => {
    const until = inHours(1)
    const many = await ada.post('/users/bulk', { userIds: [bob.id], deed: 'disable', reason: 'on leave', until })
    expect(many.body).toMatchObject({ done: 1 })
    expect(await stateOf(bob.id)).toMatchObject({ status: 'disabled', disabledUntil: until })
    for (const wrong of [inHours(0), 'tomorrow']) {
      const answer = await ada.post(`/users/${bob.id}/disable`, { reason: 'on leave', until: wrong })
      expect([wrong, answer.status, answer.body.code]).toEqual([wrong, 400, 'INPUT_INVALID'])
    }
    const misplaced = await ada.post('/users/bulk', { userIds: [bob.id], deed: 'enable', until })
    expect([misplaced.status, misplaced.body.code]).toEqual([400, 'INPUT_INVALID'])
  })
})
