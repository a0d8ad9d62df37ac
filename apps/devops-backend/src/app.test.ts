import { devopsActions } from '@console/contracts/devops-actions'
import { roleAllows } from '@console/contracts/roles'
import type { Answer, Browser } from '@console/testkit/browser'
import { needs } from '@console/testkit/needs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Devops, type Person, rowsOf, startDevops } from './devops.fake.ts'

const code = (answer: Answer) => [answer.status, String(answer.body.code)]
const pathOf = (path: string) => path.replaceAll(/:[A-Za-z]+/g, 'some-id')
const roles = ['viewer', 'operator', 'admin'] as const

describe('every action of devops-backend', () => {
  let devops: Devops
  const people = new Map<(typeof roles)[number], Person>()
  const admin = (): Person => people.get('admin') as Person
  // A field that no action knows: what passes the guards is stopped before it does anything.
  const call = (browser: Browser, { method, path }: { method: string; path: string }, headers = {}) =>
    browser.call(method, pathOf(path), { ...(method !== 'GET' && { body: { nothingKnowsThis: true } }), headers })

  beforeAll(async () => {
    devops = await startDevops({ parts: ['platform-service', 'host-agent', ...(needs.docker ? (['docker-proxy'] as const) : [])] })
    people.set('admin', await devops.setUp())
    for (const role of ['viewer', 'operator'] as const) people.set(role, await devops.invite(admin(), role))
  }, 60_000)
  afterAll(() => devops.close())

  // A stream that is allowed does not end: those have a test of their own below.
  for (const action of devopsActions.filter(({ auth, success }) => auth === 'session' && !success.stream))
    it(`${action.id} is refused to nobody known, and to every role below ${action.role}, with a row`, async () => {
      expect(code(await call(devops.stranger(), action))).toEqual([401, 'AUTH_REQUIRED'])
      for (const role of roles) {
        const before = rowsOf(devops).length
        const answer = await call((people.get(role) as Person).devops, action)
        if (!roleAllows(role, action.role)) {
          expect([role, ...code(answer)]).toEqual([role, 403, 'AUTH_FORBIDDEN'])
          // Who may not even do what the older spelling stands for is refused that.
          const refused = action.older && !roleAllows(role, action.older.as.role) ? action.older.as.id : action.id
          expect(rowsOf(devops).slice(before)).toMatchObject([{ action: refused, outcome: 'denied', code: 'AUTH_FORBIDDEN' }])
        } else if (action.risk === 'destroy') expect([role, ...code(answer)]).toEqual([role, 403, 'AUTH_GRANT_REQUIRED'])
        else
          expect([role, answer.status]).toEqual([
            role,
            action.method === 'GET' ? expect.toBeOneOf([200, 400, 404, 503]) : expect.toBeOneOf([400, 428]),
          ])
      }
    })

  for (const action of devopsActions.filter(({ auth, success }) => auth === 'session' && success.stream))
    it(`${action.id} is refused to nobody known, and to every role below ${action.role}, with a row`, async () => {
      expect(code(await call(devops.stranger(), action))).toEqual([401, 'AUTH_REQUIRED'])
      for (const role of roles.filter((one) => !roleAllows(one, action.role))) {
        const before = rowsOf(devops).length
        expect([role, ...code(await call((people.get(role) as Person).devops, action))]).toEqual([role, 403, 'AUTH_FORBIDDEN'])
        expect(rowsOf(devops).slice(before)).toMatchObject([{ action: action.id, outcome: 'denied', code: 'AUTH_FORBIDDEN' }])
      }
    })

  for (const action of devopsActions.filter(({ auth, method }) => auth === 'session' && method !== 'GET'))
    it(`${action.id} needs the CSRF token and a page of ours, and leaves a row where one is missing`, async () => {
      const before = rowsOf(devops).length
      const { devops: browser } = admin()
      expect(code(await call(browser, action, { 'x-csrf-token': undefined }))).toEqual([403, 'AUTH_CSRF_INVALID'])
      expect(code(await call(browser, action, { 'x-csrf-token': (people.get('viewer') as Person).devops.csrf }))).toEqual([
        403,
        'AUTH_CSRF_INVALID',
      ])
      expect(code(await call(browser, action, { origin: 'https://evil.test' }))).toEqual([403, 'AUTH_ORIGIN_REFUSED'])
      expect(code(await call(browser, action, { origin: undefined }))).toEqual([403, 'AUTH_ORIGIN_REFUSED'])
      expect(code(await call(browser, action, { 'sec-fetch-site': 'cross-site' }))).toEqual([403, 'AUTH_ORIGIN_REFUSED'])
      const rows = rowsOf(devops).slice(before)
      expect(rows.map((row) => `${row.action} ${row.outcome}`)).toEqual(Array(5).fill(`${action.id} denied`))
    })

  for (const action of devopsActions.filter(({ risk }) => risk === 'destroy'))
    it(`${action.id} needs a confirmation for this very call, and leaves a row where it is another`, async () => {
      const verb = action.verb?.id ?? action.id
      const before = rowsOf(devops).length
      const { devops: browser, grant } = admin()
      expect(code(await call(browser, action))).toEqual([403, 'AUTH_GRANT_REQUIRED'])
      expect(code(await call(browser, action, { 'x-grant': 'a.b.c' }))).toEqual([401, 'AUTH_GRANT_INVALID'])
      expect(code(await call(browser, action, { 'x-grant': await grant(verb, 'ab'.repeat(32)) }))).toEqual([403, 'AUTH_GRANT_MISMATCH'])
      const rows = rowsOf(devops).slice(before)
      expect(rows.map((row) => [row.action, row.outcome, row.code])).toEqual(
        ['AUTH_GRANT_REQUIRED', 'AUTH_GRANT_INVALID', 'AUTH_GRANT_MISMATCH'].map((why) => [action.id, 'denied', why]),
      )
    })

  for (const action of devopsActions.filter(({ auth }) => auth === 'ingest'))
    it(`${action.id} is refused to everybody, whatever their role, but to a program with a key, with a row`, async () => {
      const before = rowsOf(devops).length
      for (const browser of [devops.stranger(), admin().devops])
        expect((await browser.call('POST', pathOf(action.path), { body: {} })).status).toBe(401)
      expect(rowsOf(devops).slice(before)).toMatchObject(
        Array(2).fill({ action: action.id, outcome: 'denied', code: 'AUTH_REQUIRED', target: 'some-id' }),
      )
    })

  for (const action of devopsActions.filter(({ auth }) => auth === 'public'))
    it(`${action.id} is for everybody and changes nothing`, async () => {
      expect([action.method, action.risk]).toEqual(['GET', 'none'])
      expect((await call(devops.stranger(), action)).status).toBe(200)
    })

  it.each([
    { format: 'csv', type: 'text/csv; charset=utf-8', first: /^time,log,row,who,action/ },
    { format: 'ndjson', type: 'application/x-ndjson; charset=utf-8', first: /^\{"log":"devops-backend"/ },
  ])('gives the audit rows that fit as $format, and records that they were taken', async ({ format, type, first }) => {
    const before = rowsOf(devops).length
    const answer = await admin().devops.get(`/audit/export?format=${format}&log=devops-backend&outcome=denied`)
    expect([answer.status, answer.headers['content-type']]).toEqual([200, type])
    expect(answer.headers['content-disposition']).toMatch(
      new RegExp(`^attachment; filename="audit\\.row\\.export-[0-9a-f-]+\\.${format}"$`),
    )
    const lines = answer.text.trimEnd().split('\n')
    expect(lines[0]).toMatch(first)
    expect(lines.length).toBeGreaterThan(20)
    expect(lines.slice(1).filter((line) => !line.includes('denied'))).toEqual([])
    // It is done when the last byte has left, which the reader of it knows first.
    await vi.waitFor(
      () =>
        expect(rowsOf(devops).slice(before)).toMatchObject([
          { action: 'audit.row.export', outcome: 'started', target: 'audit' },
          { action: 'audit.row.export', outcome: 'done' },
        ]),
      15_000,
    )
    expect(code(await admin().devops.get('/audit/export?format=xml'))).toEqual([400, 'INPUT_INVALID'])
  })

  it('is of one of the kinds above', () => {
    expect(devopsActions.length).toBeGreaterThan(40)
    expect(devopsActions.filter(({ auth }) => auth !== 'session' && auth !== 'public' && auth !== 'ingest')).toEqual([])
  })
})
