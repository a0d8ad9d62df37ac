import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { rounds } from '@console/testkit/deep'
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

attackCase(
  'P28',
  'clients that send a byte a second, or nothing',
  async ({ attack, control, row }) => {
    const late = ({ code }: { code?: string }): boolean => code === 'REQUEST_TIMEOUT'
    const before = await rig.refusals(late)
    const drip = (bytes: string): readonly string[] => {
      const [head = '', body = ''] = bytes.split('\r\n\r\n')
      return bytes === head ? [] : [`${head}\r\n\r\n`, ...body]
    }
    const slow = { pauseMs: 1_000, quietMs: 60_000, timeoutMs: 60_000 }
    const drips = [
      ...Array.from({ length: rounds({ test: 10, deep: 100 }) }, () => [...rig.call()]),
      ...Array.from({ length: rounds({ test: 10, deep: 100 }) }, () =>
        drip(rig.call({ body: JSON.stringify({ container: 'a'.repeat(100) }) })),
      ),
    ]
    const answers = Promise.all(drips.map((bytes) => rig.send(bytes, slow)))
    const idle = rig.send(rig.call({ headers: { connection: null } }), slow)
    await control('others are served meanwhile', async () => {
      expect((await rig.send(rig.call())).status).toBe(200)
      expect(rig.reached()).toContain(measured(rig.alpha))
    })
    await attack('are cut off, all of them', async () => {
      for (const { status, closed, answers: count } of await answers) expect([status, closed, count]).toEqual([408, true, 1])
      const { status, closed } = await idle
      expect([status, closed]).toEqual([200, true])
    })
    await row('one for each', () => rig.refusedSince(before, drips.length, late))
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
