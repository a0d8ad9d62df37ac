import type { ImportResult } from '@console/contracts/people/exchange'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from '../../platform.fake.ts'

let platform: Platform
let ada: Browser
const code = (answer: Answer) => [answer.status, String(answer.body.code)]
const send = (text: string, more: object = {}) => ada.post('/users/import', { format: 'csv', text, as: 'invites', dryRun: false, ...more })
const results = (answer: Answer) => (answer.body.results ?? []) as unknown as ImportResult[]
const told = (answer: Answer) => results(answer).map(({ email, outcome, rule }) => [email, outcome, rule])
const rows = (action: string) => rowsOf(platform).filter((row) => row.action === action)
const mails = async () => {
  const people = (await ada.get('/users?sort=email&limit=200')).body.items as unknown as { email: string }[]
  return people.map(({ email }) => email)
}

beforeEach(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
})
afterEach(() => platform.close())

const table = [
  'email,name,memberships',
  'bob@example.com,Bob,bytelyst-devops:viewer:pro',
  'EVE@example.com,,"bytelyst-devops:operator; bytelyst-platform:viewer:pro@2099-01-01T00:00:00.000Z"',
  'no mail,Cy,bytelyst-devops:viewer',
  'bob@example.com,Bob again,bytelyst-devops:admin',
  'dan@example.com,Dan,nowhere:viewer',
  'fay@example.com,Fay,bytelyst-devops:owner',
  'gus@example.com,Gus,bytelyst-devops:viewer:gold',
  'hal@example.com,Hal,bytelyst-devops:viewer; bytelyst-devops:admin',
  'ada@example.com,Ada,bytelyst-platform:viewer',
].join('\n')
const verdicts = (made: string) => [
  ['bob@example.com', made, null],
  ['eve@example.com', made, null],
  ['no mail', 'refused', 'INPUT_INVALID'],
  ['bob@example.com', 'refused', 'DUPLICATE_ROW'],
  ['dan@example.com', 'refused', 'PRODUCT_NOT_FOUND'],
  ['fay@example.com', 'refused', 'INPUT_INVALID'],
  ['gus@example.com', 'refused', 'INPUT_INVALID'],
  ['hal@example.com', 'refused', 'DUPLICATE_PRODUCT'],
  ['ada@example.com', 'exists', 'USER_EXISTS'],
]

