import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { idOf } from '@console/testkit/fake-container'
import { type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serviceOf } from './e2e/seed-console.ts'

const withinMs = 60_000
const sha = (prefix: string): string => `sha256:${idOf(prefix)}`

describe('what a service runs after a good deploy', () => {
  let parts: RunningParts
  let engine: RecordingEngine
  let folder: string
  let admin: Person
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'good-deploys-'))
    engine = await startRecordingEngine({ socketPath: join(folder, 'engine.sock') })
    for (const [prefix, name] of [
      ['b1', 'web:1'],
      ['b2', 'web:2'],
      ['b3', 'other:1'],
    ] as const)
      engine.disk.images.set(sha(prefix), { id: sha(prefix), tags: [name] })
    engine.add({ id: idOf('a1'), name: 'web', listed: { ImageID: sha('b1'), Image: 'web:1' } })
    parts = await startParts({
      parts: ['platform-service', 'host-agent', 'docker-proxy', 'devops-backend'],
      env: { 'docker-proxy': { DOCKER_SOCKET: engine.socketPath } },
    })
    parts.writeScript('good', 'echo done')
    parts.writeScript('bad', 'exit 3')
    admin = await parts.setUp()
    for (const name of ['good', 'bad']) await register(name)
  }, 180_000)
  afterAll(async () => {
    await parts?.stop()
    await engine?.stop()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  async function register(name: string): Promise<void> {
    const { digest } = (await admin.devops.post(`/scripts/${name}/plan`, {})).body as unknown as { digest: string }
    const { grant } = (await admin.platform.post('/auth/grants', { verb: 'scripts.approve', digest })).body as unknown as { grant: string }
    expect((await admin.devops.post(`/scripts/${name}/approve`, { digest }, { 'x-grant': grant })).status).toBe(200)
    const service = { ...serviceOf(name), scriptId: name, containers: { by: 'names', names: ['web'] } }
    expect((await admin.devops.post('/services', service)).status).toBe(201)
  }
  const deploy = async (name: string): Promise<string> => {
    const { status, body } = await admin.devops.post(`/deployments/trigger/${name}`, { reason: 'to see what is kept' })
    expect(status).toBe(202)
    const ended = async () => {
      const { state } = (await admin.devops.get(`/deployments/${String(body.id)}`)).body as { state?: unknown }
      return ['succeeded', 'failed'].includes(String(state)) && String(state)
    }
    return until(`the deployment of ${name} ends`, ended, withinMs)
  }
  const kept = () => parts.rows('docker-proxy').filter(({ action, outcome }) => action === 'images.protect' && outcome === 'done')
  const whyKept = async () => {
    const { body } = await admin.devops.post('/docker/cleanup/plan', { kinds: ['images'], images: 'unused' })
    const { items, kept: stays } = body.plan as unknown as { items: { id: string }[]; kept: { id: string; why: string }[] }
    return { goes: items.map(({ id }) => id).sort(), stays: Object.fromEntries(stays.map(({ id, why }) => [id, why])) }
  }

  it(
    'is told to docker-proxy by the backend, and no cleanup removes it; a deploy that failed tells nothing',
    async () => {
      expect(await deploy('bad')).toBe('failed')
      expect(await deploy('good')).toBe('succeeded')
      const first = await until('the first set is remembered', () => kept().find(({ target }) => target === 'good'), withinMs)
      expect(first).toMatchObject({ outcome: 'done', actor: { kind: 'service' }, details: { images: [sha('b1')] } })
      // The next release: what ran before has no container any more.
      engine.remove(idOf('a1'))
      engine.add({ id: idOf('a2'), name: 'web', listed: { ImageID: sha('b2'), Image: 'web:2' } })
      const knows = async () => {
        const { items } = (await admin.devops.get('/vm/containers')).body as unknown as { items: { imageId: string }[] }
        return items.length === 1 && items[0]?.imageId === sha('b2')
      }
      await until('the release is known', knows, withinMs)
      expect(await deploy('good')).toBe('succeeded')
      await until('the second set is remembered', () => kept().length === 2, withinMs)
      expect(await whyKept()).toEqual({ goes: [sha('b3')], stays: { [sha('b1')]: 'good-deploy', [sha('b2')]: 'in-use' } })
      expect(kept().map(({ target }) => target)).toEqual(['good', 'good'])
    },
    4 * withinMs,
  )
})
