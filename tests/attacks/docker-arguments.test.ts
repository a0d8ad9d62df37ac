import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { idOf } from '@console/testkit/fake-container'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { wrongArguments } from './wrong-arguments.ts'

let rig: ProxyRig
const beta = { id: idOf('465583b'), name: 'beta' }
beforeAll(async () => {
  rig = await startProxyRig()
  rig.engine.add(beta)
  await until(
    'the model knows it',
    async () => (await rig.kit.ask('containers.inspect', { container: 'beta' }, 'service')).status === 200,
    30_000,
  )
})
afterAll(() => rig?.stop())
beforeEach(() => {
  rig.kit.nextPerson()
  rig.engine.forget()
})

const restarted = (id: string, waitSec = 10) => `POST /v1.41/containers/${id}/restart?t=${waitSec} HTTP/1.1`

const wrong = (
  { id, title, verb, args: bad }: (typeof wrongArguments)[keyof typeof wrongArguments],
  good: readonly [object, string][],
): void => {
  attackCase(id, title, async ({ attack, control, row }) => {
    const all = bad('beta')
    const of = ({ action, code }: { action: string; code?: string }): boolean => action === verb && code === 'INPUT_INVALID'
    const before = await rig.refusals(of)
    await attack(`${all.length} of them are refused`, async () => {
      for (const args of all) expect([args, (await rig.kit.ask(verb, args, 'operator')).status]).toEqual([args, 400])
      expect(rig.reached()).toEqual([])
    })
    await control('what is right reaches the engine as the template says', async () => {
      for (const [args, line] of good) {
        rig.engine.forget()
        if (verb === 'containers.logs') await rig.kit.read(verb, args, () => true, 'operator')
        else expect((await rig.kit.ask(verb, args, 'operator')).status).toBe(200)
        expect(rig.reached()).toContain(line)
      }
    })
    await row('one for each', () => rig.refusedSince(before, all.length, of))
  })
}
const line = (rest: string) => `GET /v1.41/containers/${beta.id}/logs?stdout=1&stderr=1&timestamps=1&${rest} HTTP/1.1`
const log = (more: object) => ({ container: 'beta', ...more })

wrong(wrongArguments.D6, [[{ container: 'alpha' }, restarted(idOf('a1'))]])
wrong(wrongArguments.D7, [
  [{ container: 'alpha', waitSec: 0 }, restarted(idOf('a1'), 0)],
  [{ container: 'alpha', waitSec: 60 }, restarted(idOf('a1'), 60)],
])
wrong(wrongArguments.D8, [[{ container: 'beta' }, restarted(beta.id)]])
wrong(wrongArguments.D10, [
  [log({ tail: 1 }), line('tail=1')],
  [log({ tail: 5_000 }), line('tail=5000')],
])
wrong(wrongArguments.D11, [[log({ follow: false }), line('tail=200')]])
wrong(wrongArguments.D12, [[log({ since: 1, until: 2 }), line('tail=200&since=1&until=2')]])