describe('an import', () => {
  it('says in a dry run what it would do, and does nothing', async () => {
    const answer = await send(table, { dryRun: true })
    expect([answer.status, answer.body]).toMatchObject([200, { created: 2, exists: 1, refused: 6, dryRun: true }])
    expect(told(answer)).toEqual(verdicts('wouldCreate'))
    expect(results(answer).map(({ link }) => link)).toEqual(Array(9).fill(null))
    expect(await mails()).toEqual(['ada@example.com'])
    expect(rows('invites.invite.create')).toEqual([])
    expect(rows('users.user.import').at(-1)).toMatchObject({ outcome: 'done', details: { rows: 9, created: 2, exists: 1, refused: 6 } })
  })

  it('invites, with a link told once and rows of its own for each, and does nothing when it is sent again', async () => {
    const answer = await send(table)
    expect(told(answer)).toEqual(verdicts('created'))
    const [bob, eve] = results(answer)
    expect(results(answer).map(({ mail }) => mail)).toEqual(['off', 'off', ...Array(7).fill(null)])
    expect(bob?.link).toMatch(/^http.*\/invite#bli_/)
    expect(rows('invites.invite.create').map(({ target, outcome }) => [target, outcome])).toEqual([
      ['bob@example.com', 'started'],
      ['bob@example.com', 'done'],
      ['eve@example.com', 'started'],
      ['eve@example.com', 'done'],
    ])
    expect(rows('users.user.import')).toHaveLength(2)
    const shown = await platform.browser().post('/invites/show', { token: eve?.link?.split('#')[1] })
    expect(shown.body.memberships).toEqual([
      { productId: 'bytelyst-devops', role: 'operator', plan: 'pro', expiresAt: null },
      { productId: 'bytelyst-platform', role: 'viewer', plan: 'pro', expiresAt: '2099-01-01T00:00:00.000Z' },
    ])
    const again = await send(table)
    expect(told(again).slice(0, 2)).toEqual([
      ['bob@example.com', 'exists', 'INVITE_OPEN'],
      ['eve@example.com', 'exists', 'INVITE_OPEN'],
    ])
    expect(again.body).toMatchObject({ created: 0, exists: 3, refused: 6 })
    expect(rows('invites.invite.create')).toHaveLength(4)
    expect(JSON.stringify(rowsOf(platform))).not.toContain('bli_')
  })

  it('enters people without passwords, who get in by a link alone', async () => {
    const text = 'email,name,memberships\nbob@example.com,Bob,bytelyst-devops:viewer\neve@example.com,,bytelyst-devops:viewer'
    const answer = await send(text, { as: 'people' })
    expect(told(answer)).toEqual([
      ['bob@example.com', 'created', null],
      ['eve@example.com', 'refused', 'NAME_MISSING'],
    ])
    const id = String(results(answer)[0]?.id)
    expect((await ada.get(`/users/${id}`)).body).toMatchObject({
      name: 'Bob',
      status: 'active',
      factors: [],
      sessionCount: 0,
      lastSeenAt: null,
    })
    expect(rows('users.user.create').map(({ target, outcome }) => [target, outcome])).toEqual([
      [id, 'started'],
      [id, 'done'],
    ])
    for (const password of ['', 'null', goodPassword]) {
      const signedIn = await platform.browser().signIn('bob@example.com', password || ' ')
      expect([password, ...code(signedIn)]).toEqual([password, 401, 'AUTH_CREDENTIALS_INVALID'])
    }
    expect(told(await send(text, { as: 'people' }))[0]).toEqual(['bob@example.com', 'exists', 'USER_EXISTS'])
    const { link } = (await ada.post(`/users/${id}/reset-link`, { reason: 'first password' })).body
    const token = String(link).split('#')[1]
    expect((await platform.browser().post('/auth/password/reset', { token, password: goodPassword })).status).toBe(204)
    expect((await platform.browser().signIn('bob@example.com', goodPassword)).status).toBe(200)
  })

  it('never makes the last admin one who cannot sign in', async () => {
    const made = await send('email,name,memberships\nbob@example.com,Bob,bytelyst-platform:admin', { as: 'people' })
    expect(told(made)).toEqual([['bob@example.com', 'created', null]])
    const adaId = String((await ada.get('/auth/session')).body.user?.id)
    const attempts = () => [
      ada.post(`/users/${adaId}/disable`, { reason: 'left' }),
      ada.call('DELETE', `/memberships/${adaId}/bytelyst-platform`),
    ]
    for (const answer of await Promise.all(attempts())) expect(code(answer)).toEqual([409, 'USER_LAST_ADMIN'])
    const { link } = (await ada.post(`/users/${results(made)[0]?.id}/reset-link`, { reason: 'first password' })).body
    await platform.browser().post('/auth/password/reset', { token: String(link).split('#')[1], password: goodPassword })
    await platform.app.sweeper.sweep()
    expect((await ada.post(`/users/${adaId}/disable`, { reason: 'left' })).status).toBe(200)
  })

  it('makes one person of one e-mail however many bring it at once', async () => {
    const text = 'email,name,memberships\nbob@example.com,Bob,bytelyst-devops:viewer'
    const answers = await Promise.all([
      ...[1, 2, 3].map(() => send(text, { as: 'people' })),
      send(text),
      ada.post('/invites', { email: 'bob@example.com', memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }] }),
    ])
    const made = answers.filter((answer) => Number(answer.body.created) === 1 || answer.status === 201)
    expect(made).toHaveLength(1)
    expect(await mails()).toEqual(['ada@example.com', 'bob@example.com'])
  })

  it('takes JSON, and what an export wrote, in either form', async () => {
    await send("email,name,memberships\nbob@example.com,'=1+1,bytelyst-devops:viewer", { as: 'people' })
    const exported = { csv: (await ada.get('/users/export')).text, json: (await ada.get('/users/export?format=json')).text }
    const other = await startPlatform()
    const cy = await setUp(other, 'cy@example.com')
    for (const format of ['csv', 'json'] as const) {
      const text = exported[format].replaceAll('@example.com', `@${format}.example.com`)
      const answer = await cy.post('/users/import', { format, text, as: 'people', dryRun: false })
      expect(told(answer).map(([, outcome]) => outcome)).toEqual(['created', 'created'])
      const person = (await cy.get(`/users?q=bob@${format}`)).body.items?.[0]
      expect(person).toMatchObject({ name: '=1+1', memberships: [{ productId: 'bytelyst-devops', role: 'viewer', plan: 'pro' }] })
    }
    await other.close()
  })

  it('refuses a file that it cannot read whole, says where, and does nothing', async () => {
    const wrong: [string, string, RegExp][] = [
      ['csv', 'email,name\nbob@example.com,Bob', /memberships is missing/],
      ['csv', 'email,password,memberships\nbob@example.com,x,bytelyst-devops:viewer', /never imported/],
      ['csv', 'email,name,memberships\nbob@example.com,Bob', /line 2/i],
      ['csv', 'email,name,memberships\nbob@example.com,"Bob,bytelyst-devops:viewer', /quote/i],
      ['csv', 'email,name,memberships\n', /no rows/],
      ['csv', 'email,email,memberships\na,b,c', /twice/],
      ['json', '{"email":"bob@example.com"}', /no list/],
      ['json', '[{]', /JSON/],
    ]
    for (const [format, text, why] of wrong) {
      const answer = await send(text, { format })
      expect([text, ...code(answer)]).toEqual([text, 400, 'IMPORT_UNREADABLE'])
      expect(String(answer.body.detail)).toMatch(why)
    }
    const many = `email,name,memberships\n${'bob@example.com,Bob,bytelyst-devops:viewer\n'.repeat(501)}`
    expect(code(await send(many))).toEqual([413, 'IMPORT_TOO_LARGE'])
    expect(code(await send('x'.repeat(400_001)))).toEqual([400, 'INPUT_INVALID'])
    const strange = [{ email: 'bob@example.com', passwordHash: 'x' }, 'bob', null, { email: 7, memberships: 'x' }]
    expect(told(await send(JSON.stringify(strange), { format: 'json' })).map(([, ...why]) => why)).toEqual([
      ['refused', 'UNKNOWN_FIELD'],
      ['refused', 'INPUT_INVALID'],
      ['refused', 'INPUT_INVALID'],
      ['refused', 'INPUT_INVALID'],
    ])
    expect(await mails()).toEqual(['ada@example.com'])
  })

  it('reads a table parted by semicolons, with a mark of its encoding and lines of another system', async () => {
    const text = '\ufeffEmail;Name;Memberships\r\nbob@example.com;"Bob; the first";"bytelyst-devops:viewer; bytelyst-platform:viewer"\r\n'
    const answer = await send(text, { as: 'people' })
    expect(told(answer)).toEqual([['bob@example.com', 'created', null]])
    expect((await ada.get('/users?q=bob')).body.items?.[0]).toMatchObject({ name: 'Bob; the first' })
  })
})

