import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import type { OllamaPlace } from '@console/testkit/ollama-place'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDeskAt, type TestDesk } from './ollama-desk.fake.ts'

const minute = 60_000

/** What host-agent makes of any Ollama. */
export function ollamaConformance(start: () => Promise<OllamaPlace>): void {
  let place: OllamaPlace
  let dir: string
  let desk: TestDesk
  const copy = (from: string, to: string) => place.call('/api/copy', { source: from, destination: to })
  const load = (name: string, keepAlive: string | number) =>
    place.call('/api/generate', { model: name, prompt: 'hi', stream: false, keep_alive: keepAlive })
  // Whoever else uses it may have loaded another.
  const loadedOf = async (name: string) => (await desk.list()).loaded.find((one) => one.name === name)
  const names = async () => (await desk.list()).models.map(({ name }) => name)

  beforeAll(async () => {
    place = await start()
    dir = mkdtempSync(join(tmpdir(), 'ollama-'))
    desk = openDeskAt({ dir, port: place.port })
  }, minute)
  afterAll(async () => {
    await desk?.stop()
    rmSync(dir, { recursive: true, force: true })
    await place?.stop()
  }, minute)

  it('lists models with what Ollama knows of them, and does not know when they were used before anybody looked', async () => {
    const { version, models, left, watchedSince } = await desk.list()
    expect(version).toMatch(/^[0-9]+\.[0-9]+/)
    const model = models.find(({ name }) => name === place.names[0])
    expect(model).toMatchObject({
      family: expect.stringMatching(/^[a-z]/),
      parameterSize: expect.stringMatching(/[0-9]/),
      quantisation: expect.stringMatching(/./),
      digest: expect.stringMatching(/^[a-f0-9]{64}$/),
      modifiedAt: expect.stringMatching(/Z$/),
      lastSeenLoadedAt: null,
    })
    expect([(model?.sizeBytes ?? 0) > 1_000, left, Date.parse(watchedSince) <= Date.now()]).toEqual([true, 0, true])
  })

  it(
    'tells what is loaded and until when, unloads it, and remembers that it was seen',
    async () => {
      const [name] = place.names
      await load(name, '5m')
      const loaded = await loadedOf(name)
      expect([loaded?.name, (loaded?.sizeBytes ?? 0) > 0]).toEqual([name, true])
      expect(Date.parse(loaded?.expiresAt ?? '')).toBeGreaterThan(Date.now())
      await load(name, -1)
      expect((await loadedOf(name))?.expiresAt).toBe(null)
      const { digest } = await desk.plan(name)
      await expect(desk.delete(name, digest)).rejects.toMatchObject({ code: 'OLLAMA_MODEL_LOADED', status: 409 })
      expect(await desk.ask('ollama.unload', { name })).toEqual({ name, left: true })
      const { models, loaded: others } = await desk.list()
      expect([others.filter((one) => one.name === name), models.find((one) => one.name === name)?.lastSeenLoadedAt]).toEqual([
        [],
        expect.stringMatching(/Z$/),
      ])
      await expect(desk.ask('ollama.unload', { name })).rejects.toMatchObject({ code: 'OLLAMA_MODEL_NOT_LOADED', status: 409 })
      await expect(desk.ask('ollama.unload', { name: 'not-there:x' })).rejects.toMatchObject({ code: 'OLLAMA_MODEL_NOT_LOADED' })
    },
    minute,
  )

  it('deletes exactly the model that was confirmed, once, and says before what that frees', async () => {
    const [from] = place.names
    await copy(from, 'conformance-copy:one')
    const { plan, digest } = await desk.plan('conformance-copy:one')
    expect(plan).toMatchObject({ name: 'conformance-copy:one', freesBytes: 0, sharedWith: [from], plannedBy: 'user-1' })
    expect((await desk.plan(place.names[1])).plan).toMatchObject({
      freesBytes: expect.toSatisfy((bytes: number) => bytes > 1_000),
      sharedWith: [],
    })
    await expect(desk.delete(place.names[1], digest)).rejects.toMatchObject({ code: 'PLAN_NOT_FOUND' })
    expect(await desk.delete('conformance-copy:one', digest)).toMatchObject({ name: 'conformance-copy:one', freesBytes: 0 })
    expect(await names()).toEqual(expect.arrayContaining([...place.names]))
    expect(await names()).not.toContain('conformance-copy:one')
    await expect(desk.delete('conformance-copy:one', digest)).rejects.toMatchObject({ code: 'PLAN_USED' })
    await expect(desk.plan('conformance-copy:one')).rejects.toMatchObject({ code: 'OLLAMA_MODEL_NOT_FOUND', status: 404 })
  })

  it('keeps a model whose name stands for another one since it was shown', async () => {
    const [first, second] = place.names
    await copy(first, 'conformance-copy:two')
    const { digest } = await desk.plan('conformance-copy:two')
    await copy(second, 'conformance-copy:two')
    await expect(desk.delete('conformance-copy:two', digest)).rejects.toMatchObject({ code: 'OLLAMA_MODEL_CHANGED', status: 409 })
    expect(await names()).toContain('conformance-copy:two')
    const again = await desk.plan('conformance-copy:two')
    expect(await desk.delete('conformance-copy:two', again.digest)).toMatchObject({ modelDigest: again.plan.modelDigest })
  })

  it(
    'tells a pull of what is nowhere as failed, in its own words',
    async () => {
      const { pull } = await desk.pull('nothing-here-at-all:none')
      expect(pull).toMatchObject({ state: 'running', name: 'nothing-here-at-all:none', by: 'user-1' })
      const ended = await until('the pull ends', async () => (await desk.list()).pulls.find(({ state }) => state !== 'running'), minute)
      expect(ended).toMatchObject({ pullId: pull.pullId, state: 'failed', code: 'OLLAMA_PULL_FAILED', digest: null })
      const row = await until('its row is written', () => desk.rows.find(({ action }) => action === 'ollama.pull.end'))
      expect(row).toMatchObject({ target: 'nothing-here-at-all:none', outcome: 'failed', code: 'OLLAMA_PULL_FAILED', requestId: 'r1' })
    },
    2 * minute,
  )
}
