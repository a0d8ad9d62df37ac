import type { DaemonError } from '@console/verb-kit/problem'
import { type Engine, negotiate, nonsense } from './engine.ts'
import type { HeldContainers, Whole } from './held-containers.ts'
import { containerEvent, engineVersion, inspectedContainer, listedContainer, object } from './projection.ts'

export type EngineInfo = ReturnType<typeof engineVersion> & { negotiated: string }
/** What keeps the held containers as the engine has them. */
export type EngineReader = {
  /** Reads the whole list, begun after this was asked. */
  readList(): Promise<void>
  /** What the engine says of one container at this moment; null when it knows none of this id. */
  inspect(id: string): Promise<Whole | null>
  /** Takes one event: its container is read again, once for all its events of a short while. */
  onEvent(value: unknown): void
  /** Another life with the engine begins: its time starts anew. */
  beginAgain(): void
  stop(): void
}
type Options = {
  readonly engine: Engine
  readonly held: HeldContainers
  readonly prefix: () => string
  readonly coalesceMs: number
  /** Told when the engine could not be followed, so that all must be read again. */
  readonly lost: (why: unknown) => void
}

const listBytes = 16 * 1_024 * 1_024
const mostContainers = 5_000
/** After these the list is read too: status, ports and networks stand there alone. */
const listedActions = new Set(['start', 'die', 'rename', 'create'])

/** Who the engine is, and the version to speak with it. */
export async function readVersion(engine: Engine): Promise<EngineInfo> {
  const { body } = await engine.json({ method: 'GET', path: '/version', mostBytes: 65_536, timeoutMs: 2_000 })
  const raw = engineVersion(body)
  return { ...raw, negotiated: negotiate(raw.apiVersion, raw.minApiVersion) }
}

/** One that is away may come later, and is judged then. @throws DaemonError DOCKER_ENGINE_VERSION for one that speaks no version that was tested */
export async function refuseUntested(engine: Engine): Promise<void> {
  await readVersion(engine).catch((error: DaemonError) => {
    if (error.code === 'DOCKER_ENGINE_VERSION') throw error
  })
}

export function createEngineReader({ engine, held, prefix, coalesceMs, lost }: Options): EngineReader {
  const inspect: EngineReader['inspect'] = (id) => inspectOne(engine, held, `${prefix()}/containers/${id}/json`, id)
  const reread = async (id: string, action: string): Promise<void> => {
    if (held.get(id)) held.take(id, await inspect(id), action)
    else await readList()
  }
  /** Exit codes, restarts and memory kills stand in the inspection alone; one at a time, so that the engine is not flooded. */
  const detail = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) await reread(id, 'update').catch(() => undefined)
  }

  // Lists are read one after the other, so that an older answer never overwrites a newer one. Who asks while one is under way shares
  // the next: that one begins after they asked.
  let underWay: Promise<void> = Promise.resolve()
  let upcoming: Promise<void> | null = null
  const readList = (): Promise<void> => {
    if (upcoming) return upcoming
    upcoming = underWay
      .catch(() => undefined)
      .then(async () => {
        upcoming = null
        void detail(held.takeList(await listAll(engine, held, prefix())))
      })
    underWay = upcoming
    return upcoming
  }

  const waiting = new Map<string, NodeJS.Timeout>()
  let newestNano = 0
  let doubt = false
  const follow = async (id: string, action: string): Promise<void> => {
    waiting.delete(id)
    const listToo = doubt || listedActions.has(action)
    doubt = false
    if (listToo) await readList()
    await reread(id, action)
  }
  return {
    readList,
    inspect,
    onEvent(value) {
      const event = containerEvent(value)
      if (!event) return
      // Time that goes back: something was lost, or the engine is not the one it was.
      doubt ||= event.atNano < newestNano
      newestNano = event.atNano
      if (waiting.has(event.id)) return
      const run = (): void => void follow(event.id, event.action).catch(() => readList().catch(lost))
      waiting.set(event.id, setTimeout(run, coalesceMs))
    },
    beginAgain() {
      newestNano = 0
    },
    stop() {
      for (const timer of waiting.values()) clearTimeout(timer)
    },
  }
}

/** All containers, or an error: half an answer, or one of another shape, must never pass for a shorter list. */
async function listAll(engine: Engine, held: HeldContainers, prefix: string) {
  const path = `${prefix}/containers/json?all=1`
  const { body } = await engine.json({ method: 'GET', path, mostBytes: listBytes, timeoutMs: 5_000 })
  if (!Array.isArray(body)) throw nonsense('the list of containers is no list')
  return body.slice(0, mostContainers).map((value: unknown) => {
    const container = listedContainer(value, held.get(String(object(value).Id))?.detail ?? undefined)
    if (!container) throw nonsense('the list of containers holds something else')
    return container
  })
}

async function inspectOne(engine: Engine, held: HeldContainers, path: string, id: string): Promise<Whole | null> {
  const { status, body } = await engine.json({ method: 'GET', path, mostBytes: 1_048_576, timeoutMs: 3_000, accept: [200, 404] })
  if (status === 404) return null
  if (object(body).Id !== id) throw nonsense('the inspection is of something else')
  const before = held.get(id)?.container
  if (!before) return null
  const detail = inspectedContainer(body)
  const name = String(object(body).Name ?? '').replace(/^\//, '')
  const { state, health, restartCount, exitCode, startedAt, finishedAt, oomKilled } = detail
  const named = name === '' ? {} : { name, names: [name] }
  return { container: { ...before, ...named, state, health, restartCount, exitCode, startedAt, finishedAt, oomKilled }, detail }
}
