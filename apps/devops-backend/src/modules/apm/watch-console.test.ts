import { Apm, type ServiceFigures, stepSeconds } from '@console/contracts/apm/schemas'
import { afterEach, describe, expect, it } from 'vitest'
import { type ConsoleWatch, type Latency, watchConsole } from './watch-console.ts'

const minute = 60_000
const never = 3_600_000

describe('the watch over the console itself', () => {
  const start = Date.parse('2026-03-01T00:00:00Z')
  let clock = start
  let watch: ConsoleWatch
  const kept: Latency[] = []
  const said: string[] = []
  const toldBy = (startedAtMs: number, counts: Record<string, number>, cpuSec = 1): ServiceFigures => ({
    startedAtMs,
    process: { upSec: 1, cpuSec, memoryBytes: 50, heapBytes: 20, lagMs: { p50: 0, p99: 1, max: 2 } },
    actions: Object.entries(counts).map(([action, done]) => ({
      action,
      done,
      refused: 0,
      failed: 0,
      steps: [...stepSeconds, 0].map((_, at) => (at === 3 ? done : 0)),
    })),
  })
  let own = toldBy(1, {})
  let other: ServiceFigures | Error = toldBy(2, {})
  let daemon: ServiceFigures | Error = toldBy(3, {})
  const begin = async (withDaemon = true) => {
    clock = start
    kept.length = 0
    said.length = 0
    watch = watchConsole({
      services: [
        {
          service: 'devops-backend',
          figures: async () => own,
          text: async () => '# HELP a_total A.\n# TYPE a_total counter\na_total{service="devops-backend"} 1\n',
        },
        {
          service: 'platform-service',
          figures: async () => {
            if (other instanceof Error) throw other
            return other
          },
          text: async () => {
            if (other instanceof Error) throw other
            return '# HELP a_total A.\n# TYPE a_total counter\na_total{service="platform-service"} 2\n# HELP b_bytes B.\n# TYPE b_bytes gauge\nb_bytes 3\n'
          },
        },
      ],
      daemons: (withDaemon ? (['host-agent'] as const) : []).map((service) => ({
        service,
        figures: async () => {
          if (daemon instanceof Error) throw daemon
          return { startedAtMs: daemon.startedAtMs, process: daemon.process }
        },
      })),
      keep: (_, latency) => kept.push(latency),
      now: () => clock,
      log: (message) => said.push(message),
      everyMs: never,
    })
    await watch.tick()
  }
  const after = async (ms: number) => {
    clock += ms
    await watch.tick()
  }
  const told = async (window: '5m' | '15m' | '1h' = '1h') => Apm.parse(await watch.figures(window))
  const requestsOf = ({ actions }: Apm) => Object.fromEntries(actions.map(({ action, requests }) => [action, requests]))
  afterEach(() => watch.stop())

  it('tells exactly what was asked for since it looks, by action and by minute', async () => {
    own = toldBy(1, {})
    other = toldBy(2, { 'auth.session.get': 900 })
    await begin()
    own = toldBy(1, { 'services.service.list': 20 }, 7)
    other = toldBy(2, { 'auth.session.get': 910 })
    await after(minute)
    own = toldBy(1, { 'services.service.list': 50, 'apm.figures.get': 10 }, 13)
    await after(minute)
    const apm = await told()
    // What platform-service had counted before is of no window of ours.
    expect(requestsOf(apm)).toEqual({ 'services.service.list': 50, 'apm.figures.get': 10, 'auth.session.get': 10 })
    expect([apm.coveredSec, apm.total.requests, apm.total.perMinute]).toEqual([120, 70, 35])
    expect(apm.total).toMatchObject({ p50Ms: 7.5, p95Ms: 9.75, p99Ms: 9.95 })
    expect(apm.processes).toMatchObject([
      { service: 'devops-backend', cores: 0.1, memoryBytes: 50, lagMs: { max: 2 } },
      { service: 'platform-service', cores: 0 },
      { service: 'host-agent', cores: 0, memoryBytes: 50, lagMs: { p99: 1 } },
    ])
    expect(kept).toEqual([
      { p50: 7.5, p95: 9.75, p99: 9.95 },
      { p50: 7.5, p95: 9.75, p99: 9.95 },
    ])
  })

  it('tells what a daemon uses, in both forms, and that it is unknown while the daemon is away', async () => {
    own = toldBy(1, {})
    other = toldBy(2, {})
    daemon = toldBy(3, {}, 4)
    await begin()
    daemon = toldBy(3, {}, 10)
    await after(minute)
    const textNow = async () => (await Array.fromAsync(watch.metrics())).join('')
    expect((await told()).processes.at(-1)).toMatchObject({ service: 'host-agent', cores: 0.1, heapBytes: 20 })
    const text = await textNow()
    for (const line of [
      'process_cpu_seconds_total{service="host-agent"} 10',
      'nodejs_eventloop_lag_p99_seconds{service="host-agent"} 0.001',
    ])
      expect(text).toContain(line)
    daemon = new Error('host-agent does not answer.')
    await after(minute)
    expect((await told()).processes.at(-1)).toEqual({ service: 'host-agent', unknown: 'host-agent does not answer.' })
    expect(await textNow()).toContain('console_service_up{service="host-agent"} 0')
    expect(said).toEqual(['host-agent does not tell its figures'])
    daemon = toldBy(3, {})
  })

  it('forgets what is over the window', async () => {
    own = toldBy(1, {})
    other = toldBy(2, {})
    await begin()
    own = toldBy(1, { 'services.service.list': 20 })
    await after(minute)
    await after(10 * minute)
    own = toldBy(1, { 'services.service.list': 23 })
    await after(minute)
    expect(requestsOf(await told('5m'))).toEqual({ 'services.service.list': 3 })
    expect(requestsOf(await told('15m'))).toEqual({ 'services.service.list': 23 })
    await after(61 * minute)
    expect(requestsOf(await told('1h'))).toEqual({})
  })

  it('says of a service that starts beside this one that it is away when it is so twice, and once', async () => {
    other = new Error('connect ECONNREFUSED')
    await begin()
    expect(said).toEqual([])
    for (let n = 0; n < 3; n += 1) await after(10_000)
    expect(said).toEqual(['platform-service does not tell its figures'])
    other = toldBy(2, {})
  })

  it('counts from nothing after a start of the other, and catches up after it was away', async () => {
    own = toldBy(1, {})
    other = toldBy(2, { 'auth.session.get': 5 })
    await begin()
    other = new Error('platform-service does not answer')
    await after(minute)
    await after(minute)
    expect(said).toEqual(['platform-service does not tell its figures'])
    expect((await told()).processes[1]).toEqual({ service: 'platform-service', unknown: 'platform-service does not answer' })
    other = toldBy(2, { 'auth.session.get': 9 })
    await after(minute)
    expect(requestsOf(await told())).toEqual({ 'auth.session.get': 4 })
    other = toldBy(3, { 'auth.session.get': 2 })
    await after(minute)
    expect(requestsOf(await told())).toEqual({ 'auth.session.get': 6 })
  })

  it('gives both texts as one, each name with one head, and says who is away', async () => {
    own = toldBy(1, {})
    other = toldBy(2, {})
    await begin(false)
    const text = async () => {
      let all = ''
      for await (const part of watch.metrics()) all += part
      return all
    }
    expect(await text()).toBe(
      [
        '# HELP a_total A.\n# TYPE a_total counter\na_total{service="devops-backend"} 1\na_total{service="platform-service"} 2\n',
        '# HELP b_bytes B.\n# TYPE b_bytes gauge\nb_bytes 3\n',
        '# HELP console_service_up Whether the service told what it measured.\n# TYPE console_service_up gauge',
        'console_service_up{service="devops-backend"} 1',
        'console_service_up{service="platform-service"} 1\n',
      ].join('\n'),
    )
    other = new Error('away')
    expect(await text()).toContain('console_service_up{service="platform-service"} 0')
  })
})
