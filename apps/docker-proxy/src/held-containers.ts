import { onlyOlder } from '@console/log-text/status-age'
import { DaemonError } from '@console/verb-kit/problem'
import type { ModelEvents } from './model-events.ts'
import type { Container, Inspected } from './projection.ts'

export type Whole = { readonly container: Container; readonly detail: Inspected }
type Entry = { readonly container: Container; readonly detail: Inspected | null }
/** The containers as they were last heard of. Every change is told. */
export type HeldContainers = {
  /** When the engine was last heard. */
  readonly asOf: string | null
  /** Grows with everything that is heard, so that what was made of the containers before is known to be old. */
  readonly revision: number
  all(): Container[]
  get(id: string): Entry | undefined
  /** The full id of whoever is called so, if anybody is. */
  idOf(ref: string): string | null
  /** By exactly a full id or a whole name. @throws DaemonError for none, and for two */
  find(ref: string): Entry
  /** A whole list. @returns the ids of which more than the list must be asked */
  takeList(listed: readonly Container[]): string[]
  /** What an inspection said of one; null for gone. */
  take(id: string, now: Whole | null, action: string): void
}

export function createHeldContainers({ tell }: Pick<ModelEvents, 'tell'>): HeldContainers {
  const entries = new Map<string, Entry>()
  let asOf: string | null = null
  let version = 0
  let revision = 0
  const changed = ({ id, name }: Container, action: string): void => {
    version += 1
    tell({ at: new Date().toISOString(), kind: 'container', id, name, action, version })
  }
  const remove = (id: string): void => {
    const entry = entries.get(id)
    if (entries.delete(id) && entry) changed(entry.container, 'destroy')
  }
  return {
    get asOf() {
      return asOf
    },
    get revision() {
      return revision
    },
    all: () => [...entries.values()].map(({ container }) => container),
    get: (id) => entries.get(id),
    idOf: (ref) => (entries.get(ref) ?? named(entries, ref))?.container.id ?? null,
    find: (ref) => find(entries, ref),
    takeList(listed) {
      revision += 1
      const doubtful: string[] = []
      for (const container of listed) {
        const known = entries.get(container.id)
        const older = known !== undefined && onlyOlder(known.container.status, container.status)
        if (!(older && known.container.state === container.state) && container.state !== 'created') doubtful.push(container.id)
        if (!older || !sameButStatus(known.container, container)) changed(container, known ? 'update' : 'create')
        entries.set(container.id, { container, detail: known?.detail ?? null })
      }
      const seen = new Set(listed.map(({ id }) => id))
      for (const id of [...entries.keys()]) if (!seen.has(id)) remove(id)
      asOf = new Date().toISOString()
      return doubtful
    },
    take(id, now, action) {
      revision += 1
      asOf = new Date().toISOString()
      if (!now) return remove(id)
      entries.set(id, now)
      changed(now.container, action)
    },
  }
}

/** The age in a status grows in every list: told as a change, each list would be one of all containers. */
function sameButStatus(a: Container, b: Container): boolean {
  return JSON.stringify({ ...a, status: '' }) === JSON.stringify({ ...b, status: '' })
}

function named(entries: ReadonlyMap<string, Entry>, name: string): Entry | undefined {
  return [...entries.values()].find(({ container }) => container.names.includes(name))
}

function find(entries: ReadonlyMap<string, Entry>, ref: string): Entry {
  const byId = entries.get(ref)
  const byName = named(entries, ref)
  if (byId && byName && byId !== byName)
    throw new DaemonError('DOCKER_CONTAINER_AMBIGUOUS', 409, 'One container has this id, another this name. Use the other’s own name.')
  const found = byId ?? byName
  if (!found)
    throw new DaemonError('DOCKER_CONTAINER_NOT_FOUND', 404, `There is no container of exactly the name or full id ${ref.slice(0, 64)}.`)
  return found
}
