import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { HermesOps, HermesTelemetry } from '@console/contracts/hermes/schemas'
import { openDesk } from '@console/testkit/agent-desk'
import { type AgentPlace, openLocalPlace } from '@console/testkit/agent-place'
import { attackCase } from '@console/testkit/attack'
import { canaries, homesFolder, makeHome, pictureOf } from '@console/testkit/made-home'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'

const withinMs = 60_000

describe('agents of Hermes through host-agent', () => {
  const base = homesFolder()
  let place: AgentPlace
  const home = (id: string): string => join(base, id)

  beforeAll(async () => {
    for (const id of ['well', 'skill', 'jobs', 'elsewhere']) makeHome(home(id))
    rmSync(join(home('skill'), 'skills/weather/SKILL.md'))
    symlinkSync(join(home('skill'), '.env'), join(home('skill'), 'skills/weather/SKILL.md'))
    rmSync(join(home('jobs'), 'cron'), { recursive: true })
    symlinkSync(join(home('elsewhere'), 'cron'), join(home('jobs'), 'cron'))
    symlinkSync(home('elsewhere'), home('link'))
    const unit = 'console-none.service'
    const instances = ['well', 'skill', 'jobs', 'link'].map((id) => ({ id, user: userInfo().username, home: home(id), unit }))
    const file = join(base, 'instances.json')
    writeFileSync(file, JSON.stringify(instances), { mode: 0o600 })
    place = await openLocalPlace({ HERMES_INSTANCES: file })
    await place.start()
  }, 120_000)
  afterAll(async () => {
    await place?.remove()
    rmSync(base, { recursive: true, force: true })
  }, withinMs)
  beforeEach(() => place.kit.nextPerson())

  const ask = (instance: unknown) => place.kit.ask('hermes.telemetry', { instance } as object, 'viewer')
  const told = async (instance: string) => HermesTelemetry.parse((await ask(instance)).body)
  const refused = async () =>
    (await openDesk(place).journal())
      .filter(({ action }) => action === 'hermes.telemetry')
      .map(({ outcome, code }) => `${outcome} ${code ?? ''}`)

  attackCase(
    'R1',
    'a home full of secrets',
    async ({ attack, control, row }) => {
      await attack('none of them is in any answer', async () => {
        const answers = await Promise.all(['well', 'skill', 'jobs'].map((id) => ask(id)))
        const ops = await place.kit.ask('hermes.ops', {}, 'viewer')
        for (const canary of canaries)
          expect([...answers, ops].map(({ text }) => text.includes(canary))).toEqual([false, false, false, false])
      })
      await control('what is not secret is, in the shape that the API promises, and the home stays as it was', async () => {
        const before = pictureOf(home('well'))
        expect((await told('well')).sessions).toMatchObject({ status: 'up', total: 3 })
        expect(HermesOps.parse((await place.kit.ask('hermes.ops', {}, 'viewer')).body).instances.map(({ id }) => id)).toEqual([
          'well',
          'skill',
          'jobs',
          'link',
        ])
        expect(pictureOf(home('well'))).toEqual(before)
      })
      await row('no secret in the journal either', async () => {
        const rows = JSON.stringify(await openDesk(place).journal())
        for (const canary of canaries) expect(rows).not.toContain(canary)
      })
    },
    withinMs,
  )

  attackCase(
    'X11',
    'links in a home that lead to secrets or out of it',
    async ({ attack, control, row }) => {
      await attack('are told as links and not followed', async () => {
        expect((await told('skill')).skills?.items.find(({ name }) => name === 'weather')).toMatchObject({
          reason: 'link',
          description: null,
        })
        expect((await told('jobs')).cron).toMatchObject({ status: 'unknown', reason: 'outside', items: [] })
        expect(await told('link')).toMatchObject({ reason: 'link', sessions: null, cron: null, memory: null, skills: null })
      })
      await control('the same without links', async () => {
        const { skills, cron } = await told('well')
        expect(skills?.items.find(({ name }) => name === 'weather')).toMatchObject({ reason: null, description: 'key: value: more' })
        expect(cron).toMatchObject({ status: 'up', total: 2 })
      })
      await row('reading leaves no refusal', async () => expect(await refused()).toEqual([]))
    },
    withinMs,
  )

  attackCase(
    'D5',
    'names of instances that are paths or options',
    async ({ attack, control, row }) => {
      await attack('no home is looked for by them', async () => {
        for (const name of ['../root', '/home/uma/.hermes', '.', 'a b', '--all', 'vm\n', ['well'], { id: 'well' }, null]) {
          const { status, body } = await ask(name)
          expect([name, status, body.code]).toEqual([name, 400, 'INPUT_INVALID'])
        }
        const { status, body } = await ask('elsewhere')
        expect([status, body.code]).toEqual([404, 'HERMES_INSTANCE_NOT_FOUND'])
      })
      await control('one that is configured', async () => expect((await told('well')).instance).toBe('well'))
      await row('each refusal', async () => expect(new Set(await refused())).toContain('denied INPUT_INVALID'))
    },
    withinMs,
  )
})
