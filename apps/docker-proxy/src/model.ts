import { setTimeout as pause } from 'node:timers/promises'
import { DaemonError } from '@console/verb-kit/problem'
import { createEngine, type Engine, engineAway, negotiate } from './engine.ts'
import {
  type Container,
  containerEvent,
  engineVersion,
  type Inspected,
  inspectedContainer,
  list,
  listedContainer,
  object,
} from './projection.ts'

type Freshness = 'live' | 'reconciling' | 'stale' | 'away'
type ModelEvent =
  | { at: string; kind: 'container'; id: string; name: string; action: string; version: number }
  | { freshness: Freshness; asOf: string | null }
/** The engine's containers, kept in memory from one list and its events. Reads never wait for the engine; actions always ask it. */
export type Model = {
  list(): { items: Container[]; asOf: string | null; freshness: Freshness; engine?: { version: string; apiVersion: string } }
  /** The container of exactly this full id or whole name, as the engine knows it at this moment. */
  resolve(ref: string): Promise<{ container: Container; detail: Inspected }>
  inspected(ref: string): Promise<{ container: Container; detail: Inspected; asOf: string | null; freshness: Freshness }>
  info(): ReturnType<typeof engineVersion> & { negotiated: string }
  /** `/v1.41`, or DOCKER_ENGINE_AWAY. */
  prefix(): string
  readonly engine: Engine
  watch(signal: AbortSignal): AsyncIterable<ModelEvent>
  stop(): Promise<void>
}
type Options = { readonly socketPath: string; readonly log: (level: 'info' | 'warn' | 'error', msg: string, more?: object) => void }

const listBytes = 8 * 1_024 * 1_024
const mostContainers = 2_000
const coalesceMs = 100
const reconcileMs = 60_000
const retryMs = [200, 500, 1_000, 2_000]
const eventFilter = encodeURIComponent(
  JSON.stringify({
    type: ['container'],
    event: ['create', 'start', 'die', 'stop', 'kill', 'oom', 'pause', 'unpause', 'rename', 'destroy', 'restart', 'health_status', 'update'],
  }),
)

