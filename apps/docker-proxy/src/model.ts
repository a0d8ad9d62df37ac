import { setTimeout as pause } from 'node:timers/promises'
import { DaemonError } from '@console/verb-kit/problem'
import { createEngine, type Engine, engineAway } from './engine.ts'
import { createHeldContainers, type HeldContainers, type Whole } from './held-containers.ts'
import { jsonLines } from './json-lines.ts'
import { createModelEvents, type Freshness, type ModelEvent } from './model-events.ts'
import type { Container } from './projection.ts'
import { createEngineReader, type EngineInfo, readVersion } from './read-engine.ts'

/** The engine's containers, kept in memory from one list and its events. Reads never wait for the engine; actions always ask it. */
export type Model = {
  /** The same object for as long as it says the same. */
  list(): Listed
  /** The container of exactly this full id or whole name, as the engine knows it at this moment. */
  resolve(ref: string): Promise<Whole>
  /** The same by its full id alone, whatever names there are. */
  resolveId(id: string): Promise<Whole>
  /** The full id that a reference stands for as far as is known; to count by, not to act on. */
  idOf(ref: string): string | null
  inspected(ref: string): Promise<Whole & { asOf: string | null; freshness: Freshness }>
  /** Who the engine is. @throws DaemonError why it cannot be asked, while it is away */
  info(): EngineInfo
  /** `/v1.41`, or DOCKER_ENGINE_AWAY. */
  prefix(): string
  readonly engine: Engine
  watch(signal: AbortSignal): AsyncIterable<ModelEvent>
  stop(): Promise<void>
}
export type Listed = {
  readonly items: readonly Container[]
  readonly asOf: string | null
  readonly freshness: Freshness
  readonly engine?: { readonly version: string; readonly apiVersion: string }
}
type Options = {
  readonly socketPath: string
  readonly log: (level: 'info' | 'warn' | 'error', msg: string, more?: object) => void
  readonly coalesceMs?: number
  readonly reconcileMs?: number
}

const retryMs = [200, 500, 1_000, 2_000]
const eventFilter = encodeURIComponent(
  JSON.stringify({
    type: ['container'],
    event: ['create', 'start', 'die', 'stop', 'kill', 'oom', 'pause', 'unpause', 'rename', 'destroy', 'restart', 'health_status', 'update'],
  }),
)

export function startModel({ socketPath, log, coalesceMs = 100, reconcileMs = 60_000 }: Options): Model {
  const engine = createEngine(socketPath)
  const events = createModelEvents()
  const held = createHeldContainers(events)
  const stopping = new AbortController()
  let freshness: Freshness = 'away'
  let about: EngineInfo | null = null
  /** Only while the engine that said it is there: another may come back in its place. */
  let spoken: string | null = null
  let trouble: DaemonError | null = engineAway(socketPath)
  let endLife: (why: unknown) => void = () => undefined

  const become = (next: Freshness): void => {
    if (next === freshness) return
    freshness = next
    events.tell({ freshness, asOf: held.asOf })
  }
  const prefix = (): string => {
    if (!spoken) throw trouble ?? engineAway(socketPath)
    return `/v${spoken}`
  }
  const reader = createEngineReader({ engine, held, prefix, coalesceMs, lost: (why) => endLife(why) })

  /** One life with the engine: from meeting it until the event stream breaks. */
  const live = async (): Promise<never> => {
    about = await readVersion(engine)
    spoken = about.negotiated
    if (freshness !== 'stale') become('reconciling')
    reader.beginAgain()
    const own = new AbortController()
    let why: unknown
    endLife = (error) => {
      why ??= error
      own.abort()
    }
    const path = `${prefix()}/events?since=${Math.floor(Date.now() / 1_000)}&filters=${eventFilter}`
    const stream = await engine.stream({ method: 'GET', path, timeoutMs: 5_000 }, AbortSignal.any([stopping.signal, own.signal]))
    const again = setInterval(() => void reader.readList().catch(endLife), reconcileMs)
    try {
      await reader.readList()
      trouble = null
      become('live')
      log('info', `the engine answers: version ${about.version}, API ${about.negotiated}`)
      for await (const value of jsonLines(stream)) reader.onEvent(value)
    } catch (error) {
      throw why ?? error
    } finally {
      clearInterval(again)
      own.abort()
      stream.destroy()
    }
    throw Object.assign(new Error('the event stream ended'), { code: 'ECONNRESET' })
  }

  const loop = async (): Promise<void> => {
    let failures = 0
    while (!stopping.signal.aborted) {
      const before = held.asOf
      const error = await live().catch((thrown: unknown) => (thrown instanceof DaemonError ? thrown : engineAway(socketPath, thrown)))
      if (stopping.signal.aborted) return
      if (error.code === 'DOCKER_ENGINE_VERSION') about = null
      // Once for each cause: the same attempt is made every two seconds for as long as it takes.
      if (error.message !== trouble?.message) log('warn', error.message, { code: error.code })
      trouble = error
      spoken = null
      become(error.code === 'DOCKER_ENGINE_ERROR' ? 'stale' : 'away')
      failures = held.asOf === before ? failures + 1 : 0
      await pause(retryMs[Math.min(failures, retryMs.length - 1)] ?? 2_000, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = loop()

  let listed: { readonly revision: number; readonly about: EngineInfo | null; readonly list: Listed } | null = null
  const resolveId = async (id: string): Promise<Whole> => {
    const now = await reader.inspect(id)
    if (!now) throw new DaemonError('DOCKER_CONTAINER_NOT_FOUND', 404, `The container ${id} is gone.`)
    return now
  }

  return {
    engine,
    prefix,
    list() {
      if (listed?.revision !== held.revision || listed.list.freshness !== freshness || listed.about !== about)
        listed = { revision: held.revision, about, list: listOf(held, freshness, about) }
      return listed.list
    },
    idOf: held.idOf,
    async inspected(ref) {
      const { container, detail } = held.find(ref)
      return { ...(detail ? { container, detail } : await resolveId(container.id)), asOf: held.asOf, freshness }
    },
    async resolve(ref) {
      await reader.readList()
      return resolveId(held.find(ref).container.id)
    },
    resolveId,
    info() {
      if (!about || trouble) throw trouble ?? engineAway(socketPath)
      return about
    },
    watch: (signal) => events.watch({ freshness, asOf: held.asOf }, signal),
    async stop() {
      stopping.abort()
      reader.stop()
      await running
    },
  }
}

function listOf(held: HeldContainers, freshness: Freshness, about: EngineInfo | null): Listed {
  const engine = about && { engine: { version: about.version, apiVersion: about.negotiated } }
  return { items: held.all(), asOf: held.asOf, freshness, ...engine }
}
