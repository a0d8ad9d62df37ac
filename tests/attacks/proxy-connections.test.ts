import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { isDeep, reportFigure, rounds } from '@console/testkit/deep'
import { forgetPeak, peakMiB, residentMiB } from '@console/testkit/process-facts'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { eventOf } from '@console/testkit/recording-engine'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'

let rig: ProxyRig
beforeAll(async () => {
  // The first start of all compiles, which takes memory; whole figures are of a later one.
  if (isDeep) await (await startProxyRig()).stop()
  rig = await startProxyRig()
})
afterAll(() => rig?.stop())
beforeEach(() => {
  rig.kit.nextPerson()
  rig.engine.forget()
})

type Visitor = { readonly socket: Socket; text: string; closed: boolean }

/** Somebody who connects, says nothing and listens; again where the system itself turned it away, since it lets only some wait. */
async function visit(): Promise<Visitor> {
  for (;;) {
    const socket = connect(rig.kit.socketPath)
    const one: Visitor = { socket, text: '', closed: false }
    socket.on('data', (chunk) => {
      one.text += chunk.toString('latin1')
    })
    socket.once('close', () => {
      one.closed = true
    })
    const there = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.on('error', () => resolve(false))
    })
    if (there) return one
    await pause(10)
  }
}

attackCase(
  'P29',
  'two thousand connections at once',
  async ({ attack, control, row }) => {
    const of = ({ code }: { code?: string }): boolean => code === 'TOO_MANY_CONNECTIONS'
    const before = await rig.refusals(of)
    const pid = rig.program.child.pid ?? 0
    forgetPeak(pid)
    const idle = residentMiB(pid)
    const cap = 1_000
    const early = rig.send([rig.kit.bytesOf('events', {}, { as: 'service' })], {
      quietMs: 60_000,
      timeoutMs: 60_000,
      enough: (text) => text.includes('"paused"'),
    })
    await until('the early one is served', () => rig.engine.open.events === 1)
    const crowd = await Promise.all(Array.from({ length: 2 * cap - 1 }, visit))
    const turnedAway = () => crowd.filter(({ text, closed }) => closed && text.startsWith('HTTP/1.1 503 ')).length
    await attack('half of them are told to come later, and memory stays bounded', async () => {
      await until('those over the cap are turned away', () => turnedAway() >= cap - 1, 30_000)
      const peak = Math.round(peakMiB(pid))
      reportFigure('memory at two thousand connections, MiB', peak)
      expect(peak - idle).toBeLessThan(64)
      if (isDeep) expect(peak).toBeLessThan(128)
      expect(crowd.every(({ text }) => text === '' || /^HTTP\/1\.1 (503|408) /.test(text))).toBe(true)
    })
    await control('who was there before is served meanwhile', async () => {
      const tell = setInterval(() => rig.engine.event(eventOf(rig.alpha, 'paused')), 100)
      expect((await early.finally(() => clearInterval(tell))).text).toContain('"paused"')
    })
    await control('and when they are gone, everybody', async () => {
      for (const { socket } of crowd) socket.destroy()
      const gone = performance.now()
      await until('it is served again', async () => (await rig.send(rig.call())).status === 200, 15_000)
      const tookMs = Math.round(performance.now() - gone)
      reportFigure('served again after a crowd, ms', tookMs)
      if (isDeep) expect(tookMs).toBeLessThan(2_000)
    })
    await row('each that was turned away', async () =>
      until('all are on record', async () => (await rig.refusals(of)) - before >= cap - 1, 30_000).then(() => undefined),
    )
  },
  120_000,
)

attackCase(
  'P30',
  'clients that go away in the middle of an answer',
  async ({ attack, control, row }) => {
    const before = await rig.refusals()
    const pid = rig.program.child.pid
    const open = (): number => readdirSync(`/proc/${pid}/fd`).length
    const leave = (bytes: string): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(rig.kit.socketPath, () => socket.write(bytes))
        socket.on('error', () => undefined)
        socket.once('data', () => socket.destroy())
        socket.once('close', () => resolve())
      })
    const calls = ['containers.list', 'events'].map((verb) => rig.kit.bytesOf(verb, {}, { as: 'service' }))
    for (const bytes of calls) await leave(bytes)
    const most = open() + 5
    await attack('leave no descriptor behind', async () => {
      for (let round = 0; round < rounds({ test: 50, deep: 500 }); round += 1) for (const bytes of calls) await leave(bytes)
      await until('as few are open as before', () => open() <= most, 30_000)
    })
    await control('who stays has the whole answer', async () => {
      expect((await rig.kit.ask('containers.list', {}, 'service')).body.items).toHaveLength(1)
    })
    await row('going away is no refusal', async () => expect(await rig.refusals()).toBe(before))
  },
  120_000,
)
