import { setTimeout as pause } from 'node:timers/promises'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { isDeep, reportFigure, rounds } from '@console/testkit/deep'
import { idOf } from '@console/testkit/fake-container'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { eventOf } from '@console/testkit/recording-engine'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { askingModel, withinMs } from './asking-model.ts'

let rig: ProxyRig
const { is, list, names, restart, failed } = askingModel(() => rig)
const acted = () => rig.reached().filter((line) => line.startsWith('POST'))

beforeAll(async () => {
  rig = await startProxyRig()
})
afterAll(() => rig?.stop())
beforeEach(async () => {
  rig.kit.nextPerson()
  rig.engine.script(null)
  rig.engine.tell = true
  await is('live')
  rig.engine.forget()
})

attackCase(
  'D20',
  'an engine of a version that was not tested, or that says none',
  async ({ attack, control, row }) => {
    const before = await failed('DOCKER_ENGINE_VERSION')
    const twenty = { id: idOf('e8'), name: 'twenty' }
    rig.engine.add(twenty)
    await until('the model has it', async () => (await names()).includes('twenty'), withinMs)
    const again = async (version: object | null): Promise<void> => {
      await rig.engine.stop()
      await is('away')
      rig.engine.script(version && ((line) => (line.includes('/version') ? { body: version } : undefined)))
      rig.engine.forget()
      await rig.engine.start()
    }
    await attack('is asked for its version and for nothing else', async () => {
      for (const version of [
        { ApiVersion: '1.40' },
        { ApiVersion: '1.60', MinAPIVersion: '1.57' },
        {},
        { ApiVersion: '1.41, 1.99' },
        { ApiVersion: 'junk' },
      ]) {
        await again(version)
        await until(
          'it was asked, and refused',
          async () =>
            rig.engine.requests.length > 0 && (await rig.kit.ask('engine.info', {}, 'service')).body.code === 'DOCKER_ENGINE_VERSION',
          withinMs,
        )
        expect((await restart('twenty')).body.code).toBe('DOCKER_ENGINE_VERSION')
        expect(new Set(rig.engine.requests.map(({ line }) => line))).toEqual(new Set(['GET /version HTTP/1.1']))
      }
    })
    await control('a newer one that still speaks a tested version is asked in that', async () => {
      await again({ ApiVersion: '1.60', MinAPIVersion: '1.44' })
      await is('live')
      expect((await restart('twenty')).status).toBe(200)
      expect(acted()).toEqual([`POST /v1.56/containers/${twenty.id}/restart?t=10 HTTP/1.1`])
      await again(null)
      await is('live')
    })
    await row('each attempt has failed with its code', async () => expect((await failed('DOCKER_ENGINE_VERSION')) - before).toBe(5))
  },
  120_000,
)

attackCase(
  'D31',
  'events that are lost, come twice, come late, or are of nobody',
  async ({ attack, control, row }) => {
    const before = await rig.refusals()
    const one = { id: idOf('e9'), name: 'lost-one' }
    const absences = isDeep ? [1, 60, 600] : [0]
    const truth = () =>
      [...rig.engine.containers.values()]
        .map(({ name }) => name)
        .sort()
        .join()
    const agrees = () => until('the model is the engine', async () => (await names()).join() === truth(), withinMs)
    await attack('the model ends where the engine is', async () => {
      rig.engine.add(one)
      for (let round = 0; round < 3; round += 1) rig.engine.event(eventOf(one, 'start'))
      rig.engine.event(eventOf({ id: idOf('eb'), name: 'nobody' }, 'start'))
      await agrees()
      rig.engine.tell = false
      rig.engine.remove(one.id)
      rig.engine.event({ ...eventOf(rig.alpha, 'pause'), timeNano: 1 })
      await agrees()
      for (const awaySec of absences) {
        await rig.engine.stop()
        rig.engine.add({ id: idOf(`ea${awaySec}`), name: `lost-${awaySec}` })
        await pause(awaySec * 1_000)
        await rig.engine.start()
        await until('it is asked again', async () => (await list()).freshness !== 'away', withinMs)
        const from = performance.now()
        await agrees()
        reportFigure(`equal to the engine after ${awaySec} s without it, ms`, Math.round(performance.now() - from))
      }
    })
    await control('and is live', () => is('live').then(() => undefined))
    await row('nothing was refused', async () => expect(await rig.refusals()).toBe(before))
  },
  rounds({ test: 90_000, deep: 900_000 }),
)