export function startModel({ socketPath, log }: Options): Model {
  const engine = createEngine(socketPath)
  const containers = new Map<string, { container: Container; detail: Inspected | null }>()
  const watchers = new Set<(event: ModelEvent) => void>()
  const stopping = new AbortController()
  let freshness: Freshness = 'away'
  let asOf: string | null = null
  let about: (ReturnType<typeof engineVersion> & { negotiated: string }) | null = null
  let trouble: DaemonError | null = null
  let version = 0

  const tell = (event: ModelEvent): void => {
    for (const push of watchers) push(event)
  }
  const become = (next: Freshness): void => {
    if (next === freshness) return
    freshness = next
    tell({ freshness, asOf })
  }
  const prefix = (): string => {
    if (!about) throw trouble ?? engineAway()
    return `/v${about.negotiated}`
  }

  const meet = async (): Promise<void> => {
    const { body } = await engine.json({ method: 'GET', path: '/version', mostBytes: 65_536, timeoutMs: 2_000 })
    const raw = engineVersion(body)
    about = { ...raw, negotiated: negotiate(raw.apiVersion, raw.minApiVersion) }
    trouble = null
  }

  const readList = async (): Promise<void> => {
    const { body } = await engine.json({ method: 'GET', path: `${prefix()}/containers/json?all=1`, mostBytes: listBytes, timeoutMs: 5_000 })
    const seen = new Set<string>()
    const doubtful: string[] = []
    for (const value of list(body).slice(0, mostContainers)) {
      const known = containers.get(String(object(value).Id))
      const container = listedContainer(value, known?.detail ?? undefined)
      if (!container) continue
      seen.add(container.id)
      if (!known || known.container.status !== container.status || known.container.state !== container.state) doubtful.push(container.id)
      if (!known || JSON.stringify(known.container) !== JSON.stringify(container)) changed(container, known ? 'update' : 'create')
      containers.set(container.id, { container, detail: known?.detail ?? null })
    }
    for (const [id, { container }] of containers)
      if (!seen.has(id)) {
        containers.delete(id)
        changed(container, 'destroy')
      }
    asOf = new Date().toISOString()
    void detail(doubtful.filter((id) => worthDetail(containers.get(id)?.container)))
  }

  const changed = (container: Container, action: string): void => {
    version += 1
    tell({ at: new Date().toISOString(), kind: 'container', id: container.id, name: container.name, action, version })
  }

  /** Exit codes, restarts and memory kills stand in the inspection alone; one at a time, so that the engine is not flooded. */
  const detail = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) await reread(id, 'update').catch(() => undefined)
  }

  const inspect = async (id: string): Promise<{ container: Container; detail: Inspected } | null> => {
    const { status, body } = await engine.json({
      method: 'GET',
      path: `${prefix()}/containers/${id}/json`,
      mostBytes: 1_048_576,
      timeoutMs: 3_000,
      accept: [200, 404],
    })
    if (status === 404) return null
    const detailed = inspectedContainer(body)
    const name = String(object(body).Name ?? '').replace(/^\//, '')
    const before = containers.get(id)?.container
    if (!before) return null
    const { state, health, restartCount, exitCode, startedAt, finishedAt, oomKilled } = detailed
    return {
      container: {
        ...before,
        name: name || before.name,
        names: name ? [name] : before.names,
        state,
        health,
        restartCount,
        exitCode,
        startedAt,
        finishedAt,
        oomKilled,
      },
      detail: detailed,
    }
  }

  const reread = async (id: string, action: string): Promise<void> => {
    if (!containers.has(id)) return readList()
    const now = await inspect(id)
    if (now) containers.set(id, now)
    const gone = now ? null : containers.get(id)?.container
    if (gone) containers.delete(id)
    asOf = new Date().toISOString()
    const subject = now?.container ?? gone
    if (subject) changed(subject, action)
  }

  const waiting = new Map<string, { action: string; timer: NodeJS.Timeout }>()
  const onEvent = (value: unknown): void => {
    const event = containerEvent(value)
    if (!event || waiting.has(event.id)) return
    const run = async (): Promise<void> => {
      waiting.delete(event.id)
      try {
        if (event.action === 'start' || event.action === 'die' || event.action === 'rename' || event.action === 'create') await readList()
        await reread(event.id, event.action)
      } catch (error) {
        log('warn', 'an event could not be followed', { error: String(error) })
      }
    }
    waiting.set(event.id, { action: event.action, timer: setTimeout(() => void run(), coalesceMs) })
  }

  /** One life with the engine: from meeting it until the event stream breaks. */
  const live = async (): Promise<void> => {
    await meet()
    become('reconciling')
    const since = Math.floor(Date.now() / 1_000)
    const own = new AbortController()
    const signal = AbortSignal.any([stopping.signal, own.signal])
    const events = await engine.stream(
      { method: 'GET', path: `${prefix()}/events?since=${since}&filters=${eventFilter}`, timeoutMs: 5_000 },
      signal,
    )
    try {
      await readList()
      become('live')
      const again = setInterval(() => void readList().catch(() => own.abort()), reconcileMs)
      try {
        for await (const line of jsonLines(events)) onEvent(line)
      } finally {
        clearInterval(again)
      }
    } finally {
      own.abort()
      events.destroy()
    }
  }

  const loop = async (): Promise<void> => {
    let failures = 0
    while (!stopping.signal.aborted) {
      const before = asOf
      await live().catch((error: unknown) => {
        if (stopping.signal.aborted) return
        if (error instanceof DaemonError && error.code === 'DOCKER_ENGINE_VERSION') {
          about = null
          trouble = error
        }
        if (freshness !== 'away') log('warn', `the engine is away: ${error instanceof Error ? error.message : String(error)}`)
      })
      if (stopping.signal.aborted) return
      failures = asOf === before ? failures + 1 : 0
      become('away')
      await pause(retryMs[Math.min(failures, retryMs.length - 1)] ?? 2_000, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = loop()

  const find = (ref: string): { container: Container; detail: Inspected | null } => {
    const byId = containers.get(ref)
    const byName = [...containers.values()].find(({ container }) => container.names.includes(ref))
    if (byId && byName && byId !== byName)
      throw new DaemonError('DOCKER_CONTAINER_AMBIGUOUS', 409, 'One container has this id, another this name. Use the other’s own name.')
    const found = byId ?? byName
    if (!found)
      throw new DaemonError('DOCKER_CONTAINER_NOT_FOUND', 404, `There is no container of exactly the name or full id ${ref.slice(0, 64)}.`)
    return found
  }

  return {
    engine,
    prefix,
    list: () => ({
      items: [...containers.values()].map(({ container }) => container),
      asOf,
      freshness,
      ...(about && { engine: { version: about.version, apiVersion: about.negotiated } }),
    }),
    async inspected(ref) {
      const found = find(ref)
      const whole = found.detail ? { container: found.container, detail: found.detail } : await inspect(found.container.id)
      if (!whole) throw new DaemonError('DOCKER_CONTAINER_NOT_FOUND', 404, `The container ${ref.slice(0, 64)} is gone.`)
      return { ...whole, asOf, freshness }
    },
    async resolve(ref) {
      await readList()
      const now = await inspect(find(ref).container.id)
      if (!now) throw new DaemonError('DOCKER_CONTAINER_NOT_FOUND', 404, `The container ${ref.slice(0, 64)} is gone.`)
      return now
    },
    info() {
      if (!about) throw trouble ?? engineAway()
      return about
    },
    watch: (signal) => watchModel(watchers, { freshness, asOf }, signal),
    async stop() {
      stopping.abort()
      for (const { timer } of waiting.values()) clearTimeout(timer)
      await running
    },
  }
}

/** Detail is asked for where the list does not tell it: what ended, restarts, or is checked. */
function worthDetail(container: Container | undefined): boolean {
  return container !== undefined && container.state !== 'created'
}

async function* watchModel(watchers: Set<(event: ModelEvent) => void>, first: ModelEvent, signal: AbortSignal): AsyncIterable<ModelEvent> {
  const queue: ModelEvent[] = [first]
  let wake: () => void = () => undefined
  const push = (event: ModelEvent): void => {
    queue.push(event)
    if (queue.length > 5_000) queue.splice(0, queue.length - 1)
    wake()
  }
  const onAbort = (): void => wake()
  watchers.add(push)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    while (!signal.aborted) {
      const event = queue.shift()
      if (event) yield event
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } finally {
    watchers.delete(push)
    signal.removeEventListener('abort', onAbort)
  }
}

/** The event stream is JSON documents, one a line; a line over 64 KiB ends it. */
async function* jsonLines(source: AsyncIterable<Buffer>): AsyncIterable<unknown> {
  let rest = Buffer.alloc(0)
  for await (const chunk of source) {
    rest = Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString('utf8').trim()
      rest = rest.subarray(end + 1)
      if (line !== '') yield JSON.parse(line)
    }
    if (rest.length > 65_536) throw new DaemonError('DOCKER_ENGINE_ERROR', 502, 'The Docker engine sent an event that is too long.')
  }
}
