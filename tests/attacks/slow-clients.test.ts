import { connect } from 'node:net'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { isDeep, reportFigure, rounds } from '@console/testkit/deep'
import { idOf } from '@console/testkit/fake-container'
import { measured, type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'

let rig: ProxyRig
beforeAll(async () => {
  rig = await startProxyRig()
})
afterAll(() => rig?.stop())
beforeEach(() => {
  rig.kit.nextPerson()
  rig.engine.forget()
})

const slow = { pauseMs: 1_000, quietMs: 60_000, timeoutMs: 60_000 }
/** How long a client is borne that never comes to an end: the deadline, and what a busy machine may need on top of it. */
const borneMs = (deadlineMs: number): number => (isDeep ? deadlineMs : deadlineMs + 15_000)

/** Sends byte by byte, one a second. @returns how long it was borne, beside what it was told */
async function drip(bytes: readonly string[]) {
  const began = performance.now()
  const answer = await rig.send(bytes, slow)
  return { ...answer, tookMs: performance.now() - began }
}

/** The time that an ordinary call takes, of which one in a hundred takes more. */
async function slowestOfHundred(forMs: number): Promise<number> {
  const times: number[] = []
  for (const end = performance.now() + forMs; performance.now() < end; ) {
    const began = performance.now()
    expect((await rig.kit.ask('containers.list', {}, 'service')).status).toBe(200)
    times.push(performance.now() - began)
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0
}

attackCase(
  'P28',
  'clients that send a byte a second, or nothing',
  async ({ attack, control, row }) => {
    const late = ({ code }: { code?: string }): boolean => code === 'REQUEST_TIMEOUT'
    const before = await rig.refusals(late)
    const undisturbed = isDeep ? await slowestOfHundred(4_500) : 0
    const body = JSON.stringify({ container: 'a'.repeat(100) })
    const [head = '', rest = ''] = rig.call({ body }).split('\r\n\r\n')
    const count = rounds({ test: 10, deep: 100 })
    const heads = Promise.all(Array.from({ length: count }, () => drip([...rig.call()])))
    const bodies = Promise.all(Array.from({ length: count }, () => drip([`${head}\r\n\r\n`, ...rest])))
    const idle = rig.send(rig.call({ headers: { connection: null } }), slow)
    await control('others are served meanwhile, as quickly as before', async () => {
      expect((await rig.send(rig.call())).status).toBe(200)
      expect(rig.reached()).toContain(measured(rig.alpha))
      if (!isDeep) return
      const beside = await slowestOfHundred(4_500)
      reportFigure('99th of 100 calls alone, ms', Number(undisturbed.toFixed(1)))
      reportFigure('99th of 100 calls beside 200 slow clients, ms', Number(beside.toFixed(1)))
      expect(beside).toBeLessThan(2 * undisturbed)
    })
    await attack('are cut off, all of them, and in time', async () => {
      for (const [all, deadlineMs] of [
        [await heads, 6_000],
        [await bodies, 11_000],
      ] as const) {
        for (const { status, closed, answers } of all) expect([status, closed, answers]).toEqual([408, true, 1])
        const longest = Math.round(Math.max(...all.map(({ tookMs }) => tookMs)))
        reportFigure(`${all.length} slow clients of at most ${deadlineMs} ms, the longest, ms`, longest)
        expect(longest).toBeLessThan(borneMs(deadlineMs))
      }
      const { status, closed } = await idle
      expect([status, closed]).toEqual([200, true])
    })
    await row('one for each', () => rig.refusedSince(before, 2 * count, late))
  },
  120_000,
)

if (isDeep)
  attackCase(
    'P28',
    'a client that never reads a large answer',
    async ({ attack, control, row }) => {
      for (let at = 0; at < 4_000; at += 1) rig.engine.add({ id: idOf(`f${at.toString(16).padStart(4, '0')}`), name: `large-${at}` })
      const listed = async () => (await rig.kit.ask('containers.list', {}, 'service')).body.items as unknown as unknown[]
      await until('all are listed', async () => (await listed()).length > 4_000, 60_000)
      const before = await rig.refusals()
      await attack('is cut off after half a minute', async () => {
        const began = performance.now()
        const socket = connect(rig.kit.socketPath)
        socket.pause()
        socket.write(rig.kit.bytesOf('containers.list', {}, { as: 'service' }))
        // Who does not read is not told of an end either: what it writes shows it.
        const closed = new Promise<void>((resolve) => socket.once('error', () => resolve()).once('close', () => resolve()))
        const poke = setInterval(() => socket.write('x'), 500)
        await closed.finally(() => clearInterval(poke))
        const tookMs = performance.now() - began
        reportFigure('a client that never reads was cut after, ms', Math.round(tookMs))
        expect(tookMs).toBeGreaterThan(25_000)
        expect(tookMs).toBeLessThan(32_000)
      })
      await control('one that reads has it whole', async () => expect((await listed()).length).toBeGreaterThan(4_000))
      await row('reading slowly is no refusal', async () => expect(await rig.refusals()).toBe(before))
    },
    120_000,
  )
