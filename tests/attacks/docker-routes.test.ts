import { attackCase } from '@console/testkit/attack'
import { reportFigure } from '@console/testkit/deep'
import { measured, type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
// The operations of the oldest and the newest API that is spoken, from the engine's own description of it: methods and paths alone.
import operations from './engine-operations.json' with { type: 'json' }
import { operationCalls, refuseCalls, worstCalls } from './engine-operations.ts'

let rig: ProxyRig
beforeAll(async () => {
  rig = await startProxyRig()
})
afterAll(() => rig?.stop())
beforeEach(() => {
  rig.kit.nextPerson()
  rig.engine.forget()
})

const refuseAll = async (calls: Parameters<typeof refuseCalls>[1]): Promise<void> => {
  await refuseCalls(rig, calls)
  expect(rig.reached()).toEqual([])
}
const served = async (): Promise<void> => {
  expect((await rig.send(rig.call())).status).toBe(200)
  expect(rig.reached()).toEqual([measured(rig.alpha)])
}

attackCase(
  'D28',
  'every operation that an engine has, with every method',
  async ({ attack, control, row }) => {
    const before = await rig.refusals()
    const calls = operationCalls(operations, rig.alpha.id)
    expect(Object.values(operations).map(({ length }) => length > 90)).toEqual([true, true])
    await attack(`${calls.length} calls`, () => refuseAll(calls))
    await control('the one call that is a verb is served', served)
    await row('all of them are on record', () => rig.refusedSince(before, calls.length))
    reportFigure('operations of the engine that were refused', calls.length)
  },
  120_000,
)

attackCase('D29', 'what would be worst, each by its name', async ({ attack, control, row }) => {
  const before = await rig.refusals()
  const worst = worstCalls('1.41', rig.alpha.id)
  await attack(`${worst.length} calls`, () => refuseAll(worst))
  await control('the one call that is a verb is served', served)
  await row('all of them are on record', () => rig.refusedSince(before, worst.length))
})
