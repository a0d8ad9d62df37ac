import { nonsense } from '../engine.ts'
import { type Container, instant, instantOfSeconds, integer, list, listedContainer, object, text } from '../projection.ts'

/** Everything of the engine that takes space, as `GET /system/df` tells it; fresh objects from an allow-list. */
export type DiskObjects = {
  /** All layers of all images, each counted once. */
  readonly layersBytes: number
  readonly containers: readonly DiskContainer[]
  readonly images: readonly DiskImage[]
  readonly volumes: readonly DiskVolume[]
  readonly cache: readonly CacheRecord[]
}
export type DiskContainer = Container & {
  readonly sizeBytes: number
  readonly volumes: readonly string[]
  /** It has ended or was never started. A state that is not known is none of these. */
  readonly stopped: boolean
}
export type DiskImage = {
  readonly id: string
  readonly tags: readonly string[]
  /** It is known by a digest of a repository, as one that was pulled by its digest. */
  readonly hasDigests: boolean
  readonly sizeBytes: number
  /** What goes with it alone: without the layers that other images have too. */
  readonly ownBytes: number
  /** How many containers the engine counts; null where it does not say. */
  readonly containers: number | null
  readonly parentId: string | null
  readonly createdAt: string
  readonly marked: boolean
}
export type DiskVolume = {
  readonly name: string
  readonly anonymous: boolean
  readonly local: boolean
  /** Null where the engine does not say, as of volumes that are not on this host. */
  readonly sizeBytes: number | null
  readonly containers: number | null
  readonly createdAt: string | null
  readonly marked: boolean
}
export type CacheRecord = {
  readonly id: string
  readonly type: string
  readonly sizeBytes: number
  readonly inUse: boolean
  readonly shared: boolean
  readonly parents: readonly string[]
  readonly createdAt: string | null
  readonly lastUsedAt: string | null
}

export const imageId = /^sha256:[a-f0-9]{64}$/
export const stoppedStates: ReadonlySet<unknown> = new Set(['exited', 'dead', 'created'])
const anonymousName = /^[a-f0-9]{64}$/
/** Says of an object that nobody removes it from here. */
export const marksProtected = (labels: unknown): boolean => object(labels)['com.bytelyst.protect'] === 'true'

/** @throws DaemonError for half an answer, or one of another shape: it must never pass for less that is in use */
export function diskObjects(body: unknown): DiskObjects {
  const raw = object(body)
  const layersBytes = integer(raw.LayersSize)
  if (layersBytes === null) throw nonsense('the disk use has no size of layers')
  return {
    layersBytes: Math.max(0, layersBytes),
    containers: whole(raw.Containers, 'containers', diskContainer),
    images: whole(raw.Images, 'images', diskImage),
    volumes: whole(raw.Volumes, 'volumes', diskVolume),
    cache: whole(raw.BuildCache, 'build cache', cacheRecord),
  }
}

/** An engine writes null for none. */
function whole<T>(value: unknown, what: string, read: (raw: Record<string, unknown>) => T | null): T[] {
  if (value !== null && !Array.isArray(value)) throw nonsense(`the disk use has no list of ${what}`)
  return list(value).map((item) => {
    const known = read(object(item))
    if (known === null) throw nonsense(`the ${what} of the disk use hold something else`)
    return known
  })
}

function diskContainer(raw: Record<string, unknown>): DiskContainer | null {
  const container = listedContainer(raw)
  if (!container) return null
  const volumes = list(raw.Mounts)
    .map(object)
    .flatMap(({ Type, Name }) => (Type === 'volume' && typeof Name === 'string' ? [Name] : []))
  return { ...container, sizeBytes: Math.max(0, integer(raw.SizeRw) ?? 0), volumes, stopped: stoppedStates.has(raw.State) }
}

function diskImage(raw: Record<string, unknown>): DiskImage | null {
  const id = text(raw.Id)
  if (!imageId.test(id)) return null
  const sizeBytes = Math.max(0, integer(raw.Size) ?? 0)
  const shared = integer(raw.SharedSize) ?? -1
  const containers = integer(raw.Containers) ?? -1
  const parentId = text(raw.ParentId)
  return {
    id,
    tags: namesIn(raw.RepoTags, '<none>:<none>'),
    hasDigests: namesIn(raw.RepoDigests, '<none>@<none>').length > 0,
    sizeBytes,
    ownBytes: Math.max(0, sizeBytes - Math.max(0, shared)),
    containers: containers < 0 ? null : containers,
    parentId: parentId === '' ? null : parentId,
    createdAt: instantOfSeconds(raw.Created),
    marked: marksProtected(raw.Labels),
  }
}

/** Names as the engine has them, whole: what is cut or cleaned would name another. */
export function namesIn(value: unknown, none: string): string[] {
  return list(value)
    .filter((name): name is string => typeof name === 'string' && name !== none)
    .sort()
}

function diskVolume(raw: Record<string, unknown>): DiskVolume | null {
  const { Name: name } = raw
  if (typeof name !== 'string' || name === '') return null
  const usage = object(raw.UsageData)
  const counted = (value: unknown): number | null => {
    const number = integer(value)
    return number === null || number < 0 ? null : number
  }
  return {
    name,
    anonymous: anonymousName.test(name),
    local: raw.Driver === 'local',
    sizeBytes: counted(usage.Size),
    containers: counted(usage.RefCount),
    createdAt: instant(raw.CreatedAt),
    marked: marksProtected(raw.Labels),
  }
}

/** Never its description, which holds the line of a Dockerfile. */
function cacheRecord(raw: Record<string, unknown>): CacheRecord | null {
  const id = text(raw.ID)
  if (id === '') return null
  // Newer engines write the name with a space before it.
  const parents = [raw.Parent, ...list(raw.Parents), ...list(raw[' Parents'])].map(text).filter((parent) => parent !== '')
  return {
    id,
    type: text(raw.Type),
    sizeBytes: Math.max(0, integer(raw.Size) ?? 0),
    inUse: raw.InUse === true,
    shared: raw.Shared === true,
    parents: [...new Set(parents)],
    createdAt: instant(raw.CreatedAt),
    lastUsedAt: instant(raw.LastUsedAt),
  }
}
