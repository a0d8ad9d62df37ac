import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { HermesMemory, HermesOps, HermesTelemetry } from '@console/contracts/hermes/schemas'
import { openDesk } from '@console/testkit/agent-desk'
import { type AgentPlace, openLocalPlace } from '@console/testkit/agent-place'
import { attackCase } from '@console/testkit/attack'
import type { As, Reply } from '@console/testkit/daemon-harness'
import { canaries, homesFolder, makeHome, pictureOf } from '@console/testkit/made-home'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'

const withinMs = 60_000

describe('agents of Hermes through host-agent', () => {
  const base = homesFolder()
  let place: AgentPlace
  const home = (id: string): string => join(base, id)

  beforeAll(async () => {
    for (const id of ['well', 'skill', 'jobs', 'elsewhere', 'open']) makeHome(home(id))
    rmSync(join(home('skill'), 'skills/weather/SKILL.md'))
    symlinkSync(join(home('skill'), '.env'), join(home('skill'), 'skills/weather/SKILL.md'))
    rmSync(join(home('jobs'), 'cron'), { recursive: true })
    symlinkSync(join(home('elsewhere'), 'cron'), join(home('jobs'), 'cron'))
    symlinkSync(home('elsewhere'), home('link'))
    const unit = 'console-none.service'
    const user = userInfo().username
    const instances = ['well', 'skill', 'jobs', 'link', 'open'].map((id) => ({
      id,
      user,
      home: home(id),
      unit,
      memoryBodies: id === 'open',
    }))
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
          'open',
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

  const memory = (instance: string, as: As, more: object = {}) => place.kit.ask('hermes.memory', { instance, ...more }, as)
  const memoryRows = async () =>
    (await openDesk(place).journal())
      .filter(({ action }) => action === 'hermes.memory')
      .map(({ outcome, code, actor }) => [actor.kind, outcome, code ?? null])

  attackCase(
    'A19',
    'what an agent remembers, asked for by who may not, or where the host does not open it',
    async ({ attack, control, row }) => {
      const answers: string[] = []
      const code = ({ status, body, text }: Reply) => {
        answers.push(text)
        return [status, body.code]
      }
      await attack(
        'a viewer, an operator, nobody and a backend with nothing but its own key get nothing, even where it is opened',
        async () => {
          for (const as of ['viewer', 'operator', 'service'] as const)
            expect([as, code(await memory('open', as))]).toEqual([as, [403, 'AUTH_FORBIDDEN']])
          expect(code(await memory('open', 'nobody'))[0]).toBe(401)
        },
      )
      await attack('a backend that holds an admin’s token cannot open what the host does not, nor say that it is opened', async () => {
        expect(code(await memory('well', 'admin'))).toEqual([403, 'HERMES_MEMORY_OFF'])
        for (const said of [{ memoryBodies: true }, { home: home('open') }, { file: 'memories/USER.md' }])
          expect([said, code(await memory('well', 'admin', said))]).toEqual([said, [400, 'INPUT_INVALID']])
        expect((await ask('open')).text).not.toContain('CANARY')
        for (const text of answers) expect(text).not.toContain('CANARY')
      })
      await control('an admin, where the host opens it', async () => {
        const told = HermesMemory.parse((await memory('open', 'admin')).body)
        expect([told.memory?.items[0]?.text, told.user?.items[0]?.text]).toEqual(['CANARY-memory one', 'CANARY-user'])
      })
      await row('each refusal, and each reading before and after it, without a word of it', async () => {
        const rows = await memoryRows()
        for (const one of [
          ['person', 'denied', 'AUTH_FORBIDDEN'],
          ['service', 'denied', 'AUTH_FORBIDDEN'],
          ['person', 'failed', 'HERMES_MEMORY_OFF'],
          ['person', 'denied', 'INPUT_INVALID'],
        ])
          expect(rows).toContainEqual(one)
        expect(rows.slice(-2)).toEqual([
          ['person', 'started', null],
          ['person', 'done', null],
        ])
        expect(JSON.stringify(await openDesk(place).journal())).not.toContain('CANARY')
      })
    },
    withinMs,
  )
})
