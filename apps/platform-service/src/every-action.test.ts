import type { Action } from '@console/contracts/action'
import { platformActions } from '@console/contracts/platform-actions'
import { roleAllows } from '@console/contracts/roles'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Browser, invited, type LoggedRow, type Platform, rowsOf, setUp, startPlatform } from './platform.fake.ts'

const code = (answer: Answer) => [answer.status, String(answer.body.code)]
const isChange = ({ method }: Action) => method !== 'GET'
const withAuth = (auth: Action['auth']) => platformActions.filter((action) => action.auth === auth)

describe('every action of platform-service', () => {
  let platform: Platform
  const people: { who: string; role: 'viewer' | 'operator' | 'admin' | null; browser: Browser }[] = []
  const admin = () => people[0]?.browser ?? platform.browser()
  // A field that no action knows: what passes the guards is stopped before it does anything.
  const call = (browser: Browser, { method, path }: Action, headers = {}) =>
    browser.call(
      method,
      path.replaceAll(
        /:[A-Za-z]+/g,
        path.startsWith('/backups/') ? 'some-backup-20260101T000000Z' : path.includes(':digest') ? 'ab'.repeat(32) : 'some-id',
      ),
      {
        ...(method !== 'GET' && { body: { nothingKnowsThis: true } }),
        headers,
      },
    )
  /** What is left on record of something tried, what is only counted included. */
  const recorded = async (attempt: () => Promise<void>): Promise<LoggedRow[]> => {
    await platform.app.sweeper.sweep()
    const before = rowsOf(platform).length
    await attempt()
    return rowsOf(platform).slice(before)
  }
  const denied = ({ id }: Action, codes: readonly string[]) =>
    codes.map((why) => expect.objectContaining({ action: id, outcome: 'denied', code: why }))

  beforeAll(async () => {
    platform = await startPlatform()
    const ada = await setUp(platform)
    people.push({ who: 'admin', role: 'admin', browser: ada })
    for (const role of ['viewer', 'operator'] as const) {
      const { browser } = await invited(platform, ada, `${role}@example.com`, [{ productId: 'bytelyst-platform', role }])
      people.push({ who: role, role, browser })
    }
    const { browser } = await invited(platform, ada, 'elsewhere@example.com', [{ productId: 'bytelyst-devops', role: 'admin' }])
    people.push({ who: 'admin of another product', role: null, browser })
  })
  afterAll(() => platform.close())

  for (const action of withAuth('session')) {
    it(`${action.id} is refused to nobody known, be there no cookie or one that was made up`, async () => {
      const rows = await recorded(async () => {
        expect(code(await call(platform.browser(), action))).toEqual([401, 'AUTH_REQUIRED'])
        const forged = { cookie: `__Secure-bl_sid=${'A'.repeat(43)}; __Host-bl_tie=${'B'.repeat(43)}` }
        expect(code(await call(platform.browser(), action, forged))).toEqual([401, 'AUTH_REQUIRED'])
        expect(code(await call(platform.browser(), action, { authorization: 'Bearer a.b.c' }))).toEqual([401, 'AUTH_TOKEN_INVALID'])
      })
      const question = action.method === 'GET' && action.risk === 'none'
      expect(rows).toEqual(question ? [] : denied(action, ['AUTH_REQUIRED', 'AUTH_REQUIRED', 'AUTH_TOKEN_INVALID']))
    })

    it(`${action.id} is refused to every role below ${action.role}, and to nobody at or above it`, async () => {
      for (const { who, role, browser } of people) {
        const rows = await recorded(async () => {
          const answer = await call(browser, action)
          if (!roleAllows(role, action.role)) expect([who, ...code(answer)]).toEqual([who, 403, 'AUTH_FORBIDDEN'])
          else if (action.risk === 'destroy') expect([who, ...code(answer)]).toEqual([who, 403, 'AUTH_GRANT_REQUIRED'])
          else expect([who, answer.status]).toEqual([who, isChange(action) ? 400 : expect.toBeOneOf([200, 404, 409])])
        })
        if (!roleAllows(role, action.role)) expect([who, rows]).toEqual([who, denied(action, ['AUTH_FORBIDDEN'])])
      }
    })
  }

  for (const action of withAuth('session').filter(isChange))
    it(`${action.id} needs the CSRF token of this session and a page of ours, as JSON`, async () => {
      const foreign = people[1]?.browser.csrf
      const wrong: [object, number, string][] = [
        [{ 'x-csrf-token': undefined }, 403, 'AUTH_CSRF_INVALID'],
        [{ 'x-csrf-token': foreign }, 403, 'AUTH_CSRF_INVALID'],
        [{ origin: 'https://evil.test' }, 403, 'AUTH_ORIGIN_REFUSED'],
        [{ origin: undefined }, 403, 'AUTH_ORIGIN_REFUSED'],
        [{ origin: 'null' }, 403, 'AUTH_ORIGIN_REFUSED'],
        [{ 'sec-fetch-site': 'cross-site' }, 403, 'AUTH_ORIGIN_REFUSED'],
      ]
      const rows = await recorded(async () => {
        for (const [headers, ...answer] of wrong) expect([headers, code(await call(admin(), action, headers))]).toEqual([headers, answer])
      })
      expect(rows).toEqual(
        denied(
          action,
          wrong.map(([, , why]) => why),
        ),
      )
      expect(code(await call(admin(), action, { 'content-type': 'text/plain' }))).toEqual([415, 'CONTENT_TYPE_REFUSED'])
    })

  for (const action of withAuth('session').filter(({ risk }) => risk === 'destroy'))
    it(`${action.id} needs a confirmation for this very call`, async () => {
      const made = await admin().post('/auth/grants', { verb: action.id, digest: 'ab'.repeat(32) })
      const rows = await recorded(async () => {
        expect(code(await call(admin(), action))).toEqual([403, 'AUTH_GRANT_REQUIRED'])
        expect(code(await call(admin(), action, { 'x-grant': 'a.b.c' }))).toEqual([401, 'AUTH_GRANT_INVALID'])
        expect(code(await call(admin(), action, { 'x-grant': String(made.body.grant) }))).toEqual([403, 'AUTH_GRANT_MISMATCH'])
      })
      expect(rows).toEqual(denied(action, ['AUTH_GRANT_REQUIRED', 'AUTH_GRANT_INVALID', 'AUTH_GRANT_MISMATCH']))
    })

  for (const action of withAuth('public').filter(isChange))
    it(`${action.id} needs a page of ours, and leaves a row for any other`, async () => {
      const rows = await recorded(async () => {
        expect(code(await call(platform.browser(), action, { origin: 'https://evil.test' }))).toEqual([403, 'AUTH_ORIGIN_REFUSED'])
        expect(code(await call(platform.browser(), action, { 'sec-fetch-site': 'cross-site' }))).toEqual([403, 'AUTH_ORIGIN_REFUSED'])
        expect((await call(platform.browser(), action)).status).toBe(400)
      })
      expect(rows).toEqual(denied(action, ['AUTH_ORIGIN_REFUSED', 'AUTH_ORIGIN_REFUSED']))
    })

  for (const action of withAuth('public').filter((one) => !isChange(one)))
    it(`${action.id} is for everybody and changes nothing`, async () => {
      expect(action.risk).toBe('none')
      const rows = await recorded(async () => {
        expect((await call(platform.browser(), action)).status).toBe(200)
      })
      expect(rows).toEqual([])
    })

  for (const action of withAuth('service'))
    it(`${action.id} is for a service with its own token, never for a person, and leaves a row`, async () => {
      const rows = await recorded(async () => {
        for (const { browser } of people) expect(code(await call(browser, action))).toEqual([401, 'AUTH_REQUIRED'])
        expect(code(await platform.service('devops-backend', action.path, {}, 'a.b.c'))).toEqual([401, 'AUTH_TOKEN_INVALID'])
        expect((await platform.service('devops-backend', action.path, { nothingKnowsThis: true })).status).toBe(400)
      })
      expect(rows).toEqual(denied(action, [...people.map(() => 'AUTH_REQUIRED'), 'AUTH_TOKEN_INVALID']))
    })

  it('is of one of the kinds above, and none that changes something is a GET', () => {
    expect(platformActions.every(({ auth }) => ['public', 'session', 'service'].includes(auth))).toBe(true)
    expect(platformActions.filter(({ method, risk }) => method === 'GET' && risk !== 'none' && risk !== 'read')).toEqual([])
    expect(platformActions.length).toBeGreaterThan(30)
  })
})
