import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { idOf } from '@console/testkit/fake-container'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { eventOf } from '@console/testkit/recording-engine'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { c, full, printedSecrets, secretParts } from './planted-secrets.ts'

let rig: ProxyRig
const withinMs = 30_000
beforeAll(async () => {
  rig = await startProxyRig()
  rig.engine.add(full)
  await until(
    'the model knows it',
    async () => (await rig.kit.ask('containers.inspect', { container: 'full' }, 'service')).status === 200,
    withinMs,
  )
})
afterAll(() => rig?.stop())
beforeEach(() => {
  rig.kit.nextPerson()
  rig.engine.script(null)
  rig.engine.forget()
})
const everywhere = async (): Promise<string> => JSON.stringify([await rig.rows(), rig.program.output])

/** Every verb that says something of a container, and every change of the model while it is acted on. */
async function allAnswers(): Promise<string> {
  const events = rig.kit.read('events', {}, (lines) => lines.some(({ name }) => name === 'full'), 'viewer')
  const answers = [
    await rig.kit.ask('containers.list', {}, 'viewer'),
    await rig.kit.ask('containers.inspect', { container: 'full' }, 'viewer'),
    await rig.kit.ask('containers.stats', { container: 'full' }, 'operator'),
    await rig.kit.ask('engine.info', {}, 'viewer'),
    await rig.kit.ask('containers.restart', { container: 'full', waitSec: 0 }, 'operator'),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  const log = await rig.kit.read('containers.logs', { container: 'full' }, () => false, 'operator')
  return JSON.stringify([answers.map(({ text }) => text), log, await events])
}

for (const [id, title, canary] of [
  ['R1', 'secrets in every field that an engine has for them', /canary-(?!future|deep)/],
  ['R2', 'fields that no version had when this was written, in every object', /canary-(future|deep)/],
] as const)
  attackCase(id, title, async ({ attack, control, row }) => {
    await attack('no verb says any of them', async () => expect(await allAnswers()).not.toMatch(canary))
    await control('they were there to be said, and what is kept is said', async () => {
      const inspected = await rig.kit.ask('containers.inspect', { container: 'full' }, 'viewer')
      expect(inspected.body.container).toMatchObject({
        labels: { 'com.docker.compose.service': 'web', 'com.bytelyst.note': 'kept' },
        envCount: 1,
        health: 'unhealthy',
      })
      const planted = JSON.stringify([full.listed, full.inspected, full.labels])
      expect(planted).toMatch(canary)
      expect(new Set(planted.match(/canary-[a-z]+/g)).size).toBeGreaterThanOrEqual(30)
    })
    await row('neither the journal nor the log of docker-proxy has any', async () => expect(await everywhere()).not.toMatch(canary))
  })

attackCase('R3', 'a label that is kept, with a text that is long and moves a cursor', async ({ attack, control, row }) => {
  const label = async (value: string) => {
    const one = { id: idOf('ca3'), name: 'labelled', labels: { 'com.bytelyst.note': value } }
    rig.engine.add(one)
    return until(
      'its label is known',
      async () => {
        const { body } = await rig.kit.ask('containers.inspect', { container: 'labelled' }, 'service')
        const seen = (body.container as { labels?: Record<string, string> } | undefined)?.labels?.['com.bytelyst.note']
        return seen?.[0] === value.replace('\u001b', '')[0] && seen
      },
      withinMs,
    )
  }
  await attack('is cut, and cleaned', async () => {
    const seen = await label(`\u001b[2J<img src=x>\u202e${'y'.repeat(10_000)}`)
    expect(seen.length).toBeLessThanOrEqual(256)
    expect(seen).not.toMatch(/[\u0000-\u001f\u202e]/)
  })
  await control('a short one stays as it is', async () => expect(await label('plain')).toBe('plain'))
  await row('the rows hold none of it', async () => expect(await everywhere()).not.toMatch(/yyyy/))
})

attackCase('R4', 'an error of the engine that says back what it was asked', async ({ attack, control, row }) => {
  await attack('is a code of our own, whatever the state', async () => {
    for (const status of [400, 404, 409, 500, 503]) {
      rig.engine.script((line) => (/stats|POST|logs/.test(line) ? { status, body: { message: c('echo') } } : undefined))
      const answers = [
        await rig.kit.ask('containers.stats', { container: 'alpha' }, 'operator'),
        await rig.kit.ask('containers.logs', { container: 'alpha' }, 'operator'),
        await rig.kit.ask('containers.logs', { container: 'alpha', follow: true }, 'operator'),
      ]
      for (const { status: told, text } of answers) expect([told >= 400, text.includes('canary')]).toEqual([true, false])
    }
    const changed = await rig.kit.ask('containers.restart', { container: 'alpha' }, 'operator')
    expect([changed.status, changed.text.includes('canary')]).toEqual([502, false])
  })
  await control('without it each is served', async () => {
    rig.engine.script(null)
    expect((await rig.kit.ask('containers.stats', { container: 'alpha' }, 'operator')).status).toBe(200)
  })
  await row('the row has the code alone', async () => {
    expect((await rig.rows()).at(-1)).toMatchObject({ outcome: 'failed', code: 'DOCKER_ENGINE_ERROR' })
    expect(await everywhere()).not.toContain(c('echo'))
  })
})

attackCase('R6', 'commands that are run in a container, as the engine tells them', async ({ attack, control, row }) => {
  await attack('no event says any, nor anything behind a colon', async () => {
    const stop = rig.kit.read('events', {}, (lines) => lines.some(({ action }) => action === 'health_status'), 'viewer')
    await until('the stream is open', async () => true)
    const send = setInterval(() => {
      for (const action of [`exec_create: sh -c login -p${c('exec')}`, `exec_start: ${c('exec')}`, `health_status: ${c('exec')}`])
        rig.engine.event(eventOf(full, action))
    }, 50)
    const seen = await stop.finally(() => clearInterval(send))
    expect(JSON.stringify(seen)).not.toMatch(/canary|exec_/)
  })
  await control('the event itself is told', async () => {
    const seen = rig.kit.read('events', {}, (lines) => lines.some(({ action }) => action === 'pause'), 'viewer')
    const send = setInterval(() => rig.engine.event(eventOf(full, 'pause')), 50)
    expect((await seen.finally(() => clearInterval(send))).at(-1)).toMatchObject({ name: 'full', action: 'pause' })
  })
  await row('the rows hold none', async () => expect(await everywhere()).not.toContain(c('exec')))
})

attackCase('R7', 'secrets that a program prints', async ({ attack, control, row }) => {
  const printer = {
    id: idOf('ca7'),
    name: 'printer',
    log: [...printedSecrets, 'nothing to hide'].map((text) => `2026-01-01T00:00:00.000000000Z ${text}\n`),
  }
  rig.engine.add(printer)
  await until(
    'the model knows it',
    async () => (await rig.kit.ask('containers.inspect', { container: 'printer' }, 'service')).status === 200,
    withinMs,
  )
  const read = (follow: boolean) =>
    rig.kit.read('containers.logs', { container: 'printer', follow }, (lines) => lines.length > printedSecrets.length, 'operator')
  await attack('leave masked, and counted', async () => {
    for (const follow of [false, true]) {
      const lines = (await read(follow)).slice(0, printedSecrets.length)
      expect(JSON.stringify(lines)).not.toMatch(secretParts)
      expect(lines.every(({ masked }) => Number(masked) > 0)).toBe(true)
    }
  })
  await control('other text stays', async () => expect((await read(false)).at(-1)).toMatchObject({ text: 'nothing to hide' }))
  await row('no row and no log line of our own has any', async () => expect(await everywhere()).not.toMatch(secretParts))
})

attackCase('R8', 'what docker-proxy itself writes', async ({ attack, control, row }) => {
  const bearer = /authorization: Bearer ([\w.-]+)/i.exec(rig.call())?.[1] ?? 'none'
  const grant = rig.kit.grant('containers.restart', 'a'.repeat(64))
  await attack('no token, confirmation or reference, though calls with them failed in every way', async () => {
    for (const differs of [
      { path: '/v1/nothing' },
      { body: 'no json' },
      { headers: { 'x-grant': grant } },
      { headers: { authorization: `Bearer ${bearer}x` } },
      { path: `/v1/x?token=${bearer}` },
      { path: `/${bearer}` },
    ])
      await rig.send(rig.call(differs))
    rig.engine.script(() => ({ status: 500, body: {} }))
    await rig.send(rig.call())
    const written = await everywhere()
    for (const secret of [bearer, grant]) expect([secret.length > 40, written.includes(secret.slice(40))]).toEqual([true, false])
  })
  await control('it does write', () => expect(rig.program.output.join()).toContain('"msg":"ready"'))
  await row('the refusals are there, by code', async () =>
    expect(await rig.refusals(({ code }) => code === 'ROUTE_NOT_FOUND')).toBeGreaterThanOrEqual(3),
  )
})
