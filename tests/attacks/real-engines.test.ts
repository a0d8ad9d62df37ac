import { until } from '@console/testkit/daemon-harness'
import { reportFigure, rounds } from '@console/testkit/deep'
import { expect, it } from 'vitest'
import { atRealEngines } from './at-real-engines.ts'
import operations from './engine-operations.json' with { type: 'json' }
import { operationCalls, refuseCalls, worstCalls } from './engine-operations.ts'
import { strangers } from './engine-templates.ts'
import { sendMutated } from './sending-mutated.ts'

const withinMs = 30_000

atRealEngines('docker-proxy', ({ what, rig, attackCase, restart, outcomes, acted, logOf, nothingRefused }) => {
  /** What was sent to the engine and is no request of docker-proxy's own. Its model looks at every container there, those of others too. */
  const notOurs = () => {
    const others = rig.reached().map(({ line }) => /\/containers\/([a-f0-9]{64})\/json/.exec(line)?.[1] ?? '')
    return strangers(rig.reached(), { version: rig.api, ids: [...rig.ids, ...others] })
  }
  const startedAt = (name: string) => rig.docker('inspect', '-f', '{{.State.StartedAt}}', name)

  attackCase('D1', 'the beginning of an id', async ({ attack, control, row }) => {
    const id = await rig.run('prefix', [], 'sleep', '600')
    const before = startedAt(id)
    await attack('restarts nothing, though the engine itself would take it', async () => {
      expect(rig.docker('inspect', '-f', '{{.Id}}', id.slice(0, 20))).toBe(id)
      for (const length of [1, 12, 20, 63]) expect((await restart(id.slice(0, length))).body.code).toBe('DOCKER_CONTAINER_NOT_FOUND')
      expect(startedAt(id)).toBe(before)
    })
    await control('the whole id does', async () => {
      expect((await restart(id)).body).toMatchObject({ ok: true, id })
      expect(startedAt(id)).not.toBe(before)
    })
    await row('intent and outcome', async () => {
      expect(await outcomes(id)).toEqual(['started', 'done'])
      expect(await outcomes(id.slice(0, 12))).toEqual(['started', 'failed'])
    })
  })

  attackCase('D2', 'a name that is the beginning of another’s id', async ({ attack, control, row }) => {
    const id = await rig.run('victim', [], 'sleep', '600')
    const name = id.slice(0, 16)
    // Not by its usual name, since the name itself is the attack; it goes before this case ends.
    const thief = rig.docker('create', '--name', name, '--network', 'none', rig.image, 'sleep', '600')
    rig.ids.add(thief)
    try {
      rig.docker('start', thief)
      await control('while it is there, the name is its own', async () => {
        await until('it is known', async () => (await rig.kit.ask('containers.inspect', { container: name })).status === 200, withinMs)
        expect((await restart(name)).body).toMatchObject({ ok: true, id: thief })
      })
    } finally {
      rig.docker('rm', '-f', thief)
    }
    await attack('when it is gone, it is nobody’s', async () => {
      const before = startedAt(id)
      expect((await restart(name)).body.code).toBe('DOCKER_CONTAINER_NOT_FOUND')
      expect(startedAt(id)).toBe(before)
    })
    await row('by the name that was asked', async () => expect(await outcomes(name)).toEqual(['started', 'done', 'started', 'failed']))
  })

  attackCase('D4', 'names that are swapped', async ({ attack, control, row }) => {
    const [left, right] = [await rig.run('left', [], 'sleep', '600'), await rig.run('right', [], 'sleep', '600')]
    await control('a name means who bears it', async () => expect((await restart(rig.name('left'))).body).toMatchObject({ id: left }))
    await attack('at the moment of acting, whatever the list still says', async () => {
      rig.docker('rename', left, rig.name('between'))
      rig.docker('rename', right, rig.name('left'))
      rig.docker('rename', left, rig.name('right'))
      expect((await restart(rig.name('left'))).body).toMatchObject({ id: right })
    })
    await row('twice under one name', async () => expect(await outcomes(rig.name('left'))).toEqual(['started', 'done', 'started', 'done']))
  })

  attackCase('D7', 'waits', async ({ attack, control, row }) => {
    const id = await rig.run('waits', [], 'sleep', '600')
    const before = acted().length
    await attack('those that the engine would take for its own or for ever do not reach it', async () => {
      for (const waitSec of [-1, 61, 1.5, '', '5', 1e9, null])
        expect([waitSec, (await restart(id, { waitSec })).status]).toEqual([waitSec, 400])
      expect(acted().length).toBe(before)
    })
    await control('a right one is asked for by number', async () => {
      expect((await restart(id, { waitSec: 7 })).status).toBe(200)
      expect(acted().map(({ line }) => line)).toContain(`POST /v${rig.api}/containers/${id}/restart?t=7 HTTP/1.1`)
    })
    await row('refusals, and one change', async () => expect(await outcomes(id)).toEqual(['started', 'done']))
  })

  attackCase('D30', 'a container that goes away and comes back under its name', async ({ attack, control, row }) => {
    const old = await rig.run('again', [], 'sleep', '600')
    rig.docker('rm', '-f', old)
    const next = await rig.run('again', [], 'sleep', '600')
    await attack('the old id is nobody', async () => expect((await restart(old)).status).toBe(404))
    await control('the name is the new one', async () => expect((await restart(rig.name('again'))).body).toMatchObject({ id: next }))
    await row('one failed, one done', async () =>
      expect([await outcomes(old), await outcomes(rig.name('again'))]).toEqual([
        ['started', 'failed'],
        ['started', 'done'],
      ]),
    )
  })

  attackCase('R1', 'secrets where the engine keeps them', async ({ attack, control, row }) => {
    const options = [
      ...['--env', 'SECRET=canary-env', '--label', 'traefik.http.middlewares.a.basicauth.users=canary-label'],
      ...['--entrypoint', 'bash', '--log-opt', 'env=canary-logopt'],
      ...['--health-cmd', 'echo canary-output; : canary-test; false', '--health-interval', '1s', '--health-retries', '1'],
      ...['--tmpfs', '/canary-tmpfs', '--hostname', 'canary-hostname', '--workdir', '/tmp/canary-workdir'],
    ]
    const id = await rig.run('secret', options, '-c', 'sleep 600 # canary-cmd')
    const all = async () => {
      const answers = [
        await rig.kit.ask('containers.list', {}),
        await rig.kit.ask('containers.inspect', { container: id }),
        await restart(id),
      ]
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      // An engine whose runtime counts nothing has no measurement to give.
      const measured = await rig.kit.ask('containers.stats', { container: id }, 'operator')
      return JSON.stringify([[...answers, measured].map(({ text }) => text), await rig.kit.read('events', {}, (lines) => lines.length > 0)])
    }
    const canary = /canary-(?!tmpfs)/
    await attack('no verb says any, while its health check prints more', async () => {
      await until(
        'its health check has failed',
        async () => (await rig.kit.ask('containers.inspect', { container: id })).text.includes('unhealthy'),
        withinMs,
      )
      expect(await all()).not.toMatch(canary)
    })
    await control('the engine says them all', () => {
      const told = new Set(rig.docker('inspect', id).match(/canary-[a-z]+/g))
      expect([...told].sort()).toEqual(
        ['cmd', 'env', 'hostname', 'label', 'logopt', 'output', 'test', 'tmpfs', 'workdir'].map((one) => `canary-${one}`),
      )
    })
    await row('nothing that is kept has any', async () =>
      expect(JSON.stringify([await rig.rows(), rig.program.output])).not.toMatch(canary),
    )
  })

  attackCase('R6', 'a command with a password that is run in a container', async ({ attack, control, row }) => {
    const id = await rig.run('exec', [], 'sleep', '600')
    let seen: Record<string, unknown>[] = []
    await attack('is no event', async () => {
      const events = rig.kit.read('events', {}, (lines) => lines.some((one) => one.id === id && one.action === 'pause'))
      await until('it is read', () => rig.relay.open('/events?') > 0)
      rig.docker('exec', id, 'bash', '-c', ': -pcanary-exec')
      rig.docker('pause', id)
      seen = await events
      expect(JSON.stringify(seen)).not.toMatch(/canary|exec_/)
    })
    await control('what happens to the container is', () => expect(seen.some((one) => one.id === id && one.action === 'pause')).toBe(true))
    await row('nothing of it is kept', async () =>
      expect(JSON.stringify([await rig.rows(), rig.program.output])).not.toContain('canary-exec'),
    )
  })

  attackCase('S1', 'a terminal that prints the head of a frame', async ({ attack, control, row }) => {
    const before = await rig.refusals()
    const print = 'printf "\\002\\000\\000\\000\\377\\377\\377\\377 odd\\n"; echo password=canary-log >&2; sleep 600'
    const lines = async (id: string, count: number) =>
      until('its lines', async () => {
        const found = await logOf(id)
        return found.length >= count && found
      })
    await attack('is text', async () => {
      const seen = await lines(await rig.run('tty', ['--tty'], 'bash', '-c', print), 2)
      expect(seen.map(({ text }) => String(text).slice(-15))).toEqual([expect.stringMatching(/ odd$/), 'password=[masked]'.slice(-15)])
    })
    await control('without one, both outputs are told apart', async () => {
      const seen = await lines(await rig.run('framed', [], 'bash', '-c', print), 2)
      expect(seen.map(({ stream }) => stream).sort()).toEqual(['err', 'out'])
    })
    await row('nothing was refused', () => nothingRefused(before))
  })

  attackCase('S6', 'viewers of one log', async ({ attack, control, row }) => {
    const before = await rig.refusals()
    const id = await rig.run('chatty', [], 'bash', '-c', 'while :; do echo tick; sleep 0.1; done')
    const follow = () => rig.kit.read('containers.logs', { container: id, follow: true }, (all) => all.length >= 10, 'operator')
    const open = () => rig.relay.open(`${id}/logs`)
    await control('share one reader', async () => {
      const viewers = [follow(), follow(), follow(), follow()]
      await until('it is read', () => open() === 1, withinMs)
      for (const lines of await Promise.all(viewers)) expect(lines.length).toBeGreaterThanOrEqual(10)
    })
    await attack('when they go away none is left', () => until('nobody reads', () => open() === 0, withinMs).then(() => undefined))
    await row('nothing was refused', () => nothingRefused(before))
  })

  for (const [id, title, calls] of [
    ['D28', 'every operation that an engine has, with every method', (one: string) => operationCalls(operations, one)],
    ['D29', 'what would be worst, each by its name', (one: string) => worstCalls(rig.api, one)],
  ] as const)
    attackCase(id, title, async ({ attack, control, row }) => {
      const before = await rig.refusals()
      const [plain = ''] = rig.ids
      const all = calls(plain)
      await attack(`${all.length} calls, of which nothing reaches the engine`, async () => {
        await refuseCalls(rig, all)
        expect(notOurs()).toEqual([])
      })
      await control('the one call that is a verb is served', async () => {
        expect((await rig.send(rig.call({ verb: 'containers.logs', args: { container: plain } }))).status).toBe(200)
        expect(rig.reached().some(({ line }) => line.includes(`${plain}/logs`))).toBe(true)
      })
      await row('all of them are on record', () => rig.refusedSince(before, all.length))
      reportFigure(`${what}: ${title}: refused`, all.length)
    })

  it('sends requests of its own making alone, whatever is sent to it', async () => {
    const [, second] = [await rig.run('mutated-1', [], 'sleep', '600'), await rig.run('mutated-2', [], 'sleep', '600')]
    const states = await sendMutated(rig, {
      count: rounds({ test: 200, deep: 10_000 }),
      containers: { id: second, names: ['plain', 'mutated-1', 'mutated-2'].map(rig.name) },
      check: () => undefined,
    })
    reportFigure(`${what}: changed requests answered with`, states.map(([state, times]) => `${state}: ${times}`).join(', '))
    expect(Object.fromEntries(states)['200'] ?? 0).toBeGreaterThan(10)
  }, 600_000)

  it('has sent nothing else all the while', () => {
    expect(rig.reached().length).toBeGreaterThan(20)
    expect(notOurs()).toEqual([])
    expect(acted().every(({ line }) => [...rig.ids].some((id) => line.includes(id)))).toBe(true)
  })
})
