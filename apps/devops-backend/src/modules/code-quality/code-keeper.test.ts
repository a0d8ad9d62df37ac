import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodeRun } from '@console/contracts/code-quality/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import { openSqliteStore } from '@console/store/sqlite'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AgentRun, HostAgent } from '../../clients/host-agent.ts'
import { collections } from '../../collections.ts'
import type { CodeRunDoc } from '../../documents.ts'
import { startCodeKeeper } from './code-keeper.ts'
import { type CodeDeps, cancelCodeRun, getCodeRun, listCodeRuns, runCodeChecks } from './code-quality.ts'
import { createCodeRunBook } from './code-run-book.ts'

const at = '2026-03-01T12:00:00.000Z'
const ctx = { actor: { kind: 'person', id: 'u1', name: 'One' }, requestId: 'r1' } as unknown as Context
const output = ['::step lint::', '✖ 5 problems (1 error, 4 warnings)', '::step test:run::', '      Tests  7 passed (7)']
type Check = NonNullable<AgentRun['checks']>[number]
const check = (over: Partial<Check>): Check => ({
  name: 'lint',
  state: 'waiting',
  exitCode: null,
  startedAt: null,
  endedAt: null,
  fromLine: null,
  toLine: null,
  bound: null,
  ...over,
})
const ended = [
  check({ state: 'failed', exitCode: 1, startedAt: at, endedAt: at, fromLine: 1, toLine: 2 }),
  check({ name: 'test:run', state: 'passed', exitCode: 0, startedAt: at, endedAt: at, fromLine: 3, toLine: 4 }),
]

