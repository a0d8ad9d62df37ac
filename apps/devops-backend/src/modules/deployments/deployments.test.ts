import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import { openSqliteStore } from '@console/store/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HostAgent, RunLogEvent } from '../../clients/host-agent.ts'
import { collections } from '../../collections.ts'
import type { RunDoc, ServiceDoc } from '../../documents.ts'
import { cancelDeployment, type DeploymentDeps, listDeployments, listLines, streamLines, triggerDeployment } from './deployments.ts'
import { createRunBook, type RunBook } from './run-book.ts'
import { anAgentRun, aRun } from './runs.fake.ts'

const ctx = {
  actor: { kind: 'person', id: 'u1', name: 'One', role: 'operator', sid: 's1', byCookie: true, accessToken: 'token' },
  requestId: 'r1',
  signal: new AbortController().signal,
} as unknown as Context
const awayOf = (cause: unknown) => new AppError('HOST_AGENT_AWAY', 503, 'Away.', { cause })
const withCode = (code: string) => Object.assign(new Error(code), { code })

describe('deployments', () => {
  let store: ReturnType<typeof openSqliteStore>
  let book: RunBook
  let deps: DeploymentDeps
  let startRun: HostAgent['startRun']
  let log: HostAgent['runLog']
  let service: Partial<ServiceDoc>
  const ended: string[] = []
  const refused = { at: '2026-03-01T12:00:00.000Z', serviceId: 'web', actor: { kind: 'person', id: 'u1', name: 'One' }, code: 'X' } as const
  const trigger = () => triggerDeployment(deps, ctx, 'web', { reason: 'to see it' })
  const states = async () => (await book.list({ limit: 10 })).items.map(({ state }) => state)

  beforeEach(() => {
    store = openSqliteStore(':memory:')
    book = createRunBook(store.collection<RunDoc>(collections.runs), () => undefined)
    service = { name: 'Web', scriptId: 'deploy', onBusy: 'refuse', verifyWindowSec: 5, checks: [] }
    startRun = async ({ runId }) => anAgentRun({ runId })
    log = async () => (async function* () {})()
    ended.length = 0
    deps = {
      book,
      agent: {
        startRun: (...asked: Parameters<typeof startRun>) => startRun(...asked),
        runLog: (...asked: Parameters<typeof log>) => log(...asked),
        cancelRun: async ({ runId }: { runId: string }) => anAgentRun({ runId }),
      } as unknown as HostAgent,
      askAs: () => ({ as: { accessToken: 'token' }, requestId: 'r1' }),
      serviceOf: async () => service as ServiceDoc,
      variablesOf: async () => ({ values: { COLOUR: 'red', KEY: 'hidden' }, secretNames: ['KEY'] }),
      refusedOf: async () => [{ ...refused, requestId: 'r1' }],
      poke: () => undefined,
      ended: async (run) => void ended.push(`${run.id} ${run.state}`),
      now: () => new Date('2026-03-01T12:00:00Z'),
    }
  })
  afterEach(() => store.close())

  it('become runs when the agent has taken them, with the names of their variables and never the values', async () => {
    const run = await trigger()
    expect(run).toMatchObject({ number: 1, state: 'running', actor: { id: 'u1' }, variableNames: ['COLOUR', 'KEY'] })
    expect(JSON.stringify(await book.get(run.id))).not.toContain('hidden')
    expect(book.asking.size).toBe(0)
  })

  it.each(['ECONNREFUSED', 'ENOENT', 'UND_ERR_CONNECT_TIMEOUT'])(
    'leave no run behind when the agent was never reached: %s',
    async (code) => {
      startRun = async () => {
        expect(await states()).toEqual(['queued'])
        throw awayOf(withCode(code))
      }
      await expect(trigger()).rejects.toMatchObject({ code: 'HOST_AGENT_AWAY' })
      expect(await states()).toEqual([])
      expect((await listDeployments(deps, {})).refused).toHaveLength(1)
    },
  )

  it('leave no run behind when the agent refused it, or could not write that it took it', async () => {
    for (const error of [new AppError('SCRIPT_CHANGED', 409, 'Changed.'), new AppError('AUDIT_UNAVAILABLE', 503, 'Full.')]) {
      startRun = async () => Promise.reject(error)
      await expect(trigger()).rejects.toBe(error)
    }
    expect(await states()).toEqual([])
  })

  it('stay in the history when the answer was lost, told once: as a run, and not as a refusal as well', async () => {
    startRun = async () => Promise.reject(awayOf(withCode('UND_ERR_SOCKET')))
    await expect(trigger()).rejects.toMatchObject({ code: 'HOST_AGENT_AWAY' })
    expect(await states()).toEqual(['queued'])
    expect((await listDeployments(deps, {})).refused).toEqual([])
  })

  it('are refused while the checks of the one before are watched, unless the service queues', async () => {
    await book.insert(aRun({ id: 'before', state: 'verifying', admitted: true }))
    await expect(trigger()).rejects.toMatchObject({ code: 'RUN_BUSY' })
    service.onBusy = 'queue'
    expect((await trigger()).number).toBe(2)
  })

  it('need a script', async () => {
    service.scriptId = null
    await expect(trigger()).rejects.toMatchObject({ code: 'SERVICE_NO_SCRIPT', status: 409 })
  })

  it('are cancelled here where only the checks are waited for, and no more when they have ended', async () => {
    await book.insert(aRun({ id: 'a', state: 'verifying', admitted: true }))
    expect(await cancelDeployment(deps, ctx, 'a', 'enough')).toMatchObject({ state: 'cancelled', cancelledBy: 'One' })
    expect(ended).toEqual(['a cancelled'])
    await expect(cancelDeployment(deps, ctx, 'a', 'again')).rejects.toMatchObject({ code: 'RUN_ENDED' })
    await expect(cancelDeployment(deps, ctx, 'none', 'x')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND', status: 404 })
  })

  describe('have output that', () => {
    const line = (seq: number): RunLogEvent => ({ seq, at: '2026-03-01T12:00:00.000Z', stream: 'out', text: `line ${seq}` })
    const chk = [{ at: '2026-03-01T12:00:05.000Z', text: 'TCP 1: connected, 1 of 1' }]

    it('is refused before the stream begins when the agent is away or the run unknown', async () => {
      await book.insert(aRun({ id: 'a' }))
      log = async () => Promise.reject(awayOf(withCode('ENOENT')))
      await expect(streamLines(deps, ctx, 'a', 0)).rejects.toMatchObject({ code: 'HOST_AGENT_AWAY' })
      await expect(streamLines(deps, ctx, 'none', 0)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
    })

    it('goes on after a line, ends with the checks, and names the line to go on from', async () => {
      await book.insert(aRun({ id: 'a', state: 'succeeded', open: false, lines: 3, chk }))
      log = async ({ after = 0 }) =>
        (async function* () {
          for (const seq of [1, 2, 3]) if (seq > after) yield line(seq)
          yield { ended: 'exited' }
        })()
      const events = []
      for await (const event of await streamLines(deps, ctx, 'a', 1)) events.push(event)
      const lines = events.flatMap((event) =>
        event.event === 'lines' ? event.data.items.map(({ seq, stream }) => `${seq} ${stream}`) : [],
      )
      expect(lines).toEqual(['2 out', '3 out', '4 chk'])
      expect(events.findLast(({ event }) => event === 'lines')?.id).toBe('4')
      expect(events.at(-1)).toEqual({ event: 'ended', data: { state: 'succeeded' } })
    })

    it('comes page by page, checks last', async () => {
      await book.insert(aRun({ id: 'a', state: 'succeeded', open: false, lines: 2, chk }))
      log = async ({ after = 0, limit = 10 }) =>
        (async function* () {
          for (const seq of [1, 2].filter((one) => one > after).slice(0, limit)) yield line(seq)
        })()
      expect(await listLines(deps, ctx, 'a', { limit: 1 })).toMatchObject({ items: [{ seq: 1 }], next: 1, ended: true })
      expect(await listLines(deps, ctx, 'a', { after: 1 })).toMatchObject({ items: [{ seq: 2 }, { seq: 3, stream: 'chk' }], next: 3 })
    })
  })
})
