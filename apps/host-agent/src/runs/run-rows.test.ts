import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuditLog, openAuditLog } from '@console/audit-chain/log'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openRunFolder, type RunRecord } from './run-record.ts'
import { type RunRows, recordRuns } from './run-rows.ts'

const { privateKey } = generateKeyPairSync('ed25519')
let dir: string
let journal: AuditLog
let rows: RunRows | undefined
let complaints: string[]

const openJournal = async (): Promise<void> => {
  journal = await openAuditLog({ dir: join(dir, 'audit'), name: 'host-agent', key: privateKey, reserveBytes: 0 })
}
const files = () => openRunFolder(dir)
const start = (own: Pick<AuditLog, 'append' | 'read'> = journal): void => {
  const { folderOf, load } = files()
  rows = recordRuns({ journal: own, folderOf, known: load(), log: (_, msg) => complaints.push(msg), retryMs: 10 })
}
const aRun = (runId: string, over: Partial<RunRecord> = {}): RunRecord => {
  const at = new Date().toISOString()
  const text = { scriptId: 'x', serviceId: 'one', reason: 'a test', scriptSha256: 'a'.repeat(64), copyPath: '/nowhere', user: 'nobody' }
  const over_ = { state: 'exited', exitCode: 0, queuedAt: at, startedAt: at, endedAt: at, order: 1, ...over } as const
  const none = { variables: [], timeoutSec: 60, unit: null, deadlineAt: null, signal: null, code: null, cancelledBy: null }
  return { v: 1, runId, actor: { kind: 'person', id: 'u' }, workingDirectory: '/', ...text, ...none, ...over_ }
}
const saved = (run: RunRecord): RunRecord => {
  files().make(run.runId)
  files().save(run)
  return run
}
const told = async () => (await journal.read({ limit: 1_000 })).rows.map(({ action, target }) => `${action} ${target}`)
const tells = (expected: string[]) => vi.waitFor(async () => expect(await told()).toEqual(expected), { timeout: 30_000, interval: 20 })
const marked = (runId: string) => vi.waitFor(() => expect(existsSync(join(dir, 'runs', runId, 'told-runs.end'))).toBe(true), 30_000)

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'run-rows-'))
  complaints = []
  await openJournal()
})
afterEach(async () => {
  await rows?.stop()
  await journal.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('the rows of runs', () => {
  it('tell what a run did that was saved when the agent was killed before its row', async () => {
    saved(aRun('second', { order: 2, state: 'refused', startedAt: null, exitCode: null, code: 'SCRIPT_CHANGED' }))
    saved(aRun('first'))
    saved(aRun('waits', { order: 3, state: 'queued', startedAt: null, endedAt: null, exitCode: null }))
    start()
    await tells(['runs.begin first', 'runs.end first', 'runs.end second'])
    const ends = (await journal.read({ filter: { action: 'runs.end' } })).rows
    expect(ends).toMatchObject([
      { outcome: 'done', details: { state: 'exited', exitCode: 0 }, actor: { id: 'system:host-agent' } },
      { outcome: 'failed', code: 'SCRIPT_CHANGED', details: { state: 'refused' } },
    ])
  })

  it('are written once: not again at the next start, nor when the agent was killed between a row and its mark', async () => {
    start()
    const run = saved(aRun('first'))
    rows?.begun(run)
    rows?.ended(run)
    await marked('first')
    rmSync(join(dir, 'runs', 'first', 'told-runs.end'))
    for (let time = 0; time < 2; time += 1) {
      await rows?.stop()
      await journal.close()
      await openJournal()
      start()
      await marked('first')
    }
    rows?.ended(saved(aRun('other', { order: 2 })))
    await tells(['runs.begin first', 'runs.end first', 'runs.end other'])
  })

  it('wait for a journal that takes none, in order, and say so once a row', async () => {
    let unwritable = true
    let attempts = 0
    start({
      read: journal.read,
      append: async (...row) => {
        attempts += 1
        if (unwritable) throw new Error('no space')
        return journal.append(...row)
      },
    })
    const run = saved(aRun('first'))
    let begun = false
    void rows?.begun(run).then(() => {
      begun = true
    })
    rows?.ended(run)
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(3), 30_000)
    expect([await told(), begun]).toEqual([[], false])
    expect(complaints).toEqual(['runs.begin of first cannot be recorded yet'])
    unwritable = false
    await tells(['runs.begin first', 'runs.end first'])
    expect(begun).toBe(true)
  })

  it('come to false where the agent ends before one is on record, so that the run begins nowhere', async () => {
    start({ read: journal.read, append: () => Promise.reject(new Error('no space')) })
    const begun = rows?.begun(saved(aRun('first')))
    await rows?.stop()
    expect([await begun, await told()]).toEqual([false, []])
  })

  it('that a stop left untold are told by the next start', async () => {
    const failing = { read: journal.read, append: () => Promise.reject(new Error('no space')) }
    start(failing)
    rows?.ended(saved(aRun('first')))
    await vi.waitFor(() => expect(complaints).toHaveLength(1), 30_000)
    await rows?.stop()
    expect(await told()).toEqual([])
    start()
    await tells(['runs.begin first', 'runs.end first'])
  })

  it('of a run that is forgotten meanwhile are told all the same', async () => {
    start()
    const run = saved(aRun('first'))
    files().remove('first')
    rows?.ended(run)
    rows?.ended(saved(aRun('second')))
    await tells(['runs.end first', 'runs.end second'])
    expect(complaints).toEqual([])
  })
})