describe('checks of code', () => {
  let dir: string
  let store: ReturnType<typeof openSqliteStore>
  let keeper: ReturnType<typeof startCodeKeeper>
  let deps: CodeDeps
  let known: Partial<AgentRun> | AppError
  let clock = Date.parse(at)
  const rows: string[] = []
  let unknown = ''
  const runOf = (runId: string): AgentRun => {
    if (runId === unknown) throw new Error('no answer that can be read')
    if (known instanceof Error) throw known
    return {
      runId,
      scriptId: 'code-check',
      serviceId: 'code.quality',
      state: 'running',
      reason: '',
      scriptSha256: null,
      user: 'nobody',
      unit: null,
      queuedAt: at,
      startedAt: at,
      endedAt: null,
      exitCode: null,
      signal: null,
      deadlineAt: null,
      timeoutSec: 1_200,
      steps: [],
      lines: 4,
      bytes: 100,
      cut: false,
      firstErrorLine: null,
      code: null,
      cancelledBy: null,
      position: null,
      checks: null,
      ...known,
    }
  }
  const agent = {
    startChecks: async ({ runId }: { runId: string }) => runOf(runId),
    getRun: async (runId: string) => runOf(runId),
    cancelRun: async ({ runId }: { runId: string }) => runOf(runId),
    runLog: async ({ after = 0, limit = 1 }) =>
      (async function* () {
        for (const [index, text] of output.entries())
          if (index + 1 > after && index + 1 <= after + limit) yield { seq: index + 1, at, stream: 'out', text } as const
        yield { next: output.length }
      })(),
  } as unknown as HostAgent

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'code-keeper-'))
    store = openSqliteStore(join(dir, 'store.db'))
    rows.length = 0
    known = {}
    unknown = ''
    clock = Date.parse(at)
    const book = createCodeRunBook(store.collection<CodeRunDoc>(collections.codeRuns), () => undefined)
    const now = () => {
      clock += 1
      return new Date(clock)
    }
    keeper = startCodeKeeper({
      book,
      agent,
      serviceAsk: () => ({ as: 'service', requestId: 'system' }),
      ended: async ({ state }) => void rows.push(state),
      now,
      log: () => undefined,
    })
    deps = { book, agent, askAs: () => ({ as: 'service', requestId: 'r1' }), poke: keeper.poke, now }
  })
  afterEach(async () => {
    await keeper.stop()
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const begin = (project = '/opt/one') => runCodeChecks(deps, ctx, { projectPath: project, checks: ['lint', 'test:run'] })
  const settled = (id: string) =>
    vi.waitFor(
      async () => {
        const run = CodeRun.parse(await getCodeRun(deps, id))
        expect(run.endedAt).not.toBeNull()
        return run
      },
      { timeout: 20_000, interval: 50 },
    )

  it('end as their processes did, with what their own lines say', async () => {
    const { id, state } = await begin()
    expect(state).toBe('running')
    known = { state: 'exited', exitCode: 1, endedAt: at, checks: ended }
    keeper.poke()
    const run = await settled(id)
    expect([run.state, run.outcome]).toEqual(['failed', 'lint failed.'])
    expect(run.checks.map(({ name, state: one, counts }) => [name, one, counts?.errors, counts?.warnings, counts?.testsPassed])).toEqual([
      ['lint', 'failed', 1, 4, null],
      ['test:run', 'passed', null, null, 7],
    ])
    await vi.waitFor(() => expect(rows).toEqual(['failed']))
    const { items, trends } = await listCodeRuns(deps, {})
    expect([items.length, trends]).toEqual([
      1,
      [{ projectPath: '/opt/one', runs: [expect.objectContaining({ id, state: 'failed', warnings: 4 })] }],
    ])
    expect((await listCodeRuns(deps, { project: '/opt/other' })).items).toEqual([])
    await expect(cancelCodeRun(deps, ctx, id, 'too late')).rejects.toMatchObject({ code: 'RUN_ENDED' })
  })

  it('are told to have reached their memory, where the agent saw that', async () => {
    const { id } = await begin()
    const [first, second] = ended
    if (!first || !second) throw new Error('two checks')
    known = { state: 'exited', exitCode: 1, endedAt: at, checks: [{ ...first, bound: 'memory' }, second] }
    keeper.poke()
    const run = await settled(id)
    expect(run.outcome).toBe('lint failed. lint reached the memory that checks may take.')
    expect(run.checks.map(({ bound }) => bound)).toEqual(['memory', null])
  })

  it('are told by the status of the process, whatever the output claims', async () => {
    const { id } = await begin()
    known = { state: 'exited', exitCode: 0, endedAt: at, checks: ended.map((one) => ({ ...one, state: 'failed' as const, exitCode: 1 })) }
    keeper.poke()
    expect((await settled(id)).checks.map(({ state }) => state)).toEqual(['failed', 'failed'])
  })

  it('leave nothing behind where they were refused', async () => {
    known = new AppError('CODE_PROJECT_REFUSED', 403, 'No.')
    await expect(begin()).rejects.toMatchObject({ code: 'CODE_PROJECT_REFUSED' })
    expect((await listCodeRuns(deps, {})).items).toEqual([])
  })

  it('are told to be interrupted when the agent knows them no more, and never taken when it never did', async () => {
    const { id } = await begin()
    known = new AppError('RUN_NOT_FOUND', 404, 'No.')
    keeper.poke()
    expect((await settled(id)).state).toBe('interrupted')
    known = new AppError('HOST_AGENT_AWAY', 503, 'away')
    await expect(begin('/opt/lost')).rejects.toMatchObject({ code: 'HOST_AGENT_AWAY' })
    const [lost] = (await listCodeRuns(deps, { project: '/opt/lost' })).items
    expect(lost?.state).toBe('queued')
    known = new AppError('RUN_NOT_FOUND', 404, 'No.')
    clock += 60_000
    keeper.poke()
    expect(await settled(String(lost?.id))).toMatchObject({ state: 'failed', outcome: expect.stringContaining('never took') })
  })

  it('are looked at each, though one of them cannot be', async () => {
    const first = await begin()
    const second = await begin('/opt/two')
    for (const lost of [first, second]) {
      unknown = lost.id
      known = { state: 'exited', exitCode: 1, endedAt: at, checks: ended }
      keeper.poke()
      const other = lost === first ? second : first
      expect((await settled(other.id)).state).toBe('failed')
    }
  })
})
