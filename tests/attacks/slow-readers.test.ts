import type { ServerResponse } from 'node:http'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { isDeep, reportFigure, rounds } from '@console/testkit/deep'
import { type FakeContainer, frame, idOf } from '@console/testkit/fake-container'
import { peakMiB, residentMiB } from '@console/testkit/process-facts'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { afterAll, beforeAll, expect } from 'vitest'
import { startFollower } from './log-follower.ts'

let rig: ProxyRig
const flood: FakeContainer = { id: idOf('5f'), name: 'flood' }
const withinMs = 60_000

beforeAll(async () => {
  rig = await startProxyRig()
  rig.engine.add(flood)
  await until(
    'the model knows it',
    async () => (await rig.kit.ask('containers.inspect', { container: flood.name }, 'service')).status === 200,
    withinMs,
  )
})
afterAll(() => rig?.stop())

/** An engine that prints numbered lines as fast as they are taken. */
function startFlood() {
  let produced = 0
  let next = 0
  let over = false
  let response: ServerResponse | null = null
  const padding = 'x'.repeat(200)
  const block = (): Buffer => frame(Array.from({ length: 500 }, () => `2026-01-01T00:00:00.000000000Z ${next++} ${padding}\n`).join(''))
  const pour = (): void => {
    while (response && !response.destroyed) {
      if (over) return void response.end()
      const bytes = block()
      produced += bytes.length
      if (!response.write(bytes)) return void response.once('drain', () => setImmediate(pour))
    }
  }
  rig.engine.script((line) =>
    line.includes(`/${flood.id}/logs`)
      ? {
          respond(to) {
            response = to
            to.writeHead(200)
            pour()
          },
        }
      : undefined,
  )
  return {
    get producedMiB() {
      return produced / 1_048_576
    },
    get lines() {
      return next
    },
    stop() {
      over = true
      if (response && !response.writableNeedDrain) pour()
    },
  }
}

const follow = (pace: 'fast' | 'slow') =>
  startFollower(rig.kit.socketPath, rig.call({ verb: 'containers.logs', args: { container: flood.name, follow: true } }), pace)

/** Waits until nothing more is taken of the flood. */
async function stalled(of: ReturnType<typeof startFlood>): Promise<void> {
  let before = -1
  let still = 0
  await until(
    'the engine waits',
    async () => {
      still = of.lines === before && before > 0 ? still + 1 : 0
      before = of.lines
      await new Promise((resolve) => setTimeout(resolve, 200))
      return still >= 5
    },
    withinMs,
  )
}

attackCase(
  'S5',
  'a log that is written faster than anybody reads it',
  async ({ attack, control, row }) => {
    const before = await rig.refusals()
    const pid = rig.program.child.pid ?? 0
    const warm = startFlood()
    const first = follow('fast')
    await until('lines come', () => first.seen.lines > 20_000, withinMs)
    first.leave()
    await until('nobody reads', () => rig.engine.open.follows === 0, withinMs)
    warm.stop()
    const idle = residentMiB(pid)
    await attack('one slow reader alone makes the engine wait, and nothing piles up', async () => {
      const pouring = startFlood()
      const slow = follow('slow')
      await stalled(pouring)
      expect(pouring.producedMiB).toBeLessThan(64)
      pouring.stop()
      slow.hurry()
      await until('it has come to the end', () => slow.seen.ended === 'ended', withinMs)
      expect(slow.seen.wrong).toBe(0)
      expect(slow.seen.lines + slow.seen.skipped).toBe(pouring.lines)
      slow.leave()
    })
    await attack('beside a fast one, it loses lines and is told how many; the fast one loses none and never waits for it', async () => {
      const pouring = startFlood()
      const fast = follow('fast')
      await until('the fast one reads', () => fast.seen.lines > 0, withinMs)
      const slow = follow('slow')
      const began = performance.now()
      const start = fast.seen.lines
      await until('the fast one has read a lot', () => fast.seen.lines - start > rounds({ test: 100_000, deep: 5_000_000 }), 600_000)
      reportFigure(
        'lines a second of one who reads beside a stalled one',
        Math.round(((fast.seen.lines - start) / (performance.now() - began)) * 1_000),
      )
      expect([fast.seen.wrong, fast.seen.skipped]).toEqual([0, 0])
      pouring.stop()
      slow.hurry()
      await until('both have come to the end', () => slow.seen.ended === 'ended' && fast.seen.ended === 'ended', withinMs)
      expect([fast.seen.wrong, slow.seen.wrong]).toEqual([0, 0])
      expect(slow.seen.skipped).toBeGreaterThan(10_000)
      expect(fast.seen.lines).toBe(pouring.lines)
      for (const one of [fast, slow]) one.leave()
    })
    await control('memory is what it was', async () => {
      const grown = Math.round(Math.max(peakMiB(pid), residentMiB(pid)) - idle)
      reportFigure('memory that a flood of lines took, MiB', grown)
      expect(grown).toBeLessThan(isDeep ? 32 : 64)
    })
    await row('nothing was refused', async () => expect(await rig.refusals()).toBe(before))
  },
  isDeep ? 900_000 : 120_000,
)
