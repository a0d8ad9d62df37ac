import { until } from '@console/testkit/daemon-harness'
import { isDeep, reportFigure, rounds } from '@console/testkit/deep'
import { idOf } from '@console/testkit/fake-container'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectNothingElse, strangers } from './engine-templates.ts'
import { sendMutated } from './sending-mutated.ts'

let rig: ProxyRig
const others = ['beta', 'gamma'].map((name, at) => ({ id: idOf(`b${at}`), name }))
beforeAll(async () => {
  rig = await startProxyRig()
  for (const one of others) rig.engine.add(one)
  for (const { name } of others)
    await until(
      'the model knows it',
      async () => (await rig.kit.ask('containers.inspect', { container: name }, 'service')).status === 200,
      30_000,
    )
})
afterAll(() => rig?.stop())

it(
  'gives the engine requests of its own making alone, whatever is sent',
  async () => {
    const before = await rig.refusals()
    const known = { version: '1.41', ids: [...rig.engine.containers.keys()] }
    const count = rounds({ test: 2_000, deep: 100_000 })
    let checked = 0
    const states = await sendMutated(rig, {
      count,
      containers: { id: rig.alpha.id, names: ['alpha', 'beta', 'gamma'] },
      check() {
        const reached = rig.engine.requests.slice(checked)
        checked += reached.length
        expect(strangers(reached, known)).toEqual([])
      },
    })
    reportFigure('changed requests', count)
    reportFigure('answered with', states.map(([state, times]) => `${state}: ${times}`).join(', '))
    reportFigure('requests at the engine, all of the templates', rig.engine.requests.length)
    // Many were served and many refused, and what was refused is on record.
    const refused = states.filter(([state]) => /^[45]/.test(state)).reduce((sum, [, times]) => sum + times, 0)
    expect(Object.fromEntries(states)['200'] ?? 0).toBeGreaterThan(count / 20)
    expect(refused).toBeGreaterThan(count / 4)
    expect(rig.engine.requests.some(({ line }) => line.startsWith('POST'))).toBe(true)
    expect(rig.program.child.exitCode).toBeNull()
    await until('refusals are on record', async () => (await rig.refusals()) - before > refused / 2, 30_000)
    // When all is over, every byte that the engine got was one of its own requests.
    await rig.program.stop()
    expect(strangers(rig.engine.requests, known)).toEqual([])
    expectNothingElse(rig.engine.bytes(), rig.engine.requests)
  },
  isDeep ? 3_600_000 : 120_000,
)
