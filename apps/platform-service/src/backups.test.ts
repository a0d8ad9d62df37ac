import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readBackup } from '@console/backups/read-backup'
import { canonical, type Plain } from '@console/verbs/canonical'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { partition } from './collections.ts'
import { type Answer, type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from './platform.fake.ts'

let platform: Platform
let ada: Browser
let bob: { browser: Browser; id: string }
const folder = (): string => join(platform.folder, 'platform/backups')
const ended = async (): Promise<Answer['body']> => {
  for (;;) {
    const { status, body } = await ada.get('/backups')
    expect(status).toBe(200)
    if (body.work === null) return body
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
const make = async (why?: string): Promise<string> => {
  platform.clock.ms += 1_000
  const made = await ada.post('/backups', why === undefined ? {} : { why })
  expect(made.status).toBe(202)
  await ended()
  return String(made.body.id)
}
const one = async (id: string): Promise<Answer['body']> =>
  ((await ended()).items as unknown as Answer['body'][]).find((item) => String(item.id) === id) as Answer['body']
const planOf = async (backupId: string, remove?: object[]) => ada.post('/restore/plan', { backupId, ...(remove && { remove }) })
const confirm = async (who: Browser, digest: unknown): Promise<Answer> => {
  await who.post('/auth/step-up', { password: goodPassword })
  const { body } = await who.post('/auth/grants', { verb: 'platformBackups.restore.run', digest })
  return who.post('/restore', { digest }, { 'x-grant': String(body.grant) })
}

beforeAll(async () => {
  platform = await startPlatform()
  ada = await setUp(platform)
  bob = await invited(platform, ada, 'bob@example.com', [{ productId: 'bytelyst-platform', role: 'operator' }])
})
afterAll(() => platform.close())

describe('a backup of platform-service', () => {
  it('is made on demand, says who made it and why, and opens to what is in the store', async () => {
    const id = await make('before we try something')
    const item = await one(id)
    expect(item).toMatchObject({
      state: 'made',
      by: { kind: 'person', name: 'Ada King' },
      why: 'before we try something',
      opens: true,
      current: true,
      lock: { by: 'key', keyId: expect.stringMatching(/^[0-9a-f]{16}$/) },
      check: null,
    })
    expect(readdirSync(folder())).toEqual([`${id}.backup`])
    const { manifest } = await readBackup({ file: join(folder(), `${id}.backup`), locks: platform.config.backupLocks })
    expect(manifest.documents.find(({ collection }) => collection === 'pf_users')?.count).toBe(2)
    expect(manifest.files).toEqual([])
    expect(Number(item.documents)).toBe(manifest.documents.reduce((sum, { count }) => sum + count, 0))
    const rows = rowsOf(platform).filter(({ action }) => action.startsWith('platformBackups.'))
    expect(rows.map(({ action, outcome, target }) => [action, outcome, target])).toEqual([
      ['platformBackups.file.make', 'started', '-'],
      ['platformBackups.file.make', 'done', id],
      ['platformBackups.work.end', 'done', id],
    ])
  })

  it('is made by a token of the host’s timer, which is named in the list', async () => {
    const made = await ada.post('/auth/api-tokens', {
      name: 'nightly, by the host',
      productId: 'bytelyst-platform',
      actions: ['platformBackups.file.make'],
      expiresInDays: 30,
    })
    expect(made.status, made.text).toBe(201)
    const answer = await platform.browser().call('POST', '/backups', {
      body: { why: 'nightly' },
      headers: { authorization: `Bearer ${String(made.body.secret)}`, origin: undefined, 'x-csrf-token': undefined },
    })
    expect(answer.status, answer.text).toBe(202)
    expect(await one(String(answer.body.id))).toMatchObject({ state: 'made', why: 'nightly', by: { kind: 'token' } })
  })

  it('passes the drill, which compares what was restored and exported again; a damaged one does not', async () => {
    const id = await make()
    expect((await ada.post(`/backups/${id}/verify`)).status).toBe(202)
    expect((await one(id)).check).toMatchObject({ state: 'passed', problem: null, by: { name: 'Ada King' } })
    expect((await ended()).drillLate).toBe(false)
    const file = join(folder(), `${id}.backup`)
    const bytes = readFileSync(file)
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1
    writeFileSync(file, bytes)
    expect((await ada.post(`/backups/${id}/verify`)).status).toBe(202)
    expect((await one(id)).check).toMatchObject({ state: 'failed', problem: expect.stringContaining('damaged') })
    expect((await planOf(id)).body).toMatchObject({ status: 409, code: 'BACKUP_REFUSED' })
    expect(readdirSync(folder()).filter((name) => !name.endsWith('.backup'))).toEqual([])
    expect(rowsOf(platform).at(-1)).toMatchObject({ action: 'platformBackups.work.end', outcome: 'failed', code: 'BACKUP_REFUSED' })
    platform.clock.ms += 31 * 86_400_000
    await ada.signIn('ada@example.com', goodPassword)
    expect((await ended()).drillLate).toBe(true)
    rmSync(file)
    expect((await one(id)).state).toBe('gone')
  })

  it('is handed out as it lies on the disk, and to admins alone; each time is a row', async () => {
    const id = await make()
    const answer = await ada.get(`/backups/${id}/download`)
    expect(answer.headers['content-disposition']).toBe(`attachment; filename="${id}.backup"`)
    expect(answer.headers['content-type']).toBe('application/octet-stream')
    expect(Number(answer.headers['content-length'])).toBe(readFileSync(join(folder(), `${id}.backup`)).length)
    expect(answer.text.startsWith('BYTELYST-BACKUP-1\n')).toBe(true)
    expect(answer.text).not.toContain('example.com')
    await bob.browser.signIn('bob@example.com', goodPassword)
    expect((await bob.browser.get(`/backups/${id}/download`)).status).toBe(403)
    expect((await bob.browser.get('/backups')).status).toBe(200)
    const rows = rowsOf(platform).filter(({ action }) => action === 'platformBackups.file.download')
    expect(rows.map(({ outcome }) => outcome)).toEqual(['started', 'done', 'denied'])
  })

  it('is handed out to a person who has just shown a factor, and to no program', async () => {
    const id = await make()
    platform.clock.ms += 300_001
    const refused = await ada.get(`/backups/${id}/download`)
    expect([refused.status, refused.body.code]).toEqual([403, 'AUTH_STEP_UP_REQUIRED'])
    expect(refused.text).not.toContain('BYTELYST-BACKUP')
    expect(rowsOf(platform).at(-1)).toMatchObject({
      action: 'platformBackups.file.download',
      outcome: 'denied',
      code: 'AUTH_STEP_UP_REQUIRED',
      target: id,
    })
    await ada.post('/auth/step-up', { password: goodPassword })
    expect((await ada.get(`/backups/${id}/download`)).status).toBe(200)
    const token = await ada.post('/auth/api-tokens', {
      name: 'copies backups',
      productId: 'bytelyst-platform',
      actions: ['platformBackups.file.download'],
      expiresInDays: 30,
    })
    expect([token.status, token.body.code]).toEqual([400, 'API_TOKEN_ACTION_REFUSED'])
  })

  it('is found by its exact name alone', async () => {
    for (const id of ['platform-service-20200101T000000Z', 'rules'])
      expect([404, 400]).toContain((await ada.get(`/backups/${id}/download`)).status)
    for (const id of ['..%2F..%2Fstore.db', '%2e%2e%2fkey.pem', 'platform-service-20200101T000000Z.backup'])
      expect((await ada.get(`/backups/${id}/download`)).status).toBe(400)
  })

  it('is one of the newest that the rules keep', async () => {
    expect((await ada.call('PUT', '/backups/rules', { body: { keep: 1, drillDays: 7 } })).body).toMatchObject({
      code: 'INPUT_INVALID',
      detail: expect.stringContaining('body.keep'),
    })
    const few = { keep: 2, nights: 0, weeks: 0, months: 0, drillDays: 7 }
    for (const [field, most] of [
      ['nights', 366],
      ['weeks', 520],
      ['months', 120],
    ] as const)
      for (const count of [-1, most + 1, 1.5])
        expect((await ada.call('PUT', '/backups/rules', { body: { ...few, [field]: count } })).body).toMatchObject({
          code: 'INPUT_INVALID',
          detail: expect.stringContaining(`body.${field}`),
        })
    expect((await ada.call('PUT', '/backups/rules', { body: few })).status).toBe(200)
    const ids = [await make(), await make(), await make()]
    expect(readdirSync(folder()).sort()).toEqual(ids.slice(1).map((id) => `${id}.backup`))
    expect((await ended()).rules).toEqual(few)
    // What is not named stays as it is.
    expect((await ada.call('PUT', '/backups/rules', { body: { keep: 14, drillDays: 30 } })).body).toEqual({
      ...few,
      keep: 14,
      drillDays: 30,
    })
    await ada.call('PUT', '/backups/rules', { body: { keep: 14, nights: 14, weeks: 8, months: 12, drillDays: 30 } })
  })

  it('asks for a copy of its key until an admin confirms one', async () => {
    const { key } = await ended()
    expect(key).toMatchObject({ confirmed: null, file: join(platform.folder, 'platform/secrets.json') })
    expect((await ada.post('/backups/key/confirm', { keyId: '0123456789abcdef' })).body).toMatchObject({ code: 'BACKUP_KEY_UNKNOWN' })
    expect((await ada.post('/backups/key/confirm', { keyId: (key as Answer['body']).lock?.keyId })).status).toBe(204)
    expect((await ended()).key).toMatchObject({ confirmed: { by: { name: 'Ada King' } } })
  })
})

describe('a restore into the living store', () => {
  it('brings nothing back that lets anybody in, is confirmed by its digest, and is made after a backup of now', async () => {
    const carl = await invited(platform, ada, 'carl@example.com', [{ productId: 'bytelyst-platform', role: 'admin' }])
    const id = await make()
    const memberships = await platform.collections.memberships.find(partition, { limit: 100 })
    const own = memberships.items.find(({ doc }) => doc.userId === bob.id)
    if (own) await platform.collections.memberships.remove(partition, own.id, own.etag)
    const live = await platform.collections.users.get(partition, bob.id)
    if (!live) throw new Error('nobody is here')
    const changed = { ...live.doc, name: 'Bob the Second', status: 'disabled' as const, disabledReason: 'left', password: null }
    await platform.collections.users.replace(partition, bob.id, changed, live.etag)
    await ada.post('/auth/step-up', { password: goodPassword })
    const digest = createHash('sha256')
      .update(canonical({ v: 1, verb: 'users.user.remove', hostId: 'local', args: { id: carl.id } }))
      .digest('hex')
    const { body: grant } = await ada.post('/auth/grants', { verb: 'users.user.remove', digest })
    const gone = await ada.call('DELETE', `/users/${carl.id}`, { headers: { 'x-grant': String(grant.grant) } })
    expect(gone.status, gone.text).toBe(204)

    const planned = await planOf(id)
    expect(planned.status, planned.text).toBe(200)
    const { plan } = planned.body as unknown as {
      plan: Plain & { changes: { kind: string; id: string; change: string }[]; untouched: { what: string }[] }
    }
    expect(createHash('sha256').update(canonical(plan)).digest('hex')).toBe(planned.body.digest)
    expect(plan.changes.map(({ kind, id: of, change }) => [kind, of, change]).sort()).toEqual(
      [
        ['users', bob.id, 'replace'],
        ['users', carl.id, 'add'],
      ].sort(),
    )
    const untouched = plan.untouched.map(({ what }) => what)
    for (const what of ['pf_memberships', 'pf_sessions', 'pf_references', 'pf_tokens', 'pf_system', 'pf_backups'])
      expect(untouched).toContain(what)

    const before = rowsOf(platform).length
    expect((await ada.post('/restore', { digest: planned.body.digest })).body).toMatchObject({ code: 'AUTH_GRANT_REQUIRED' })
    expect((await confirm(ada, planned.body.digest)).status).toBe(202)
    const state = await ended()
    expect(state.restored).toMatchObject({ backupId: id, state: 'done', counts: { added: 1, replaced: 1, removed: 0, skipped: 0 } })
    const beforeId = String((state.restored as Answer['body']).beforeId)
    expect(existsSync(join(folder(), `${beforeId}.backup`))).toBe(true)
    expect((await platform.collections.users.get(partition, bob.id))?.doc).toMatchObject({
      name: 'bob',
      status: 'disabled',
      disabledReason: 'left',
      password: null,
    })
    expect((await platform.collections.users.get(partition, carl.id))?.doc).toMatchObject({ status: 'disabled', password: null })
    const after = await platform.collections.memberships.find(partition, { limit: 100 })
    expect(after.items.filter(({ doc }) => [bob.id, carl.id].includes(doc.userId))).toEqual([])
    expect(
      (await platform.collections.sessions.find(partition, { limit: 200 })).items.filter(
        ({ doc }) => doc.userId === carl.id && doc.endedAt === null,
      ),
    ).toEqual([])
    expect((await carl.browser.get('/auth/session')).status).toBe(401)
    expect((await carl.browser.signIn('carl@example.com', goodPassword)).status).toBe(401)
    const rows = rowsOf(platform)
      .slice(before)
      .filter(({ action }) => /restore|work\.end/.test(action))
    expect(rows.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['platformBackups.restore.run', 'denied'],
      ['platformBackups.restore.run', 'started'],
      ['platformBackups.restore.run', 'done'],
      ['platformBackups.work.end', 'done'],
    ])
    expect(rows.at(-1)?.details).toMatchObject({ kind: 'restore', added: 1, replaced: 1, beforeId })
    // The list of people is kept in memory: it says what the store says.
    const people = ((await ada.get('/users?limit=100')).body.items as unknown as { id: string; name: string }[]).map(({ name }) => name)
    expect(people).toContain('bob')
    expect((await confirm(ada, planned.body.digest)).body).toMatchObject({ code: 'PLAN_USED' })
    expect((await confirm(ada, 'ab'.repeat(32))).body).toMatchObject({ code: 'PLAN_NOT_FOUND' })
  })

  it('carries nothing out of a plan that is older than 15 minutes', async () => {
    const id = await make()
    const { body } = await planOf(id)
    platform.clock.ms += 900_000
    expect((await confirm(ada, body.digest)).body).toMatchObject({ code: 'PLAN_EXPIRED' })
  })

  it('removes nobody, named or not', async () => {
    const id = await make()
    const dora = await invited(platform, ada, 'dora@example.com', [{ productId: 'bytelyst-devops', role: 'viewer' }])
    const { body } = await planOf(id)
    expect(body.plan).toMatchObject({ lacking: [{ kind: 'users', id: dora.id, removable: false }] })
    expect((await planOf(id, [{ kind: 'users', pk: partition, id: dora.id }])).body).toMatchObject({
      status: 400,
      code: 'RESTORE_OBJECT_REFUSED',
    })
  })
})