describe('an export', () => {
  it('honours filter and order, and goes on record with filter and count', async () => {
    await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    await send('email,name,memberships\neve@example.com,Eve,bytelyst-devops:viewer')
    const answer = await ada.get('/users/export?format=json&productId=bytelyst-devops&role=viewer&sort=email&direction=desc')
    expect(answer.headers['content-disposition']).toMatch(/attachment; filename=".*\.json"/)
    const people = JSON.parse(answer.text) as { email: string; status: string }[]
    expect(people.map(({ email, status }) => [email, status])).toEqual([
      ['eve@example.com', 'invited'],
      ['bob@example.com', 'active'],
    ])
    const filter = { productId: 'bytelyst-devops', role: 'viewer', sort: 'email', direction: 'desc' }
    expect(rows('users.user.export').at(-1)).toMatchObject({ outcome: 'done', details: { filter, format: 'json', count: 2 } })
    expect(JSON.parse((await ada.get('/users/export?format=json&q=nobody')).text)).toEqual([])
  })

  it('holds no cell that a spreadsheet would calculate', async () => {
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', '\uff1dcmd', 'a,"b"', "O'Neil"]
    await send(
      JSON.stringify(
        names.map((name, at) => ({ email: `p${at}@example.com`, name, memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }] })),
      ),
      {
        format: 'json',
        as: 'people',
      },
    )
    const { text, headers } = await ada.get('/users/export?sort=email')
    expect(headers['content-type']).toBe('text/csv; charset=utf-8')
    const cells = text
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split('","')[1])
    expect(cells.slice(1, 6)).toEqual(["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\uff1dcmd"])
    expect(text).toContain('"a,""b"""')
    expect(text).toContain('"O\'Neil"')
    for (const cell of text.split(/"?,"?|\n"?/)) expect(cell).not.toMatch(/^[=+\-@\t\r]/)
  })

  it('holds neither hash nor link nor seed, and needs a factor of the last five minutes', async () => {
    await send('email,name,memberships\neve@example.com,Eve,bytelyst-devops:viewer')
    for (const format of ['csv', 'json'])
      expect((await ada.get(`/users/export?format=${format}`)).text).not.toMatch(/argon2|bli_|password|seed/i)
    platform.clock.ms += 300_001
    const before = rowsOf(platform).length
    expect(code(await ada.get('/users/export'))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    expect(code(await send(table))).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    expect(
      rowsOf(platform)
        .slice(before)
        .map(({ action, outcome }) => [action, outcome]),
    ).toEqual([
      ['users.user.export', 'started'],
      ['users.user.export', 'failed'],
      ['users.user.import', 'started'],
      ['users.user.import', 'failed'],
    ])
  })
})
