import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { startOwnEngine } from '@console/testkit/own-engine'
import { startRecordingEngine } from '@console/testkit/recording-engine'
import { imageOn } from '@console/testkit/test-image'
import type { Playground } from './cleanup.conformance.ts'
import type { Kind } from './judge-objects.ts'

const mark = { 'com.bytelyst.protect': 'true' }
const hex = (): string => randomBytes(32).toString('hex')

/** An engine of the test's own program, with nothing in it but what the test makes. */
export async function realPlayground(command: readonly string[]): Promise<Playground> {
  const engine = await startOwnEngine(command)
  const { docker, ask } = engine
  const name = imageOn(engine.socket)
  const base = { id: docker('image', 'inspect', '-f', '{{.Id}}', name), name }
  // It stays in use whatever a test does, as the image of what runs.
  docker('run', '-d', '--network', 'none', '--label', 'com.bytelyst.protect=true', '--name', 'keeper', name, 'sleep', '3600')
  const keeper = docker('inspect', '-f', '{{.Id}}', 'keeper')
  const told = async <T>(method: string, path: string, sent?: object): Promise<T> => {
    const { status, body } = await ask(method, path, sent)
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`)
    return body as T
  }
  const lists: Record<Kind, () => Promise<string[]>> = {
    containers: async () =>
      docker('ps', '-aq', '--no-trunc')
        .split('\n')
        .filter((id) => id !== '' && id !== keeper),
    images: async () => docker('images', '-q', '--no-trunc').split('\n').filter(Boolean),
    volumes: async () => docker('volume', 'ls', '-q').split('\n').filter(Boolean),
    'build-cache': async () => {
      // An older engine answers one of two who ask at once with an error.
      const body = await until(
        'the engine measures',
        async () => {
          const reply = await ask('GET', '/system/df')
          return reply.status === 200 ? (reply.body as { BuildCache: { ID: string }[] | null }) : null
        },
        60_000,
      )
      return (body.BuildCache ?? []).map(({ ID }) => ID)
    },
  }
  return {
    socket: engine.socket,
    base,
    image: async (tag, marked = false) => engine.image(hex(), { ...(tag !== null && { tag }), ...(marked && { labels: mark }) }),
    tag: async (image, to) => void docker('tag', image, to),
    async container({ image = base.name, volume, marked = false, name: called, ran = true } = {}) {
      const { Id: id } = await told<{ Id: string }>('POST', `/containers/create${called ? `?name=${called}` : ''}`, {
        Image: image,
        Cmd: ['true'],
        Labels: marked ? mark : {},
        HostConfig: { NetworkMode: 'none', ...(volume && { Binds: [`${volume}:/data`] }) },
      })
      // What an image without a shell cannot run has been made all the same.
      if (image !== base.name || !ran) return id
      await told('POST', `/containers/${id}/start`)
      await told('POST', `/containers/${id}/wait`)
      return id
    },
    start: async (id) => void docker('start', id),
    async volume(volume, marked = false) {
      const made = await told<{ Name: string }>('POST', '/volumes/create', { ...(volume && { Name: volume }), Labels: marked ? mark : {} })
      return made.Name
    },
    build: () => engine.build(`built-${hex().slice(0, 12)}:1`, randomBytes(20_000)),
    all: async (kind) => [...new Set(await lists[kind]())],
    async remove(kind, id) {
      docker(kind === 'containers' ? 'rm' : kind === 'images' ? 'rmi' : 'volume', ...(kind === 'volumes' ? ['rm'] : []), id)
    },
    restart: engine.restart,
    async stop() {
      docker('rm', '-f', keeper)
      await engine.stop()
    },
  }
}

/** The recording engine, told the same. */
export async function fakePlayground(): Promise<Playground> {
  const dir = mkdtempSync(join(tmpdir(), 'playground-'))
  const engine = await startRecordingEngine({ socketPath: join(dir, 'engine.sock') })
  const { disk, containers } = engine
  const shaOf = (): string => `sha256:${hex()}`
  const base = { id: shaOf(), name: 'base:1' }
  disk.images.set(base.id, { id: base.id, tags: [base.name] })
  const keeper = hex()
  engine.add({ id: keeper, name: 'keeper', labels: mark, listed: { ImageID: base.id, Image: base.name } })
  let names = 0
  const lists: Record<Kind, () => string[]> = {
    containers: () => [...containers.keys()].filter((id) => id !== keeper),
    images: () => [...disk.images.keys()],
    volumes: () => [...disk.volumes.keys()],
    'build-cache': () => [...disk.cache.keys()],
  }
  return {
    socket: engine.socketPath,
    base,
    async image(tag, marked = false) {
      const id = shaOf()
      disk.images.set(id, { id, tags: tag === null ? [] : [tag], ...(marked && { labels: mark }) })
      return id
    },
    async tag(image, to) {
      const known = disk.images.get(image)
      if (known) disk.images.set(image, { ...known, tags: [...known.tags, to].sort() })
    },
    async container({ image = base.id, volume, marked = false, name: called, ran = true } = {}) {
      names += 1
      const id = hex()
      const Mounts = volume ? [{ Type: 'volume', Name: volume }] : []
      engine.add({
        id,
        name: called ?? `made-${names}`,
        state: ran ? 'exited' : 'created',
        labels: marked ? mark : {},
        listed: { ImageID: image, Image: image, Mounts },
      })
      return id
    },
    start: async (id) => engine.change(id, { state: 'running', startedAt: new Date().toISOString() }, 'start'),
    async volume(name, marked = false) {
      const volume = name ?? hex()
      disk.volumes.set(volume, { name: volume, ...(marked && { labels: mark }) })
      return volume
    },
    async build() {
      const now = new Date().toISOString()
      const id = (): string => createHash('md5').update(randomBytes(8)).digest('hex').slice(0, 25)
      const [source, layer] = [id(), id()]
      disk.cache.set(source, { id: source, lastUsedAt: now })
      disk.cache.set(layer, { id: layer, parents: [source], lastUsedAt: now })
    },
    all: async (kind) => lists[kind](),
    async remove(kind, id) {
      if (kind === 'containers') engine.remove(id)
      else if (kind === 'images') disk.images.delete(id)
      else disk.volumes.delete(id)
    },
    async restart() {
      await engine.stop()
      await engine.start()
    },
    async stop() {
      await engine.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
