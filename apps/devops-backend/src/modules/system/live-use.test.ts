import { LiveUse } from '@console/contracts/system/schemas'
import { AppError } from '@console/http-kit/problem'
import { describe, expect, it } from 'vitest'
import { type ContainerReading, ContainerReading as Reading } from '../../clients/host-reading.ts'
import { lookLive } from './live-use.ts'
import { aReading } from './reading.fake.ts'

const id = 'a'.repeat(64)
const containersAt = (atMs: number, cpuSec: number): ContainerReading =>
  Reading.parse({
    at: new Date(Date.parse('2026-03-01T10:00:00Z') + atMs).toISOString(),
    atMs,
    containers: {
      version: 2,
      items: [{ id, cpuSec, memoryBytes: 2_000, memoryLimitBytes: null, readBytes: 0, writtenBytes: 0 }],
      left: 0,
    },
  })
const memory = { totalBytes: 8_000, availableBytes: 1, usedBytes: 1, cacheBytes: 1, swapTotalBytes: 0, swapUsedBytes: 0 }

function rig(readings: readonly (ContainerReading | Error)[]) {
  let clock = 100_000
  let asked = 0
  const live = lookLive({
    measure: async () => {
      const reading = readings[asked]
      asked += 1
      if (!reading || reading instanceof Error) throw reading ?? new Error('asked too often')
      return reading
    },
    watched: () => aReading({ ...containersAt(1_000, 10), memory }),
    monotonic: () => clock,
  })
  const coresNow = async () => {
    const { containers } = LiveUse.parse(await live.now())
    return 'items' in containers ? containers.items[0]?.cores : containers
  }
  return { live, coresNow, asked: () => asked, wait: (ms: number) => (clock += ms) }
}

describe('the live look at containers', () => {
  it('has rates at once, against the last look of the watch, then against its own', async () => {
    const { coresNow, wait, live } = rig([containersAt(5_000, 12), containersAt(7_000, 13)])
    expect(await coresNow()).toBe(0.5)
    wait(2_000)
    expect(await coresNow()).toBe(0.5)
    expect(await live.now()).toMatchObject({ freshness: 'live', everySec: 2, memoryTotalBytes: 8_000 })
  })

  it('measures once for all who ask within two seconds, and never by itself', async () => {
    const { live, asked, wait } = rig([containersAt(5_000, 12), containersAt(7_000, 13)])
    await Promise.all(Array.from({ length: 40 }, () => live.now()))
    wait(1_700)
    await live.now()
    expect(asked()).toBe(1)
    wait(3_600_000)
    expect(asked()).toBe(1)
    await live.now()
    expect(asked()).toBe(2)
  })

  it('tells no rate where an agent started anew counts from the beginning', async () => {
    const { coresNow, wait } = rig([containersAt(5_000, 12), containersAt(900, 13)])
    expect(await coresNow()).toBe(0.5)
    wait(2_000)
    expect(await coresNow()).toBeNull()
  })

  it('keeps what was known while the agent is away, and says that it never measured', async () => {
    const away = new AppError('HOST_AGENT_AWAY', 503, 'host-agent does not answer.')
    const { live, wait } = rig([away, containersAt(5_000, 12), away])
    await expect(live.now()).rejects.toMatchObject({ code: 'HOST_AGENT_AWAY' })
    wait(2_000)
    expect((await live.now()).freshness).toBe('live')
    wait(2_000)
    expect(await live.now()).toMatchObject({ freshness: 'stale', trouble: 'host-agent does not answer.', asOf: '2026-03-01T10:00:05.000Z' })
  })
})
