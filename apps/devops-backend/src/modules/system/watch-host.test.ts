import { AppError } from '@console/http-kit/problem'
import { describe, expect, it, vi } from 'vitest'
import { HostReading } from '../../clients/host-reading.ts'
import { cpuBetween } from './make-rates.ts'
import { watchHost } from './watch-host.ts'

const stall = { avg10: 0, avg60: 0, avg300: 0, totalSec: 0 }
const seconds = { user: 10, nice: 0, system: 5, idle: 100, iowait: 2, irq: 0, softirq: 0, steal: 0 }
const reading = (change: object = {}): HostReading =>
  HostReading.parse({
    at: '2026-03-01T10:00:00.000Z',
    atMs: 1_000,
    uptime: { seconds: 100 },
    cpu: { cores: 2, seconds },
    load: { one: 1, five: 1, fifteen: 1, runnable: 1, tasks: 9 },
    memory: { unknown: '/proc/meminfo: is not there' },
    limit: { by: 'machine', memoryBytes: null, memoryUsedBytes: null, cpus: null },
    pressure: { cpu: { some: stall, full: null }, memory: { unknown: 'no' }, io: { unknown: 'no' } },
    disks: { items: [], left: 0 },
    ...change,
  })
const cpuOf = (more: Partial<typeof seconds>) => ({ cpu: { cores: 2, seconds: { ...seconds, ...more } } })

describe('what the processors did', () => {
  it('is a share of all of them between two readings', () => {
    const after = reading(cpuOf({ user: 13, system: 6, idle: 115, iowait: 3 }))
    expect(cpuBetween(reading(), after)).toEqual({ cores: 2, busy: 20, user: 15, system: 5, iowait: 5, steal: 0 })
  })
  it('is unknown with one reading, after a restart of the machine, and where the kernel told nothing', () => {
    expect(cpuBetween(null, reading())).toHaveProperty('unknown')
    expect(cpuBetween(reading(), reading(cpuOf({ user: 1, system: 1, idle: 1 })))).toHaveProperty('unknown')
    expect(cpuBetween(reading(), reading({ cpu: { unknown: 'gone' } }))).toEqual({ unknown: 'gone' })
  })
  it('is not disturbed by iowait that steps back', () => {
    expect(cpuBetween(reading(), reading(cpuOf({ idle: 110, iowait: 1.9 })))).toMatchObject({ busy: 0, iowait: 0 })
  })
})

describe('the watch over the host', () => {
  it('measures once for all who look, keeps what was known when the agent goes away, and goes on by itself', async () => {
    let asked = 0
    let away = false
    const said: string[] = []
    const watch = watchHost({
      measure: async () => {
        asked += 1
        if (away) throw new AppError('HOST_AGENT_AWAY', 503, 'host-agent does not answer.')
        return reading({ atMs: asked * 10_000 })
      },
      log: (message) => said.push(message),
      everyMs: 5,
    })
    const all = await Promise.all(Array.from({ length: 20 }, () => watch.now()))
    expect(all.every(({ freshness }) => freshness === 'live')).toBe(true)
    expect(asked).toBeLessThan(5)
    away = true
    await vi.waitFor(
      async () => expect(await watch.now()).toMatchObject({ freshness: 'stale', trouble: 'host-agent does not answer.' }),
      15_000,
    )
    away = false
    await vi.waitFor(async () => expect(await watch.now()).toMatchObject({ freshness: 'live', trouble: null }), 15_000)
    expect(said).toEqual(['the host could not be measured', 'the host is measured again'])
    await watch.stop()
  })

  it('says that the agent is away where it never answered', async () => {
    const watch = watchHost({ measure: () => Promise.reject(new AppError('HOST_AGENT_AWAY', 503, 'away')), log: () => undefined })
    await expect(watch.now()).rejects.toMatchObject({ code: 'HOST_AGENT_AWAY' })
    await watch.stop()
  })
})
