import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LimitTable } from '@console/http-kit/limits'
import { until } from '@console/testkit/daemon-harness'
import { containersAt, type EngineContainers } from '@console/testkit/engine-containers'
import { type EventStream, openEvents, type SentEvent } from '@console/testkit/event-stream'
import { type Relay, startRelay } from '@console/testkit/relay'
import { type Devops, type Person, startDevops } from '../../apps/devops-backend/src/devops.fake.ts'

/** One who follows a log in the console. */
type Viewer = EventStream & {
  readonly events: readonly SentEvent[]
  /** The lines that came. */
  texts(): string[]
  isOver(): boolean
}
/** The console with a real engine behind it, and containers whose logs are followed. */
export type EngineViewers = {
  readonly containers: EngineContainers
  readonly relay: Relay
  readonly devops: Devops
  readonly admin: Person
  /** The API that is spoken with the engine, such as `1.41`. */
  readonly api: string
  /** Starts a container, and waits until the console knows it. @returns its full id */
  run(name: string, script: string): Promise<string>
  /** How many connections of the engine give this log. */
  open(id: string): number
  /** The queries with which the engine was asked for this log. */
  asked(id: string): string[]
  pathOf(id: string, tail?: number): string
  view(id: string, how?: { readonly by?: Person; readonly bearer?: string; readonly lastEventId?: string }): Promise<Viewer>
  stop(): Promise<void>
}

const withinMs = 60_000

export async function startEngineViewers(socket: string, limits: Partial<LimitTable> = {}): Promise<EngineViewers> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-viewers-'))
  const containers = containersAt(socket)
  const relay = startRelay(join(folder, 'engine.sock'), socket)
  const devops = await startDevops({ parts: ['platform-service', 'docker-proxy'], env: { DOCKER_SOCKET: relay.path }, limits })
  const admin = await devops.setUp()
  const api = await until('the engine is known', async () => (await admin.devops.get('/vm/containers')).body.engine?.apiVersion, withinMs)
  const leaving: (() => void)[] = []
  const pathOf = (id: string, tail = 100) => `/api/devops/vm/containers/${id}/logs/stream?tail=${tail}`
  return {
    containers,
    relay,
    devops,
    admin,
    api: String(api),
    pathOf,
    async run(name, script) {
      const id = containers.run(name, [], 'bash', '-c', script)
      await until('it is known', async () => (await admin.devops.get(`/vm/containers/${id}`)).status === 200, withinMs)
      return id
    },
    open: (id) => relay.open(`${id}/logs`),
    asked: (id) => {
      const questions = relay.sent().flatMap((text) => [...text.matchAll(/^GET \S+\/containers\/(\w+)\/logs\?(\S+)/gm)])
      return questions.flatMap(([, of, query = '']) => (of === id ? [query] : []))
    },
    async view(id, { by = admin, bearer, lastEventId = null as string | null } = {}) {
      const events: SentEvent[] = []
      const who = bearer === undefined ? { cookie: by.devops.cookiesFor('/api/devops/events') } : { bearer }
      const stream = await openEvents({ port: devops.port, path: pathOf(id), lastEventId, ...who }, (event) => events.push(event))
      leaving.push(stream.close)
      let isOver = false
      void stream.over.then(() => {
        isOver = true
      })
      const texts = () =>
        events
          .filter(({ event }) => event === 'lines')
          .flatMap(({ data }) => (JSON.parse(data) as { items: { text: string }[] }).items)
          .map(({ text }) => text)
      return { ...stream, events, texts, isOver: () => isOver }
    },
    async stop() {
      for (const leave of leaving) leave()
      await devops.close()
      relay.cut()
      containers.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
