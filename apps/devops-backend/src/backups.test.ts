import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BackupsState, RestorePlan } from '@console/contracts/backups/schemas'
import { openSqliteStore } from '@console/store/sqlite'
import { until } from '@console/testkit/daemon-harness'
import { canonical, type Plain } from '@console/verbs/canonical'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kindsOf } from './backed-up.ts'
import { collections } from './collections.ts'
import { aService, type Devops, type Person, rowsOf, startDevops } from './devops.fake.ts'

let devops: Devops
let admin: Person
const state = async (): Promise<BackupsState> => (await admin.devops.get('/backups')).body as unknown as BackupsState
const ended = () => until('nothing is under way', async () => (await state()).work === null, 30_000)

beforeAll(async () => {
  devops = await startDevops({ parts: ['platform-service'] })
  admin = await devops.setUp()
}, 60_000)
afterAll(() => devops?.close())

describe('backups of devops-backend', () => {
  it('put services and their variables back as they were, and say exactly which before somebody confirms it', async () => {
    for (const name of ['alpha', 'beta']) expect((await admin.devops.post('/services', aService(name))).status).toBe(201)
    const made = await admin.devops.post('/backups', { why: 'before an edit' })
    expect(made.status, made.text).toBe(202)
    await ended()
    const backupId = String(made.body.id)
    expect((await state()).items[0]).toMatchObject({ id: backupId, state: 'made', why: 'before an edit', by: { name: 'First Admin' } })
    expect(readdirSync(join(devops.folder, 'devops/backups'))).toEqual([`${backupId}.backup`])

    const beta = await admin.devops.get('/services/beta')
    const edited = { ...aService('beta'), description: 'edited by mistake' }
    expect(
      (await admin.devops.call('PUT', '/services/beta', { body: edited, headers: { 'if-match': String(beta.headers.etag) } })).status,
    ).toBe(200)
    await admin.devops.post('/services', aService('gamma'))
    const named = [{ kind: 'services', pk: 'local', id: 'gamma' }]
    const planned = await admin.devops.post('/restore/plan', { backupId, remove: named })
    expect(planned.status, planned.text).toBe(200)
    const { plan, digest } = planned.body as unknown as { plan: RestorePlan; digest: string }
    expect(plan.changes.map(({ kind, id, change }) => [kind, id, change])).toEqual([
      ['services', 'beta', 'replace'],
      ['services', 'gamma', 'remove'],
    ])
    expect(
      createHash('sha256')
        .update(canonical(plan as unknown as Plain))
        .digest('hex'),
    ).toBe(digest)
    const other = await admin.grant('backups.restore.run', 'ab'.repeat(32))
    expect((await admin.devops.post('/restore', { digest }, { 'x-grant': other })).body).toMatchObject({ code: 'AUTH_GRANT_MISMATCH' })
    const foreign = await admin.grant('platformBackups.restore.run', digest)
    expect((await admin.devops.post('/restore', { digest }, { 'x-grant': foreign })).status).toBeGreaterThanOrEqual(401)

    const grant = await admin.grant('backups.restore.run', digest)
    expect((await admin.devops.post('/restore', { digest, reason: 'undo the edit' }, { 'x-grant': grant })).status).toBe(202)
    await ended()
    expect((await state()).restored).toMatchObject({ state: 'done', counts: { replaced: 1, removed: 1, added: 0, skipped: 0 } })
    expect((await admin.devops.get('/services/beta')).body.description).not.toBe('edited by mistake')
    expect((await admin.devops.get('/services/gamma')).status).toBe(404)
    const rows = rowsOf(devops).filter(({ action }) => /^backups\.(restore|work)/.test(action))
    expect(rows.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['backups.work.end', 'done'],
      ['backups.restore.run', 'denied'],
      ['backups.restore.run', 'denied'],
      ['backups.restore.run', 'started'],
      ['backups.restore.run', 'done'],
      ['backups.work.end', 'done'],
    ])
  }, 60_000)

  it('are for those whose role allows it', async () => {
    const viewer = await devops.invite(admin, 'viewer')
    const operator = await devops.invite(admin, 'operator')
    expect((await viewer.devops.get('/backups')).status).toBe(403)
    expect((await viewer.devops.post('/backups', {})).status).toBe(403)
    expect((await operator.devops.get('/backups')).status).toBe(200)
    const [newest] = (await state()).items
    for (const path of ['/restore/plan', '/restore'])
      expect((await operator.devops.post(path, { backupId: newest?.id, digest: 'ab'.repeat(32) })).status).toBe(403)
    expect((await operator.devops.get(`/backups/${newest?.id}/download`)).status).toBe(403)
    expect((await admin.devops.get(`/backups/${newest?.id}/download`)).text).toMatch(/^BYTELYST-BACKUP-1\n/)
  }, 60_000)
})

describe('what comes back of histories', () => {
  const store = openSqliteStore(':memory:')
  const kinds = kindsOf(store)
  afterAll(() => store.close())

  it('is what is not known any more and had ended; what is known stays, and keys of agents never come back', () => {
    for (const name of ['runs', 'codeRuns', 'incidents'] as const) {
      const kind = kinds[name]
      if (kind === 'never') throw new Error(`${name} never comes back`)
      expect([name, kind.merge(null, { open: true }), kind.merge({ open: true }, { open: false })]).toEqual([name, null, null])
      expect(kind.merge(null, { open: false })).toEqual({ open: false })
      expect(kind.removable).toBe(false)
    }
    expect(Object.keys(kinds).sort()).toEqual(Object.keys(collections).sort())
    expect([kinds.agentKeys, kinds.idempotency]).toEqual(['never', 'never'])
  })
})
