import { symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ctx, trialDesk } from './backup-desk.fake.ts'

let trial: ReturnType<typeof trialDesk>
beforeEach(async () => {
  trial = trialDesk()
  await trial.start()
  for (const id of ['a', 'b', 'c']) await trial.write(id, `first ${id}`)
})
afterEach(() => trial.forget())

describe('work on backups', () => {
  it('is a run from before it begins until after it ended, and says who asked, why, how far it is and what came of it', async () => {
    const { id } = await trial.desk.make(ctx, 'nightly')
    const begun = (await trial.desk.list()).work
    expect(begun).toMatchObject({
      kind: 'backup',
      service: 'devops-backend',
      state: 'running',
      backupId: id,
      actor: { kind: 'person', id: 'p1', name: 'Pat' },
      reason: 'nightly',
      requestId: 'r1',
      endedAt: null,
      outcome: null,
    })
    await trial.desk.idle()
    const run = await trial.newestRun()
    expect(run).toMatchObject({ id: begun?.id, state: 'succeeded', endedAt: expect.any(String) })
    expect(run?.steps.map(({ name }) => name)).toEqual(['copying the store', 'writing it', 'reading it again'])
    // The notes, what is known of the backup, and its run.
    expect([run?.done, run?.of]).toEqual([5, 5])
    expect(run?.outcome).toMatch(/^5 objects in [0-9.]+ KiB, read again and found whole\.$/)
    expect((await trial.desk.list()).runs[0]).toEqual(run)
    expect(trial.rows.at(-1)).toMatchObject({ action: 'backups.work.end', details: { kind: 'backup', runId: run?.id } })
  })

  it('is a run where a backup is tried and where it fails, too', async () => {
    const id = await trial.make()
    await trial.desk.verify(ctx, id)
    await trial.desk.idle()
    const run = await trial.newestRun()
    expect(run).toMatchObject({ kind: 'restore-drill', state: 'succeeded', backupId: id })
    expect(run?.steps.map(({ name }) => name)).toEqual(['reading it', 'restoring it', 'exporting it again', 'reading that again'])
    expect(run?.outcome).toBe('5 objects restored into an empty store and exported again: the same.')
    trial.nowMs += 1_000
    writeFileSync(trial.at(`data/backups/${id}.backup`), 'no backup')
    await trial.desk.verify(ctx, id)
    await trial.desk.idle()
    expect(await trial.newestRun()).toMatchObject({ state: 'failed', outcome: 'This is no backup of the console.' })
    expect(trial.rows.at(-1)).toMatchObject({ outcome: 'failed', code: 'BACKUP_REFUSED' })
  })

  it('is no run where it was refused before it began', async () => {
    await expect(trial.desk.verify(ctx, 'devops-backend-20200101T000000Z')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' })
    expect([await trial.desk.runs(), (await trial.desk.list()).work]).toEqual([[], null])
  })

  it('gives out and reads no file that a link leads to', async () => {
    const id = await trial.make()
    writeFileSync(trial.at('data/key.pem'), 'a key')
    unlinkSync(trial.at(`data/backups/${id}.backup`))
    symlinkSync('../key.pem', trial.at(`data/backups/${id}.backup`))
    await expect(trial.desk.openFile(id)).rejects.toMatchObject({ code: 'BACKUP_REFUSED', status: 409 })
    await expect(trial.desk.planRestore(id, [])).rejects.toMatchObject({ code: 'BACKUP_REFUSED' })
    await trial.desk.verify(ctx, id)
    await trial.desk.idle()
    expect((await trial.newestRun())?.state).toBe('failed')
  })
})
