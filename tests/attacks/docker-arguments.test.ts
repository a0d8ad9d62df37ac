import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { idOf } from '@console/testkit/fake-container'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'

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

const wrong = (id: string, title: string, verb: string, bad: readonly object[], good: readonly [object, string][]): void => {
  attackCase(id, title, async ({ attack, control, row }) => {
    const of = ({ action, code }: { action: string; code?: string }): boolean => action === verb && code === 'INPUT_INVALID'
    const before = await rig.refusals(of)
    await attack(`${bad.length} of them are refused`, async () => {
      for (const args of bad) expect([args, (await rig.kit.ask(verb, args, 'operator')).status]).toEqual([args, 400])
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
    await row('one for each', () => rig.refusedSince(before, bad.length, of))
  })
}
const line = (rest: string) => `GET /v1.41/containers/${beta.id}/logs?stdout=1&stderr=1&timestamps=1&${rest} HTTP/1.1`
const log = (more: object) => ({ container: 'beta', ...more })

wrong(
  'D6',
  'references that are no text',
  'containers.restart',
  [['alpha'], { toString: 'alpha' }, 5, null, true, [], {}].map((container) => ({ container })),
  [[{ container: 'alpha' }, restarted(idOf('a1'))]],
)
wrong(
  'D7',
  'waits that are no whole number of 0 to 60',
  'containers.restart',
  [-1, 61, 1.5, '', 'abc', '5', 1e9, null, true, [5]].map((waitSec) => ({ container: 'alpha', waitSec })),
  [
    [{ container: 'alpha', waitSec: 0 }, restarted(idOf('a1'), 0)],
    [{ container: 'alpha', waitSec: 60 }, restarted(idOf('a1'), 60)],
  ],
)
wrong(
  'D8',
  'arguments that the engine has and the verb has not',
  'containers.restart',
  ['signal', 'timeout', 'T', 't', 'force', 'v'].map((name) => ({ container: 'beta', [name]: 1 })),
  [[{ container: 'beta' }, restarted(beta.id)]],
)
wrong(
  'D10',
  'tails that the engine would take for all',
  'containers.logs',
  ['all', '0', 0, -1, '+1', '1e3', 5_001, '5,', '５', '', null, 1.5].map((tail) => log({ tail })),
  [
    [log({ tail: 1 }), line('tail=1')],
    [log({ tail: 5_000 }), line('tail=5000')],
  ],
)
wrong(
  'D11',
  'follows that the engine would take for true',
  'containers.logs',
  ['off', 2, 'yes', '', 'false', 'true', 1, 0, null].map((follow) => log({ follow })),
  [[log({ follow: false }), line('tail=200')]],
)
wrong(
  'D12',
  'times that are none, or in the wrong order',
  'containers.logs',
  [
    { since: 2, until: 1 },
    { since: -1 },
    { until: -1 },
    { since: 1e19 },
    { since: '2026-01-01T00:00:00Z' },
    { since: 1.5 },
    { since: '1' },
    { until: null },
    { until: 5, follow: true },
  ].map(log),
  [[log({ since: 1, until: 2 }), line('tail=200&since=1&until=2')]],
)
