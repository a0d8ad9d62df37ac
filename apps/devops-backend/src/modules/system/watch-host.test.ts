import { AppError } from '@console/http-kit/problem'
import { describe, expect, it, vi } from 'vitest'
import { containersBetween, cpuBetween, networkBetween } from './make-rates.ts'
import { aReading as reading, seconds } from './reading.fake.ts'
import { watchHost } from './watch-host.ts'

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

describe('what went over the network', () => {
  const at = (name: string, kind: string, receivedBytes: number) => ({
    name,
    kind,
    receivedBytes,
    sentBytes: receivedBytes / 2,
    errors: 0,
    dropped: 1,
  })
  const net = (atMs: number, ...items: object[]) => reading({ atMs, network: { items, left: 3 } })

  it('is bytes a second, summed over what leads out of the machine', () => {
    const before = net(1_000, at('eth0', 'physical', 1_000), at('docker0', 'virtual', 0), at('lo', 'loopback', 0))
    const after = net(11_000, at('eth0', 'physical', 21_000), at('docker0', 'virtual', 9_000), at('lo', 'loopback', 50_000))
    expect(networkBetween(before, after)).toMatchObject({ receivedPerSec: 2_000, sentPerSec: 1_000, left: 3 })
  })
  it('is that of the virtual interface where there is no other, and unknown for one that is new or was set back', () => {
    const before = net(1_000, at('eth0', 'virtual', 1_000), at('gone', 'virtual', 5_000))
    const after = net(2_000, at('eth0', 'virtual', 3_000), at('gone', 'virtual', 10), at('new', 'virtual', 9))
    expect(networkBetween(before, after)).toMatchObject({
      receivedPerSec: 2_000,
      items: [{}, { receivedPerSec: null }, { sentPerSec: null }],
    })
    expect(networkBetween(null, after)).toMatchObject({ receivedPerSec: null })
  })
})

describe('what containers use', () => {
  const id = (digit: string): string => digit.repeat(64)
  const use = (digit: string, cpuSec: number | null, memoryBytes: number) => ({
    id: id(digit),
    cpuSec,
    memoryBytes,
    memoryLimitBytes: null,
    readBytes: cpuSec,
    writtenBytes: null,
  })
  const at = (atMs: number, ...items: object[]) => reading({ atMs, containers: { version: 2, items, left: 0 } })

  it('is cores and bytes a second by name, the busiest first, and by id where no name is known', () => {
    const before = at(1_000, use('a', 10, 5), use('b', 10, 5))
    const after = at(11_000, use('a', 15, 6), use('b', 30, 7), use('c', 99, 8))
    const names = new Map([
      [id('a'), 'api'],
      [id('c'), 'cache'],
    ])
    expect(containersBetween(before, after, names)).toMatchObject({
      version: 2,
      items: [
        { name: 'bbbbbbbbbbbb', cores: 2, readPerSec: 2, writtenPerSec: null, memoryBytes: 7 },
        { name: 'api', cores: 0.5 },
        { name: 'cache', cores: null, memoryBytes: 8 },
      ],
    })
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
      names: async () => new Map(),
      keep: () => undefined,
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
    const watch = watchHost({
      measure: () => Promise.reject(new AppError('HOST_AGENT_AWAY', 503, 'away')),
      names: async () => new Map(),
      keep: () => undefined,
      log: () => undefined,
    })
    await expect(watch.now()).rejects.toMatchObject({ code: 'HOST_AGENT_AWAY' })
    await watch.stop()
  })

  it('asks for names when a container is new, keeps the last ones while docker-proxy is away, and goes on when nothing can be kept', async () => {
    let names = 0
    let measured = 0
    const said: string[] = []
    const ids = ['a', 'b'].map((digit) => digit.repeat(64))
    const watch = watchHost({
      measure: async () => {
        measured += 1
        const items = ids
          .slice(0, measured > 1 ? 2 : 1)
          .map((id) => ({ id, cpuSec: 1, memoryBytes: 1, memoryLimitBytes: null, readBytes: 0, writtenBytes: 0 }))
        return reading({ atMs: measured * 1_000, containers: { version: 1, items, left: 0 } })
      },
      names: async () => {
        names += 1
        if (names > 1) throw new Error('away')
        return new Map([[ids[0] ?? '', 'api']])
      },
      keep: () => {
        throw new Error('no space')
      },
      log: (message) => said.push(message),
      everyMs: 5,
    })
    await vi.waitFor(async () => {
      const { containers } = await watch.now()
      expect('items' in containers && containers.items.map(({ name }) => name).sort()).toEqual(['api', 'bbbbbbbbbbbb'])
    }, 15_000)
    expect(names).toBeGreaterThan(1)
    expect(said).toEqual(['what was measured could not be kept'])
    await watch.stop()
  })
})
