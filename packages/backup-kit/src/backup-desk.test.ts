import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { makeBackup } from '@console/backups/make-backup'
import { describeNeeding } from '@console/testkit/needs'
import { mountSmallDisk, type SmallDisk } from '@console/testkit/small-disk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bookDeclaration } from './backup-book.ts'
import { ctx, key, type Note, sessions, trialDesk } from './backup-desk.fake.ts'
import { keptFree } from './kept-free.ts'
import { noteRestoring } from './restoring.ts'

const newer = 'another key of the trial, long enough 01234'
const by = { kind: 'person', id: 'p1', name: 'Pat' } as const
let trial: ReturnType<typeof trialDesk>

beforeEach(async () => {
  trial = trialDesk()
  await trial.start()
  for (const id of ['a', 'b', 'c']) await trial.write(id, `first ${id}`)
  await trial.store.collection<Note>(sessions).insert('local', 's1', { text: 'a session' })
})
afterEach(() => trial.forget())

describe('a desk of backups', () => {
  it('does one thing at a time', async () => {
    const id = await trial.make()
    const { digest } = await trial.desk.planRestore(id, [])
    trial.nowMs += 1_000
    const outcomes = await Promise.allSettled([
      trial.desk.make(ctx, undefined),
      trial.desk.make(ctx, undefined),
      trial.desk.verify(ctx, id),
      trial.desk.runRestore(ctx, { digest }),
    ])
    expect(outcomes.map((one) => (one.status === 'rejected' ? one.reason.code : 'begun'))).toEqual([
      'begun',
      'BACKUP_BUSY',
      'BACKUP_BUSY',
      'BACKUP_BUSY',
    ])
    await trial.desk.idle()
    expect((await trial.desk.list()).items.map(({ state }) => state)).toEqual(['made', 'made'])
    trial.nowMs += 1_000
    await expect(trial.desk.make(ctx, undefined)).resolves.toMatchObject({ state: 'making' })
  })

  it('puts back what is planned, removes what is ticked, and leaves what came or went meanwhile', async () => {
    const id = await trial.make()
    await trial.write('a', 'second a')
    await trial.remove('b')
    await trial.write('new', 'kept')
    await trial.write('ticked', 'goes')
    const { plan } = await trial.desk.planRestore(id, [])
    expect(plan.kinds).toEqual([{ kind: 'notes', label: 'Notes', stays: '', now: 4, after: 5, added: 1, replaced: 1, removed: 0, same: 1 }])
    expect(plan.lacking.map((one) => one.id)).toEqual(['new', 'ticked'])
    expect(plan.untouched.map(({ what }) => what)).toEqual(['do_backups', 'do_sessions'])
    const { plan: second, digest } = await trial.desk.planRestore(id, [{ kind: 'notes', pk: 'local', id: 'ticked' }])
    expect(second.changes.map(({ id: of, change }) => [of, change])).toEqual([
      ['a', 'replace'],
      ['b', 'add'],
      ['ticked', 'remove'],
    ])
    await trial.write('c', 'changed after the plan')
    await trial.desk.runRestore(ctx, { digest })
    await trial.desk.idle()
    expect(await Promise.all(['a', 'b', 'c', 'new', 'ticked'].map(trial.textOf))).toEqual([
      'first a',
      'first b',
      'changed after the plan',
      'kept',
      undefined,
    ])
    expect((await trial.desk.list()).restored).toMatchObject({ state: 'done', counts: { added: 1, replaced: 1, removed: 1, skipped: 0 } })
    expect(trial.told).toEqual(['restored'])
    expect([trial.noted.at(0), trial.noted.at(-1)]).toEqual([false, true])
    // And it can be taken back.
    const before = (await trial.desk.list()).restored?.beforeId ?? ''
    const back = await trial.desk.planRestore(before, [])
    expect(back.plan.changes.map(({ id: of, change }) => [of, change])).toEqual([
      ['a', 'replace'],
      ['ticked', 'add'],
    ])
  })

  it('refuses to remove what the backup holds, what is not here, and what is of no kind', async () => {
    const id = await trial.make()
    for (const one of [
      { kind: 'notes', pk: 'local', id: 'a' },
      { kind: 'notes', pk: 'local', id: 'nobody' },
      { kind: 'sessions', pk: 'local', id: 's1' },
    ])
      await expect(trial.desk.planRestore(id, [one])).rejects.toMatchObject({ code: 'RESTORE_OBJECT_REFUSED', status: 400 })
  })

  it('brings back no key, log or session, whatever a backup in its folder holds', async () => {
    await trial.stop()
    writeFileSync(trial.at('data/key.pem'), 'a key of another time')
    mkdirSync(trial.at('data/audit'))
    writeFileSync(trial.at('data/audit/devops-backend-000000000001.log'), '{"seq":1}\n')
    await makeBackup({
      sources: [{ part: 'devops-backend', folder: trial.at('data'), encryptionKey: key }],
      to: trial.at('data/backups/console-20260101T000000Z.backup'),
      lock: { by: 'key', secret: key },
      made: { at: '2026-01-01T00:00:00.000Z', by: 'deploy.sh', version: '1' },
    })
    rmSync(trial.at('data/key.pem'))
    rmSync(trial.at('data/audit'), { recursive: true })
    await trial.start()
    const live = await trial.store.collection<Note>(sessions).get('local', 's1')
    if (live) await trial.store.collection<Note>(sessions).remove('local', 's1', live.etag)
    await trial.remove('a')
    expect(await trial.listed('console-20260101T000000Z')).toMatchObject({ state: 'made', why: 'found in the folder', opens: true })
    const { plan, digest } = await trial.desk.planRestore('console-20260101T000000Z', [])
    expect(plan.changes.map(({ id }) => id)).toEqual(['a'])
    expect(plan.untouched).toEqual([
      { what: 'do_sessions', documents: 1 },
      { what: 'keys and audit logs', documents: 2 },
    ])
    await trial.desk.runRestore(ctx, { digest })
    await trial.desk.idle()
    expect(await trial.textOf('a')).toBe('first a')
    expect(await trial.store.collection<Note>(sessions).get('local', 's1')).toBeNull()
    expect([existsSync(trial.at('data/key.pem')), existsSync(trial.at('data/audit'))]).toEqual([false, false])
    expect(trial.rows.at(-1)).toMatchObject({ action: 'backups.work.end', outcome: 'done', target: 'console-20260101T000000Z' })
  })

  it('goes on with a restore that was cut short, and comes to the same', async () => {
    const id = await trial.make()
    const beforeId = await trial.make()
    await trial.write('a', 'second a')
    await trial.remove('b')
    const { plan } = await trial.desk.planRestore(id, [])
    const of = { runId: 'restore-1', backupId: id, sha256: plan.sha256, beforeId, by, requestId: 'r9', changes: plan.changes }
    noteRestoring(trial.at('data/backups'), of, [key])
    // As if it had come as far as the first object.
    await trial.write('a', 'first a')
    await trial.stop()
    await trial.start()
    await trial.desk.idle()
    expect([await trial.textOf('a'), await trial.textOf('b')]).toEqual(['first a', 'first b'])
    expect((await trial.desk.list()).restored).toMatchObject({ state: 'done', beforeId, counts: { added: 1, replaced: 1 } })
    expect(trial.rows.at(-1)).toMatchObject({ outcome: 'done', requestId: 'r9' })
    expect(readdirSync(trial.at('data/backups')).filter((name) => !name.endsWith('.backup'))).toEqual([])
  })

  it.each([
    ['without a seal', (text: string) => text],
    ['with the seal of another key', null],
  ])('carries out no restore that somebody else noted in the folder, %s', async (_, write) => {
    const id = await trial.make()
    await trial.write('a', 'second a')
    const { plan } = await trial.desk.planRestore(id, [])
    const of = { runId: 'restore-1', backupId: id, sha256: plan.sha256, beforeId: id, by, requestId: 'r9', changes: plan.changes }
    if (write) writeFileSync(trial.at('data/backups/restoring.json'), write(JSON.stringify(of)))
    else noteRestoring(trial.at('data/backups'), of, [newer])
    await trial.stop()
    await trial.start()
    await trial.desk.idle()
    expect([await trial.textOf('a'), (await trial.desk.list()).restored]).toEqual(['second a', null])
    expect(trial.told).toEqual([expect.stringContaining('was not written by this service')])
    expect(readdirSync(trial.at('data/backups')).sort()).toEqual([`${id}.backup`, 'restoring.json.refused'])
  })

  it('goes on with a restore that was noted before keys were changed', async () => {
    const id = await trial.make()
    await trial.write('a', 'second a')
    const { plan } = await trial.desk.planRestore(id, [])
    const of = { runId: 'restore-1', backupId: id, sha256: plan.sha256, beforeId: id, by, requestId: 'r9', changes: plan.changes }
    noteRestoring(trial.at('data/backups'), of, [key])
    await trial.stop()
    await trial.start({ keys: [newer, key] })
    await trial.desk.idle()
    expect(await trial.textOf('a')).toBe('first a')
  })

  it('keeps the first of each week and month beside the newest, says so, and reads rules of before there were any', async () => {
    const book = trial.store.collection<{ v: 1; kind: 'rules'; keep: number; drillDays: number }>(bookDeclaration('do'))
    await book.insert('backups', 'rules', { v: 1, kind: 'rules', keep: 2, drillDays: 9 })
    expect((await trial.desk.list()).rules).toEqual({ keep: 2, nights: 0, weeks: 0, months: 0, drillDays: 9 })
    expect(await trial.desk.setRules({ keep: 2, weeks: 2, drillDays: 9 })).toEqual({
      keep: 2,
      nights: 0,
      weeks: 2,
      months: 0,
      drillDays: 9,
    })
    const made: string[] = []
    for (const day of ['02', '05', '06', '07', '08']) {
      trial.nowMs = Date.parse(`2026-01-${day}T03:17:00.000Z`)
      made.push(await trial.make())
    }
    const kept = (await trial.desk.list()).items.map(({ id, keptFor }) => [id, keptFor])
    expect(kept).toEqual([
      [made[4], 'newest'],
      [made[3], 'newest'],
      [made[1], 'week'],
      [made[0], 'week'],
    ])
    expect(existsSync(trial.at(`data/backups/${made[2]}.backup`))).toBe(false)
    expect(trial.rows.flatMap(({ details }) => details?.removedBackups)).toEqual([made[2]])
  })

  it('keeps those of nights where many are made on demand, and of all where the clock falls back', async () => {
    await trial.desk.setRules({ keep: 2, nights: 2, weeks: 0, months: 0, drillDays: 30 })
    const made: string[] = []
    for (const time of ['05T03:17', '06T03:17', '06T12:00', '06T12:01', '06T12:02']) {
      trial.nowMs = Date.parse(`2026-01-${time}:00.000Z`)
      made.push(await trial.make())
    }
    const kept = async () => (await trial.desk.list()).items.map(({ id, keptFor }) => [id, keptFor])
    const before = [
      [made[4], 'newest'],
      [made[3], 'newest'],
      [made[1], 'night'],
      [made[0], 'night'],
    ]
    expect(await kept()).toEqual(before)
    trial.nowMs = Date.parse('2020-01-01T00:00:00.000Z')
    const wrong = await trial.make()
    expect(await kept()).toEqual([...before, [wrong, 'newest']])
  })

  it('keeps what it made, whatever date and however many files somebody puts into the folder', async () => {
    await trial.desk.setRules({ keep: 2, nights: 0, weeks: 0, months: 0, drillDays: 30 })
    const own = [await trial.make(), await trial.make()]
    const fileOf = (id: string): string => trial.at(`data/backups/${id}.backup`)
    await makeBackup({
      sources: [{ part: 'devops-backend', folder: trial.at('data'), encryptionKey: key }],
      to: fileOf('console-20990101T000000Z'),
      lock: { by: 'key', secret: key },
      made: { at: '2099-01-01T00:00:00.000Z', by: 'somebody', version: '1' },
    })
    for (let index = 0; index < 120; index += 1)
      copyFileSync(
        fileOf('console-20990101T000000Z'),
        fileOf(`console-2099010${1 + Math.floor(index / 60)}T0001${String(index % 60).padStart(2, '0')}Z`),
      )
    // They are taken in as newer than what was made here.
    trial.nowMs += 60_000
    await trial.stop()
    await trial.start()
    const items = (await trial.desk.list()).items
    const found = items.filter((one) => one.why === 'found in the folder')
    expect([found.length, found.every(({ madeAt }) => Date.parse(madeAt) <= trial.nowMs)]).toEqual([100, true])
    const newest = await trial.make()
    const left = (await trial.desk.list()).items
    expect(left.filter((one) => one.why === null).map((one) => [one.id, one.state])).toEqual([
      [newest, 'made'],
      [own[1], 'made'],
    ])
    expect(left.filter((one) => one.why !== null)).toHaveLength(2)
  })

  it('carries out the file that was planned, and no other in its place', async () => {
    const id = await trial.make()
    const beforeId = await trial.make()
    await trial.write('a', 'second a')
    const { plan, digest } = await trial.desk.planRestore(id, [])
    const other = await trial.make()
    copyFileSync(trial.at(`data/backups/${other}.backup`), trial.at(`data/backups/${id}.backup`))
    await expect(trial.desk.runRestore(ctx, { digest })).rejects.toMatchObject({ code: 'PLAN_CHANGED', status: 409 })
    await trial.stop()
    const of = { runId: 'restore-1', backupId: id, sha256: plan.sha256, beforeId, by, requestId: 'r9', changes: plan.changes }
    noteRestoring(trial.at('data/backups'), of, [key])
    await trial.start()
    await trial.desk.idle()
    expect((await trial.desk.list()).restored).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining('changed since it was planned'),
    })
    expect(await trial.textOf('a')).toBe('second a')
  })

  it('says of one that was under way when the service ended that it failed, and keeps nothing of it', async () => {
    await trial.desk.make(ctx, undefined)
    await trial.desk.idle()
    writeFileSync(trial.at('data/backups/devops-backend-20260102T030500Z.backup.part'), 'half')
    mkdirSync(trial.at('data/backups/.work-half'))
    writeFileSync(trial.at('data/backups/devops-backend-20260102T030600Z.backup'), 'no backup at all')
    await trial.stop()
    await trial.start()
    expect(readdirSync(trial.at('data/backups')).sort()).toEqual([
      'devops-backend-20260102T030405Z.backup',
      'devops-backend-20260102T030600Z.backup',
    ])
    expect((await trial.desk.list()).items.map(({ id }) => id)).toEqual(['devops-backend-20260102T030405Z'])
  })

  it('says which key a backup needs once keys were changed, and tries an older one too', async () => {
    const id = await trial.make()
    await trial.stop()
    await trial.start({ keys: [newer, key] })
    expect(await trial.listed(id)).toMatchObject({ opens: true, current: false })
    await trial.desk.verify(ctx, id)
    await trial.desk.idle()
    expect((await trial.listed(id))?.check).toMatchObject({ state: 'passed' })
    await trial.stop()
    await trial.start({ keys: [newer] })
    expect(await trial.listed(id)).toMatchObject({ opens: false })
    expect((await trial.desk.list()).key.older).toEqual([{ keyId: (await trial.listed(id))?.lock?.keyId, backups: 1, opens: false }])
    await expect(trial.desk.planRestore(id, [])).rejects.toMatchObject({ code: 'BACKUP_REFUSED' })
    await trial.stop()
    await trial.start({ keys: [newer], passphrase: 'violet harbor quartz ninety' })
    expect(await trial.listed(await trial.make())).toMatchObject({ lock: { by: 'passphrase' }, opens: true, current: true })
  })
})

