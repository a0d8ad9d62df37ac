import { until } from '@console/testkit/daemon-harness'
import { expect } from 'vitest'
import { atRealEngines } from './at-real-engines.ts'
import { namesOfNone, wrongArguments } from './wrong-arguments.ts'

const withinMs = 30_000
type Row = { readonly action: string; readonly code?: string }

atRealEngines('arguments of docker-proxy', ({ rig, attackCase, restart, outcomes, acted, logOf }) => {
  const known = (name: string) =>
    until('it is known', async () => (await rig.kit.ask('containers.inspect', { container: name }, 'service')).status === 200, withinMs)
  const asked = (what: string) => rig.reached().filter(({ line }) => line.includes(what)).length
  /** One of exactly this name, which goes with the case. */
  const named = async (name: string, body: (id: string) => Promise<void>) => {
    const id = rig.docker('create', '--name', name, '--network', 'none', '--stop-signal', 'KILL', rig.image, 'sleep', '600')
    rig.ids.add(id)
    try {
      rig.docker('start', id)
      await known(name)
      await body(id)
    } finally {
      rig.docker('rm', '-f', id)
    }
  }

  attackCase('D3', 'a container with another’s whole id as its name', async ({ attack, control, row }) => {
    const one = await rig.run('victim', [], 'sleep', '600')
    await named(one, async (thief) => {
      await attack('is refused as ambiguous, though the engine takes it for one of them', async () => {
        await until('both are known', async () => (await restart(one)).body.code === 'DOCKER_CONTAINER_AMBIGUOUS', withinMs)
        expect(rig.docker('inspect', '-f', '{{.Id}}', one)).toBe(one)
        expect(acted().filter(({ line }) => line.includes(one) || line.includes(thief))).toEqual([])
      })
      await control('by its own name, or its own id, each is restarted', async () => {
        expect((await restart(rig.name('victim'))).body).toMatchObject({ ok: true, id: one })
        expect((await restart(thief)).body).toMatchObject({ ok: true, id: thief })
      })
    })
    await row('each by what was asked', async () => {
      expect((await outcomes(one)).slice(-2)).toEqual(['started', 'failed'])
      expect(await outcomes(rig.name('victim'))).toEqual(['started', 'done'])
    })
  })

  attackCase('D5', 'names that no container can have', async ({ attack, control, row }) => {
    const of = ({ action, code }: Row) => action === 'containers.stats' && code === 'INPUT_INVALID'
    const before = await rig.refusals(of)
    await attack('reach nothing', async () => {
      for (const name of namesOfNone)
        expect([name, (await rig.kit.ask('containers.stats', { container: name }, 'operator')).status]).toEqual([name, 400])
      expect(asked('/stats')).toBe(0)
    })
    const longest = rig.name('').padEnd(128, 'a')
    await control('the longest that can be asked is resolved', () =>
      named(longest, async (id) => {
        expect((await restart(longest)).body).toMatchObject({ ok: true, id })
        expect((await restart(longest.slice(0, 127))).status).toBe(404)
      }),
    )
    await row('one for each', () => rig.refusedSince(before, namesOfNone.length, of))
  })

  attackCase('D9', 'a form that would override what the address says', async ({ attack, control, row }) => {
    const [plain = ''] = rig.ids
    const before = await rig.refusals()
    const earlier = acted().length
    await attack('is refused, and never sent on', async () => {
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      const sent = rig.call({ verb: 'containers.restart', args: {}, headers: form, body: `t=0&container=${plain}` })
      expect((await rig.send(sent)).status).toBe(415)
      expect(acted().length).toBe(earlier)
    })
    await control('what is sent has a length of nothing and no type, and the engine does it', async () => {
      expect((await restart(plain, { waitSec: 3 })).body).toMatchObject({ ok: true, id: plain })
      const line = `POST /v${rig.api}/containers/${plain}/restart?t=3 HTTP/1.1`
      const headers = ['host: docker', 'accept: application/json', 'content-length: 0', 'Connection: keep-alive']
      expect(acted().filter((one) => one.line.includes(plain))).toEqual([{ line, headers, body: '' }])
    })
    await row('the form', () => rig.refusedSince(before, 1))
  })

  const second = () => Math.floor(Date.now() / 1_000)
  const controls = {
    D6: async (id: string) => expect((await restart(id)).body).toMatchObject({ ok: true, id }),
    D8: async (id: string) => expect((await restart(id, { waitSec: 1 })).body).toMatchObject({ ok: true, id }),
    D11: async (id: string) => {
      await until('it has printed', async () => (await logOf(id, { follow: false })).length === 1, withinMs)
      expect(asked('follow=')).toBe(0)
      const followed = await rig.kit.read('containers.logs', { container: id, follow: true }, (lines) => lines.length === 1, 'operator')
      expect([followed.length, asked(`${id}/logs`), asked('&follow=1 ')]).toEqual([1, expect.any(Number), 1])
    },
    D12: async (id: string) => {
      await until('it has printed', async () => (await logOf(id)).length === 1, withinMs)
      expect((await logOf(id, { since: 1, until: second() + 60 })).length).toBe(1)
      expect(await logOf(id, { since: 1, until: 2 })).toEqual([])
    },
  }
  for (const which of ['D6', 'D8', 'D11', 'D12'] as const) {
    const { title, verb, args } = wrongArguments[which]
    attackCase(which, title, async ({ attack, control, row }) => {
      const of = ({ action, code }: Row) => action === verb && code === 'INPUT_INVALID'
      const name = `wrong-${which}`
      const id = await rig.run(name, [], 'bash', '-c', 'echo printed; sleep 600')
      const bad = args(rig.name(name))
      const before = await rig.refusals(of)
      await attack(`${bad.length} of them are refused, and reach nothing`, async () => {
        for (const one of bad) expect([one, (await rig.kit.ask(verb, one, 'operator')).status]).toEqual([one, 400])
        expect([asked(`${id}/restart`), asked(`${id}/logs`)]).toEqual([0, 0])
      })
      await control('what is right is what the engine does', () => controls[which](id))
      await row('one for each', () => rig.refusedSince(before, bad.length, of))
    })
  }
})
