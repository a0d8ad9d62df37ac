import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeBackup } from '@console/backups/make-backup'
import { restoreBackup } from '@console/backups/restore-backup'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import {
  type Browser,
  goodPassword,
  invited,
  type Platform,
  rowsOf,
  send,
  setUp,
  startPlatform,
} from '../../apps/platform-service/src/platform.fake.ts'

const backupId = 'console-20260101T000000Z'
const action = 'platformBackups.restore.run'
/** Where platform-service keeps everything. */
const partition = 'all'

describe('what a backup would bring back', () => {
  let platform: Platform
  let ada: Browser
  let eve: { browser: Browser; id: string }
  let token = ''

  const whole = (): string => join(platform.folder, 'platform')
  const source = () => ({ part: 'platform-service', folder: whole(), encryptionKey: platform.config.encryptionKeys[0] }) as const
  const lock = () => ({ by: 'key', secret: platform.config.encryptionKeys[0] }) as const
  const byToken = () => send(platform.port, 'GET', '/users', { headers: { authorization: `Bearer ${token}` } })
  const membershipsOf = async (id: string) =>
    (await platform.collections.memberships.find(partition, { limit: 100 })).items.filter(({ doc }) => doc.userId === id)

  beforeAll(async () => {
    platform = await startPlatform()
    ada = await setUp(platform)
    eve = await invited(platform, ada, 'eve@example.com', [{ productId: 'bytelyst-platform', role: 'admin' }])
    const made = await eve.browser.post('/auth/api-tokens', {
      name: 'reads people',
      productId: 'bytelyst-platform',
      actions: ['users.user.list'],
      expiresInDays: 30,
    })
    token = String(made.body.secret)
    expect((await byToken()).status).toBe(200)
    // A backup of the whole console, in which key, log, sessions, memberships and tokens lie, under a name that the service takes in.
    await makeBackup({
      sources: [source()],
      to: join(whole(), 'backups', `${backupId}.backup`),
      lock: lock(),
      made: { at: '2026-01-01T00:00:00.000Z', by: 'the host', version: '1' },
    })
    platform = await platform.restart()
    ada = platform.browser()
    const { jar } = eve.browser
    eve = { ...eve, browser: platform.browser() }
    for (const [cookie, kept] of jar) eve.browser.jar.set(cookie, kept)
    expect((await eve.browser.get('/auth/session')).status).toBe(200)
    expect((await ada.signIn('ada@example.com', goodPassword)).status).toBe(200)
    // Then eve is shown out.
    await ada.post('/auth/step-up', { password: goodPassword })
    expect((await ada.post(`/users/${eve.id}/disable`, { reason: 'has left us' })).status).toBeLessThan(300)
    for (const { id, etag } of await membershipsOf(eve.id)) await platform.collections.memberships.remove(partition, id, etag)
    const user = await platform.collections.users.get(partition, eve.id)
    if (user) await platform.collections.users.replace(partition, eve.id, { ...user.doc, name: 'Somebody else' }, user.etag)
  }, 60_000)
  afterAll(() => platform?.close())

  attackCase(
    'X16',
    'a restore that would bring back audit rows, keys, sessions, memberships and tokens',
    async ({ attack, control, row }) => {
      const keyBefore = readFileSync(join(whole(), 'key.pem'), 'utf8')
      const rowsBefore = rowsOf(platform).length
      await attack('into the living store', async () => {
        const planned = await ada.post('/restore/plan', { backupId })
        expect(planned.status, planned.text).toBe(200)
        const { plan } = planned.body as unknown as { plan: { changes: { id: string }[]; untouched: { what: string }[] } }
        expect(plan.changes.map(({ id }) => id)).toEqual([eve.id])
        expect(plan.untouched.map(({ what }) => what)).toEqual(
          expect.arrayContaining(['pf_memberships', 'pf_sessions', 'pf_references', 'pf_tokens', 'keys and audit logs']),
        )
        await ada.post('/auth/step-up', { password: goodPassword })
        const { grant } = (await ada.post('/auth/grants', { verb: action, digest: planned.body.digest })).body
        expect((await ada.post('/restore', { digest: planned.body.digest }, { 'x-grant': String(grant) })).status).toBe(202)
        await until('it is done', async () => (await ada.get('/backups')).body.work === null, 30_000)
        expect((await ada.get('/backups')).body.restored).toMatchObject({ state: 'done', counts: { replaced: 1, added: 0 } })

        expect((await platform.collections.users.get(partition, eve.id))?.doc).toMatchObject({ name: 'eve', status: 'disabled' })
        expect(await membershipsOf(eve.id)).toEqual([])
        expect([(await eve.browser.get('/auth/session')).status, (await byToken()).status]).toEqual([401, 401])
        expect((await platform.browser().signIn('eve@example.com', goodPassword)).status).toBe(401)
        expect(readFileSync(join(whole(), 'key.pem'), 'utf8')).toBe(keyBefore)
        expect(rowsOf(platform).length).toBeGreaterThan(rowsBefore)
      })
      await control('into an empty place: everything', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'restores-'))
        try {
          const target = { ...source(), folder: join(folder, 'platform') }
          const { manifest } = await restoreBackup({
            file: join(whole(), 'backups', `${backupId}.backup`),
            locks: [lock()],
            targets: [target],
          })
          const kept = manifest.documents.map(({ collection }) => collection)
          expect(kept).toEqual(expect.arrayContaining(['pf_memberships', 'pf_sessions', 'pf_tokens']))
          expect(readFileSync(join(folder, 'platform/key.pem'), 'utf8')).toBe(keyBefore)
          expect(existsSync(join(folder, 'platform/audit'))).toBe(true)
        } finally {
          rmSync(folder, { recursive: true })
        }
      })
      await row('who restored what, before and after', () => {
        const rows = rowsOf(platform)
          .slice(rowsBefore)
          .filter(({ target }) => target !== '-')
        const told = rows.filter(({ action: of }) => of === action || of === 'platformBackups.work.end')
        expect(told.map(({ action: of, outcome }) => [of, outcome])).toEqual([
          [action, 'started'],
          [action, 'done'],
          ['platformBackups.work.end', 'done'],
        ])
        expect(told.at(1)?.details).toEqual({ backupId })
      })
    },
  )
})