it('leaves a twentieth of a disk to what else lies on it, and no more than anything needs', () => {
  const mib = 1_048_576
  expect([100 * mib, 1_000 * mib, 100_000 * mib].map((disk) => keptFree(disk) / mib)).toEqual([16, 50, 1_024])
})

describeNeeding('root', 'backups on a disk of their own', () => {
  let disk: SmallDisk
  beforeEach(() => {
    disk = mountSmallDisk('48m')
  })
  afterEach(() => disk.remove())

  it('begin nothing where they would not fit, and leave nothing half done where the disk fills meanwhile', async () => {
    const usual = trial
    trial = trialDesk(disk.path)
    try {
      await trial.start()
      for (let index = 0; index < 40; index += 1)
        await trial.write(`n${index}`, Buffer.from(crypto.getRandomValues(new Uint8Array(30_000))).toString('base64'))
      const begun = await trial.desk.make(ctx, undefined)
      disk.fill()
      await trial.desk.idle()
      disk.makeRoom()
      expect(trial.rows.at(-1)).toMatchObject({
        outcome: 'failed',
        code: 'DISK_UNAVAILABLE',
        details: { problem: expect.stringContaining('The disk is full') },
      })
      expect(readdirSync(trial.at('data/backups'))).toEqual([])
      disk.fill()
      await expect(trial.desk.make(ctx, undefined)).rejects.toMatchObject({ code: 'DISK_UNAVAILABLE', status: 503 })
      disk.makeRoom()
      await trial.stop()
      await trial.start()
      expect(await trial.listed(begun.id)).toMatchObject({ state: 'failed' })
      expect(await trial.listed(await trial.make())).toMatchObject({ state: 'made' })
      await trial.stop()
    } finally {
      trial = usual
    }
  })
})
