import { openSqliteStore } from '@console/store/sqlite'
import { until } from '@console/testkit/daemon-harness'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AgentRun, HostAgent } from '../../clients/host-agent.ts'
import { collections } from '../../collections.ts'
import type { RunDoc, ServiceDoc } from '../../documents.ts'
import type { Rounds } from '../../rounds.ts'
import { createRunBook, type RunBook } from './run-book.ts'
import { startRunKeeper } from './run-keeper.ts'
import { anAgentRun, aRun } from './runs.fake.ts'

const check = { id: 'c1', kind: 'tcp', host: '127.0.0.1', port: 1, intervalSec: 5, timeoutMs: 100, downAfter: 1, upAfter: 1 } as const

const checks = [{ checkId: 'c1', label: 'TCP 1', hits: 0, needed: 1, lastNote: null }]

describe('the run keeper', () => {
  let store: ReturnType<typeof openSqliteStore>
  let book: RunBook
  let keeper: Rounds
  let known: Map<string, AgentRun>
  let away: boolean
  let healthy: boolean | 'throws'
  let nowMs: number
  let row: number
  let longest: number
  let roles: Map<string, 'viewer' | 'operator' | 'admin'>
  const cancelled: string[] = []
  const ended: string[] = []
  const said: string[] = []
  const stateOf = async (id: string) => (await book.get(id))?.doc.state
  const start = () => {
    const agent = {
      listRuns: async () => {
        if (away) throw Object.assign(new Error('away'), { code: 'HOST_AGENT_AWAY' })
        return [...known.values()].filter(({ state }) => state === 'queued' || state === 'running')
      },
      getRun: async (id: string) => {
        const run = known.get(id)
        if (!run) throw Object.assign(new Error('unknown'), { code: 'RUN_NOT_FOUND' })
        return run
      },
      cancelRun: async ({ runId, reason }: { runId: string; reason: string }) => {
        cancelled.push(`${runId}: ${reason}`)
        known.set(runId, anAgentRun({ runId, state: 'cancelled', endedAt: '2026-03-01T12:00:09.000Z' }))
      },
    } as unknown as HostAgent
    keeper = startRunKeeper({
      book,
      agent,
      serviceAsk: () => ({ as: 'service', requestId: 'test' }),
      serviceOf: async () => ({ checks: [check], verifyWindowSec: 30 }) as unknown as ServiceDoc,
      measureNow: async () => {
        if (healthy === 'throws') throw new Error('no room')
        row = healthy ? row + 1 : 0
        return new Map([['c1', { ok: healthy, note: healthy ? 'connected' : 'refused', row: Math.min(row, longest) }]])
      },
      rolesOf: async (ids) => new Map(ids.map((id) => [id, roles.get(id) ?? null])),
      labelOf: () => 'TCP 1',
      ended: async (run) => void ended.push(`${run.id} ${run.state}`),
      now: () => new Date(nowMs),
      log: (message) => said.push(message),
    })
  }
  const insert = (over: Partial<RunDoc>) => book.insert(aRun(over))

  beforeEach(() => {
    store = openSqliteStore(':memory:')
    book = createRunBook(store.collection<RunDoc>(collections.runs), () => undefined)
    known = new Map()
    away = false
    healthy = false
    row = 0
    longest = 20
    roles = new Map([['u1', 'operator']])
    cancelled.length = 0
    nowMs = Date.parse('2026-03-01T12:00:10Z')
    ended.length = 0
    said.length = 0
  })
  afterEach(async () => {
    await keeper.stop()
    await store.close()
  })

  it('takes over what ended while nobody looked, and verifies it', async () => {
    await insert({ id: 'a', state: 'running', admitted: true })
    known.set('a', anAgentRun({ runId: 'a', state: 'exited', exitCode: 0, endedAt: '2026-03-01T12:00:05.000Z' }))
    healthy = true
    start()
    await until('it succeeded', async () => (await stateOf('a')) === 'succeeded')
    expect(ended).toEqual(['a succeeded'])
    expect((await book.get('a'))?.doc).toMatchObject({ verified: true, chk: [{ text: 'TCP 1: connected, 1 of 1' }] })
  })

  it('leaves everything as it is while the agent is away', async () => {
    await insert({ id: 'a', state: 'running', admitted: true })
    away = true
    start()
    await until('it looked', () => said.includes('open runs could not be looked at'))
    expect(await stateOf('a')).toBe('running')
    away = false
    known.set('a', anAgentRun({ runId: 'a', state: 'cancelled', endedAt: '2026-03-01T12:00:09.000Z' }))
    keeper.poke()
    await until('it is cancelled', async () => (await stateOf('a')) === 'cancelled')
  })

  it('gives up a run that the agent never took after 6 s, and one that it took and lost at once', async () => {
    await insert({ id: 'asked', queuedAt: '2026-03-01T12:00:05.000Z' })
    await insert({ id: 'lost', state: 'running', admitted: true })
    start()
    await until('the lost one is given up', async () => (await stateOf('lost')) === 'interrupted')
    expect(await stateOf('asked')).toBe('queued')
    nowMs += 1_000
    keeper.poke()
    await until('the other is given up', async () => (await stateOf('asked')) === 'failed')
    expect((await book.get('asked'))?.doc).toMatchObject({
      outcome: 'The host-agent never took this run. Nothing was started.',
      open: false,
    })
    expect(ended).toEqual(['lost interrupted', 'asked failed'])
  })

  it('gives up nothing that the agent is being asked for', async () => {
    await insert({ id: 'asked', queuedAt: '2026-03-01T12:00:00.000Z' })
    await insert({ id: 'lost', state: 'running', admitted: true })
    book.asking.add('asked')
    start()
    await until('it has looked', async () => (await stateOf('lost')) === 'interrupted')
    expect(await stateOf('asked')).toBe('queued')
    book.asking.delete('asked')
    keeper.poke()
    await until('it is given up', async () => (await stateOf('asked')) === 'failed')
  })

  it.each([
    {
      what: 'it knows nothing of the run',
      agent: null,
      state: 'failed',
      outcome: 'The host-agent never took this run. Nothing was started.',
    },
    { what: 'it runs', agent: anAgentRun({ runId: 'a' }), state: 'running', outcome: null },
  ])('says that nobody can say whether a run was taken while the agent is away, and then what is true: $what', async (then) => {
    await insert({ id: 'a', queuedAt: '2026-03-01T12:00:04.000Z' })
    away = true
    start()
    await until('it is told', async () => (await stateOf('a')) === 'interrupted')
    expect((await book.get('a'))?.doc.outcome).toContain('nobody can say whether it was started')
    away = false
    if (then.agent) known.set('a', then.agent)
    keeper.poke()
    await until('the agent has answered', async () => (await stateOf('a')) === then.state)
    expect((await book.get('a'))?.doc).toMatchObject({
      outcome: then.outcome,
      open: then.agent !== null,
      endedAt: then.agent ? null : expect.any(String),
    })
  })

  it('ends a run that is being verified when a newer one of its service begins, and no other', async () => {
    const window = { state: 'verifying', admitted: true, verifyUntil: '2026-03-01T13:00:00.000Z', checks } as const
    await insert({ id: 'old', ...window })
    await insert({ id: 'other', serviceId: 'api', ...window })
    await insert({ id: 'new', state: 'running', admitted: true })
    known.set('new', anAgentRun({ runId: 'new' }))
    start()
    await until('it is ended', async () => (await stateOf('old')) === 'interrupted')
    expect((await book.get('old'))?.doc.outcome).toBe('Run #3 of web began before the health checks of this one had passed.')
    expect([await stateOf('other'), await stateOf('new')]).toEqual(['verifying', 'running'])
  })

  it('cancels what waits for a person who may no longer deploy, and nothing else', async () => {
    const by = (id: string) => ({ kind: 'person' as const, id, name: id })
    for (const [id, actor] of [
      ['mine', 'u1'],
      ['lowered', 'u2'],
      ['disabled', 'u3'],
    ] as const) {
      await insert({ id, admitted: true, actor: by(actor) })
      known.set(id, anAgentRun({ runId: id, state: 'queued', startedAt: null }))
    }
    await insert({ id: 'running', state: 'running', admitted: true, actor: by('u3') })
    known.set('running', anAgentRun({ runId: 'running' }))
    roles.set('u2', 'viewer')
    start()
    await until('both are cancelled', async () => (await stateOf('lowered')) === 'cancelled' && (await stateOf('disabled')) === 'cancelled')
    expect(cancelled).toHaveLength(2)
    expect([await stateOf('mine'), await stateOf('running')]).toEqual(['queued', 'running'])
  })

  it('counts no more passes than the health watch has seen in a row, and none from before the run', async () => {
    const needed = checks.map((one) => ({ ...one, needed: 2 }))
    await insert({ id: 'a', state: 'verifying', admitted: true, verifyUntil: '2026-03-01T12:00:11.000Z', checks: needed })
    healthy = true
    row = 7
    longest = 1
    start()
    const hits = async () => (await book.get('a'))?.doc.checks[0]?.hits
    await until('it passed once', async () => (await hits()) === 1)
    nowMs += 2_000
    await until('it is over', async () => (await stateOf('a')) === 'failed')
    expect(await hits()).toBe(1)
  })

  it('survives a check that throws, and tries again', async () => {
    await insert({ id: 'a', state: 'verifying', admitted: true, verifyUntil: '2026-03-01T13:00:00.000Z', checks })
    healthy = 'throws'
    start()
    await until('it said so', () => said.some((line) => line.startsWith('run a could not be verified')))
    healthy = true
    await until('it succeeded', async () => (await stateOf('a')) === 'succeeded')
  })
})

describe('the run book', () => {
  it('removes old runs, oldest first, but none that is open and never the newest', async () => {
    const store = openSqliteStore(':memory:')
    const book = createRunBook(store.collection<RunDoc>(collections.runs), () => undefined)
    const day = (n: number) => new Date(Date.UTC(2026, 0, n)).toISOString()
    for (let n = 1; n <= 130; n += 1) {
      const under = n === 5 ? ({ state: 'running', open: true } as const) : ({ state: 'succeeded', open: false, endedAt: day(n) } as const)
      await book.insert(aRun({ id: `run-${n}`, queuedAt: day(n), ...under }))
    }
    expect(await book.removeBefore(Date.parse(day(121)))).toBe(119)
    expect((await book.list({ limit: 200 })).items.map(({ number }) => number)).toEqual([
      130, 129, 128, 127, 126, 125, 124, 123, 122, 121, 5,
    ])
    expect(await book.removeBefore(Date.parse(day(400)))).toBe(9)
    expect((await book.insert(aRun({ id: 'next' }))).number).toBe(131)
    await store.close()
  })
})
