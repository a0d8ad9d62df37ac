import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { type FakeOllama, startFakeOllama } from '@console/testkit/fake-ollama'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDeskAt, type TestDesk } from './ollama-desk.fake.ts'

const patient = 20_000

describe('a pull', () => {
  let ollama: FakeOllama
  let dir: string
  let desk: TestDesk
  const pullNow = async () => (await desk.list()).pulls[0]
  const ended = () =>
    until(
      'the pull ends',
      async () => {
        const pull = await pullNow()
        return pull?.state !== 'running' && pull
      },
      patient,
    )
  const isAt = (completed: number) => until(`${completed} bytes`, async () => (await pullNow())?.completedBytes === completed, patient)

  beforeEach(async () => {
    ollama = await startFakeOllama()
    dir = mkdtempSync(join(tmpdir(), 'pulls-'))
    desk = openDeskAt({ dir, port: ollama.port })
  })
  afterEach(async () => {
    await desk.stop()
    await ollama.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('tells how far it is, goes on whoever watches, and succeeds once the model is there', async () => {
    const go = ollama.hold()
    const { pull } = await desk.pull('library/new-model')
    expect(pull).toMatchObject({ name: 'new-model:latest', state: 'running', phase: 'manifest', totalBytes: 0 })
    await isAt(1_002_000)
    expect(await pullNow()).toMatchObject({ phase: 'layers', totalBytes: 1_004_000, layers: 2, layersDone: 1 })
    await expect(desk.pull('another')).rejects.toMatchObject({ code: 'OLLAMA_PULL_BUSY', status: 409 })
    go()
    const done = await ended()
    const digest = ollama.models.get('new-model:latest')?.digest
    expect(done).toMatchObject({ state: 'succeeded', phase: 'done', completedBytes: 1_004_000, digest, code: null, bytesPerSec: null })
    const asked = ollama.requests.filter(({ path }) => path === '/api/pull')
    expect(asked.map(({ method, body }) => [method, JSON.parse(body)])).toEqual([['POST', { model: 'new-model:latest', stream: true }]])
    const row = await until('its row', () => desk.rows.find(({ action }) => action === 'ollama.pull.end'))
    expect(row).toMatchObject({
      target: 'new-model:latest',
      outcome: 'done',
      details: { state: 'succeeded', digest, totalBytes: 1_004_000 },
    })
  })

  it('does not begin where it cannot be written down', async () => {
    const bar = join(dir, `ollama/pulls.json.${process.pid}.part`)
    mkdirSync(bar, { recursive: true })
    await expect(desk.pull('new-model')).rejects.toMatchObject({ syscall: 'open' })
    expect([(await desk.list()).pulls, ollama.requests.filter(({ path }) => path === '/api/pull')]).toEqual([[], []])
    rmSync(bar, { recursive: true })
    await desk.pull('new-model')
    expect(await ended()).toMatchObject({ state: 'succeeded' })
  })

  it('ends at Ollama too when it is cancelled, and can be pulled again', async () => {
    ollama.hold()
    const { pull } = await desk.pull('new-model')
    await isAt(1_002_000)
    await desk.cancel(pull.pullId)
    expect(await ended()).toMatchObject({ state: 'cancelled', cancelledBy: 'user-1', code: null, completedBytes: 1_002_000 })
    await until('Ollama sees it', () => ollama.left.includes('new-model:latest'), patient)
    expect(ollama.models.has('new-model:latest')).toBe(false)
    await expect(desk.cancel(pull.pullId)).rejects.toMatchObject({ code: 'OLLAMA_PULL_ENDED', status: 409 })
    await expect(desk.cancel('no-such-pull')).rejects.toMatchObject({ code: 'OLLAMA_PULL_NOT_FOUND', status: 404 })
    await until('its row', () => desk.rows.some(({ code }) => code === 'PULL_CANCELLED'))
    expect((await desk.pull('new-model')).pull.state).toBe('running')
  })

  it('is interrupted when the agent ends, by its own stop or without one, and says so from then on', async () => {
    ollama.hold()
    await desk.pull('new-model')
    await isAt(1_002_000)
    // As after a kill: another agent on the same folder finds it open.
    const next = openDeskAt({ dir, port: ollama.port })
    expect((await next.list()).pulls[0]).toMatchObject({ state: 'interrupted', endedAt: expect.stringMatching(/Z$/) })
    await until('its row', () => next.rows.some(({ code }) => code === 'PULL_INTERRUPTED'))
    await next.stop()
    await desk.stop()
    expect((await pullNow())?.state).toBe('interrupted')
    await until('Ollama sees it', () => ollama.left.includes('new-model:latest'), patient)
  })

  it.each([
    ['an error', `{"error":"dial tcp: lookup secret-host.internal"}\n`, 'OLLAMA_PULL_FAILED'],
    ['no JSON', 'pulling\n', 'OLLAMA_ERROR'],
    ['a line without a status', '{}\n', 'OLLAMA_ERROR'],
    ['a size that is none', `{"status":"x","digest":"sha256:${'a'.repeat(64)}","total":-5}\n`, 'OLLAMA_ERROR'],
    ['a size beyond counting', `{"status":"x","digest":"sha256:${'a'.repeat(64)}","total":1e300}\n`, 'OLLAMA_ERROR'],
    ['a layer without a digest', '{"status":"x","digest":"../../etc","total":5}\n', 'OLLAMA_ERROR'],
    ['an end without success', '{"status":"verifying sha256 digest"}\n', 'OLLAMA_ERROR'],
    ['a line that does not end', 'x'.repeat(70_000), 'OLLAMA_ERROR'],
    ['success, and no such model', '{"status":"success"}\n', 'OLLAMA_MODEL_NOT_FOUND'],
  ])('fails where Ollama answers %s, and keeps none of its words', async (_, text, code) => {
    ollama.instead('/api/pull', (_request, response) => {
      response.writeHead(200).write(text)
      // A line that is too long is given up before it ends.
      if (text.endsWith('\n')) response.end()
    })
    await desk.pull('new-model')
    expect(await ended()).toMatchObject({ state: 'failed', code, digest: null })
    expect(JSON.stringify([await desk.list(), desk.rows])).not.toContain('secret-host')
  })

  it('never goes backwards, and never over its size', async () => {
    const layer = (completed: number) => `{"status":"pulling x","digest":"sha256:${'a'.repeat(64)}","total":100,"completed":${completed}}\n`
    const { promise: over, resolve: end } = Promise.withResolvers<void>()
    ollama.instead('/api/pull', async (_request, response) => {
      response.writeHead(200).write(layer(90) + layer(10))
      await over
      response.end(layer(5_000))
    })
    await desk.pull('new-model')
    await isAt(90)
    end()
    expect(await ended()).toMatchObject({ state: 'failed', completedBytes: 100, totalBytes: 100, layersDone: 1 })
  })

  it('is given up when Ollama falls silent', async () => {
    await desk.stop()
    desk = openDeskAt({ dir, port: ollama.port, limits: { silenceMs: 200 } })
    ollama.hold()
    await desk.pull('new-model')
    expect(await ended()).toMatchObject({ state: 'failed', code: 'OLLAMA_AWAY' })
  })

  it('is refused from a registry that is not listed, and where there is no Ollama', async () => {
    for (const name of [
      '127.0.0.1/library/x',
      'localhost:11434/a/b',
      'registry.ollama.ai.example.net/a/b',
      'hf.co/a/b',
      '169.254.169.254/a/b',
    ])
      await expect(desk.pull(name)).rejects.toMatchObject({ code: 'OLLAMA_REGISTRY_REFUSED', status: 403 })
    expect((await desk.pull('Registry.Ollama.AI/library/x:y')).pull.name).toBe('x:y')
    await ended()
    await ollama.stop()
    await expect(desk.pull('x')).rejects.toMatchObject({ code: 'OLLAMA_AWAY', status: 503 })
    ollama = await startFakeOllama()
  })
})
