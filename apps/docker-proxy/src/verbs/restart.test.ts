import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { idOf } from '@console/testkit/fake-container'
import { type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import type { Handled } from '@console/verb-kit/handler'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFollows } from '../follows.ts'
import { type Model, startModel } from '../model.ts'
import { containerVerbs } from './containers.ts'

const a = idOf('a1')

describe('containers.restart', () => {
  let dir: string
  let engine: RecordingEngine
  let model: Model
  let restart: (container: string) => Promise<object>
  const asked = () => engine.requests.filter(({ line }) => line.startsWith('POST')).map(({ line }) => line)

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'restart-'))
    engine = await startRecordingEngine({ socketPath: join(dir, 'engine.sock') })
    engine.add({ id: a, name: 'alpha' })
    model = startModel({ socketPath: engine.socketPath, log: () => undefined })
    const { run } = containerVerbs(model, createFollows(model)).find(({ verb }) => verb.id === 'containers.restart') as Handled
    restart = (container) => (run as (args: object) => Promise<object>)({ container, waitSec: 1 })
    await until('it is live', () => model.list().freshness === 'live', 20_000)
  })
  afterEach(async () => {
    await model.stop()
    await engine.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('asks by full id alone, where names are also beginnings of ids', async () => {
    engine.add({ id: idOf('b2'), name: 'a1' })
    expect(await restart('a1')).toMatchObject({ ok: true, id: idOf('b2'), name: 'a1' })
    expect(asked()).toEqual([`POST /v1.41/containers/${idOf('b2')}/restart?t=1 HTTP/1.1`])
  })

  it('leaves a part of the console alone, and one that is neither running nor exited', async () => {
    engine.add({ id: idOf('b2'), name: 'docker-proxy' })
    engine.add({ id: idOf('b3'), name: 'held', state: 'paused' })
    await expect(restart('docker-proxy')).rejects.toMatchObject({ code: 'PROTECTED', status: 403 })
    await expect(restart('held')).rejects.toMatchObject({ code: 'DOCKER_CONTAINER_STATE', status: 409 })
    expect(asked()).toEqual([])
    engine.change(idOf('b3'), { state: 'exited' }, 'die')
    expect(await restart('held')).toMatchObject({ ok: true })
  })

  it('may be asked again once it is over, whether it came to something or not', async () => {
    engine.script((line) => (line.startsWith('POST') ? { status: 500, body: {} } : undefined))
    await expect(restart('alpha')).rejects.toMatchObject({ code: 'DOCKER_ENGINE_ERROR' })
    engine.script(null)
    expect(await restart('alpha')).toMatchObject({ ok: true })
    expect(await restart('alpha')).toMatchObject({ ok: true })
  })

  it('is done when the engine says so, whatever takes the id as its name meanwhile', async () => {
    engine.script((line) => {
      if (line.startsWith('POST')) engine.add({ id: idOf('c3'), name: a })
      return undefined
    })
    const before = engine.containers.get(a)?.startedAt
    const told = (await restart('alpha')) as { ok: boolean; id: string; startedAt: string }
    expect(told).toMatchObject({ ok: true, id: a })
    expect(told.startedAt).not.toBe(before)
    expect(told.startedAt).toBe(engine.containers.get(a)?.startedAt)
  })

  it('is done when the engine says so and cannot be asked about it afterwards', async () => {
    let restarted = false
    engine.script((line) => {
      if (line.startsWith('POST')) restarted = true
      else if (restarted) return { status: 500, body: {} }
      return undefined
    })
    expect(await restart('alpha')).toMatchObject({ ok: true, id: a, startedAt: null })
  })

  it('says that it does not know when the engine breaks off', async () => {
    engine.script((line) => (line.startsWith('POST') ? { raw: '' } : undefined))
    await expect(restart('alpha')).rejects.toMatchObject({
      code: 'DOCKER_ENGINE_AWAY',
      untouched: false,
      message: expect.stringContaining('Whether alpha was restarted is not known'),
    })
  })

  it('has reached nothing while the engine is away', async () => {
    await engine.stop()
    await expect(restart('alpha')).rejects.toMatchObject({ code: 'DOCKER_ENGINE_AWAY', untouched: true })
  })

  it('is one at a time for a container', async () => {
    const held = Promise.withResolvers<undefined>()
    engine.script((line) => (line.startsWith('POST') ? held.promise : undefined))
    const first = restart('alpha')
    await until('the engine was asked', () => asked().length === 1, 20_000)
    await expect(restart(a)).rejects.toMatchObject({ code: 'DOCKER_ACTION_BUSY' })
    held.resolve(undefined)
    expect(await first).toMatchObject({ ok: true })
    expect(asked().length).toBe(1)
  })

  it.each([
    [404, 'DOCKER_CONTAINER_NOT_FOUND'],
    [409, 'DOCKER_CONTAINER_STATE'],
    [500, 'DOCKER_ENGINE_ERROR'],
    [301, 'DOCKER_ENGINE_ERROR'],
  ])('tells of the engine’s %s nothing but a code of our own: %s', async (status, code) => {
    engine.script((line) => (line.startsWith('POST') ? { status, body: { message: 'canary' } } : undefined))
    await expect(restart('alpha')).rejects.toMatchObject({ code, message: expect.not.stringContaining('canary') })
  })
})
