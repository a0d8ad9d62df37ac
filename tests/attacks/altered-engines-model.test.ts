import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { alteredJson } from '@console/testkit/altering-engine'
import { until } from '@console/testkit/daemon-harness'
import { isDeep, reportFigure } from '@console/testkit/deep'
import { residentMiB } from '@console/testkit/process-facts'
import { beforeEach, expect } from 'vitest'
import { askingModel, withinMs } from './asking-model.ts'
import { atAlteredEngines } from './at-real-engines.ts'

type Event = { Actor: { ID: string }; Action: string; timeNano: number }
const events = (change: (event: Event) => readonly Event[]) => (line: string) =>
  change(JSON.parse(line) as Event).map((event) => JSON.stringify(event))

/*
 * What is tried before the recording engine alone: a list that lacks half of the containers and is whole in form, which no reader can tell
 * from containers that are gone, and which the next list puts right; and 5,000 containers, which an engine does not hold beside other tests.
 */
atAlteredEngines('the model of docker-proxy', ({ what, rig, attackCase, restart, acted, outcomes }) => {
  const { is, list, names: allNames } = askingModel(() => rig)
  /** Those of this test: others make containers at the same engine meanwhile. */
  const names = async () => (await allNames()).filter((name) => name.startsWith(rig.name('')))
  const truth = () =>
    rig
      .docker('ps', '-a', '--format', '{{.Names}}', '--filter', `name=${rig.name('')}`)
      .split('\n')
      .sort()
  const agrees = () => until('the model is the engine', async () => (await names()).join() === truth().join(), withinMs)
  const restarts = (id: string) => acted().filter(({ line }) => line.includes(id))
  beforeEach(async () => {
    rig.engine.alter(null)
    rig.engine.alterEvents(null)
    await is('live')
  })

  attackCase('D27', 'twenty who restart one container at once', async ({ attack, control, row }) => {
    const id = await rig.run('stormy', [], 'sleep', '600')
    const held = Promise.withResolvers<undefined>()
    rig.engine.alter((line) => (line.startsWith('POST') ? { before: () => held.promise } : undefined))
    await attack('one is under way, the others are told so or have used up the limit', async () => {
      let settled = 0
      const asked = Array.from({ length: 20 }, async (_, at) => {
        rig.kit.nextPerson()
        const answer = await restart(at % 2 ? id : rig.name('stormy'))
        settled += 1
        return answer
      })
      await until('all others have their answer', () => settled === 19, withinMs)
      expect(restarts(id).length).toBe(1)
      held.resolve(undefined)
      const answers = await Promise.all(asked)
      expect(answers.filter(({ status }) => status === 200).length).toBe(1)
      expect(answers.every(({ status }) => [200, 409, 429].includes(status))).toBe(true)
      expect(restarts(id).length).toBe(1)
    })
    await control('another container is not held up by its limit', async () => {
      const calm = await rig.run('calm', [], 'sleep', '600')
      expect((await restart(calm)).body).toMatchObject({ ok: true, id: calm })
    })
    await row('one done, two failed as busy, and a refusal for each of the rest', async () => {
      const all = [...(await outcomes(id)), ...(await outcomes(rig.name('stormy')))]
      expect([all.filter((one) => one === 'done').length, all.filter((one) => one === 'failed').length]).toEqual([1, 2])
      expect(await rig.refusals(({ code, action }) => code === 'RATE_LIMITED' && action === 'containers.restart')).toBe(17)
    })
  })

  attackCase('D31', 'events that come thrice, late, of nobody, or never', async ({ attack, control, row }) => {
    const before = await rig.refusals()
    const nobody = randomBytes(32).toString('hex')
    await attack('the model ends where the engine is', async () => {
      rig.engine.alterEvents(events((event) => [event, event, event, { ...event, Actor: { ...event.Actor, ID: nobody } }]))
      const lost = await rig.run('lost', [], 'sleep', '600')
      await agrees()
      // Of its end nothing is told, and what is told next has a time that goes back.
      let dropped = 0
      rig.engine.alterEvents(
        events((event) => {
          if (event.Actor.ID !== lost) return [{ ...event, timeNano: 1 }]
          dropped += 1
          return []
        }),
      )
      rig.docker('rm', '-f', lost)
      await until('its end was kept back', () => dropped > 0, withinMs)
      rig.docker('pause', rig.name('plain'))
      await agrees()
      rig.engine.alterEvents(null)
      rig.docker('unpause', rig.name('plain'))
      for (const awaySec of isDeep ? [1, 60] : [0]) {
        await rig.engine.cut()
        await is('away')
        rig.docker('create', '--name', rig.name(`away-${awaySec}`), '--network', 'none', rig.image, 'sleep', '600')
        await pause(awaySec * 1_000)
        await rig.engine.listen()
        await until('it is asked again', async () => (await list()).freshness !== 'away', withinMs)
        const from = performance.now()
        await agrees()
        const took = Math.round(performance.now() - from)
        reportFigure(`equal to ${what} after ${awaySec} s without it, ms`, took)
        expect(took).toBeLessThan(2_000)
      }
    })
    await control('and is live', () => is('live').then(() => undefined))
    await row('nothing was refused', async () => expect(await rig.refusals()).toBe(before))
  })

  attackCase('D32', 'an engine that breaks off in its list, and comes back as another', async ({ attack, control, row }) => {
    const id = await rig.run('midway', [], 'sleep', '600')
    await agrees()
    const all = await names()
    const broken = [
      { answer: (whole: string) => whole.slice(0, -20) },
      { answer: (whole: string) => whole.replace(/content-length: \d+/, 'content-length: 20') },
      alteredJson(() => ({ message: 'starting' })),
      alteredJson(() => null),
      alteredJson((rows: { Id: string }[]) => rows.map((row, at) => (at === 0 ? { ...row, Id: 'x' } : row))),
    ]
    await attack('half an answer never makes a shorter list, and nothing is done', async () => {
      for (const alteration of broken) {
        rig.engine.alter((line) => (line.includes('/containers/json') ? alteration : undefined))
        expect((await restart(id)).status).toBeOneOf([502, 503])
        expect(await names()).toEqual(all)
      }
      expect(restarts(id)).toEqual([])
    })
    await control('of another version it is not asked; of its own, all is rebuilt', async () => {
      await rig.engine.cut()
      await is('away')
      expect(await names()).toEqual(all)
      const asked: string[] = []
      rig.engine.alter((line) => {
        asked.push(line)
        return line.includes('/version') ? alteredJson((said: object) => ({ ...said, ApiVersion: '1.39' })) : undefined
      })
      await rig.engine.listen()
      await until('it was asked', () => asked.length > 0, withinMs)
      await until(
        'it is refused',
        async () => (await rig.kit.ask('engine.info', {}, 'service')).body.code === ('DOCKER_ENGINE_VERSION' as never),
        withinMs,
      )
      expect([new Set(asked), await names()]).toEqual([new Set(['GET /version HTTP/1.1']), all])
      rig.engine.alter(null)
      await is('live')
      await agrees()
      expect((await restart(id)).body).toMatchObject({ ok: true, id })
    })
    await row('a failure for each change that was tried, with its intent', async () =>
      expect(await outcomes(id)).toEqual([...broken.flatMap(() => ['started', 'failed']), 'started', 'done']),
    )
  })

  attackCase('D33', 'a model that is behind, and a storm of events', async ({ attack, control, row }) => {
    const id = await rig.run('behind', [], 'sleep', '600')
    const state = async () => (await list()).items.find((one) => one.id === id)?.state
    await until('it runs', async () => (await state()) === 'running', withinMs)
    const pid = rig.program.child.pid ?? 0
    await attack('an action is judged by what the engine says now', async () => {
      rig.engine.alterEvents(events((event) => (event.Actor.ID === id ? [] : [event])))
      rig.docker('pause', id)
      expect([await state(), (await restart(id)).body.code, restarts(id)]).toEqual(['running', 'DOCKER_CONTAINER_STATE', []])
      rig.docker('unpause', id)
    })
    await control('one that dies between that look and the restart is started', async () => {
      let killed = false
      const answer = (whole: string) => {
        if (!killed) rig.docker('kill', id)
        killed = true
        return whole
      }
      rig.engine.alter((line) => (line.includes(`/${id}/json`) ? { answer } : undefined))
      expect((await restart(id)).body).toMatchObject({ ok: true, id })
      expect([killed, rig.docker('inspect', '-f', '{{.State.Running}}', id)]).toEqual([true, 'true'])
    })
    await attack('events are coalesced: reads do not wait, and the engine is not asked for each', async () => {
      let told = 0
      rig.engine.alter(null)
      rig.engine.alterEvents(
        events((event) => {
          const times = event.Actor.ID === id ? 1_000 : 1
          told += times
          return Array.from({ length: times }, () => event)
        }),
      )
      const asked = () => rig.reached().filter(({ line }) => line.includes(`/${id}/json`)).length
      const [before, memory] = [asked(), residentMiB(pid)]
      let longest = 0
      for (let round = 0; round < 3; round += 1) {
        rig.docker('pause', id)
        rig.docker('unpause', id)
        const from = performance.now()
        expect((await list()).items.length).toBeGreaterThan(0)
        longest = Math.max(longest, performance.now() - from)
      }
      await until('all were told', () => told >= 6_000, withinMs)
      await until('the last one counts', async () => (await state()) === 'running', withinMs)
      reportFigure(`${what}: looks for ${told} events`, asked() - before)
      reportFigure(`${what}: longest read of the list meanwhile, ms`, Math.round(longest))
      expect(asked() - before).toBeLessThan(60)
      expect(residentMiB(pid) - memory).toBeLessThan(128)
    })
    await row('what failed, and what was done', async () => expect(await outcomes(id)).toEqual(['started', 'failed', 'started', 'done']))
  })
})
