import { type FakeContainer, listRow } from './fake-container.ts'

/** An image, a volume and a record of the build cache of the recording engine; what a test does not say is ordinary. */
export type FakeImage = {
  readonly id: string
  readonly tags: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly sizeBytes?: number
  readonly parentId?: string
  readonly digests?: readonly string[]
}
export type FakeVolume = {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  readonly driver?: string
  readonly sizeBytes?: number
  readonly createdAt?: string
}
export type FakeRecord = {
  readonly id: string
  readonly parents?: readonly string[]
  readonly type?: string
  readonly inUse?: boolean
  readonly shared?: boolean
  readonly sizeBytes?: number
  readonly lastUsedAt?: string
}
export type FakeDisk = {
  readonly images: Map<string, FakeImage>
  readonly volumes: Map<string, FakeVolume>
  readonly cache: Map<string, FakeRecord>
}
type Answer = { readonly status: number; readonly body?: unknown }
type Kept = { readonly disk: FakeDisk; readonly containers: Map<string, FakeContainer> }

const long = '2026-01-01T00:00:00Z'
const refused = (status: number): Answer => ({ status, body: { message: 'canary: refused' } })

/** What an engine says of all that takes space and of removing it, by what was measured of engines of API 1.41 and 1.56; undefined for other questions. */
export function answerDisk(kept: Kept, method: string, path: string, query: string): Answer | undefined {
  const [, kind = '', ref = ''] = /^\/v1\.[0-9]+\/(system|images|volumes|containers|build)\/(.+)$/.exec(path) ?? []
  if (method === 'GET' && kind === 'system' && ref === 'df') return { status: 200, body: df(kept) }
  if (method === 'GET' && kind === 'images') return inspectImage(kept, ref.replace(/\/json$/, ''))
  if (method === 'GET' && kind === 'volumes') {
    const volume = kept.disk.volumes.get(ref)
    return volume ? { status: 200, body: volumeRow(kept, volume) } : refused(404)
  }
  if (method === 'DELETE' && kind === 'images') return removeImage(kept, ref)
  if (method === 'DELETE' && kind === 'volumes') return removeVolume(kept, ref)
  if (method === 'DELETE' && kind === 'containers') return removeContainer(kept, ref)
  if (method === 'POST' && kind === 'build' && ref === 'prune') return pruneRecord(kept, query)
  return undefined
}

const imageOf = ({ listed }: FakeContainer): unknown => (listed as { ImageID?: unknown } | undefined)?.ImageID
const mountsOf = ({ listed }: FakeContainer): { Name?: unknown }[] =>
  (listed as { Mounts?: { Name?: unknown }[] } | undefined)?.Mounts ?? []
const holdersOf = ({ containers }: Kept, id: string): number => [...containers.values()].filter((one) => imageOf(one) === id).length
const mountersOf = ({ containers }: Kept, name: string): number =>
  [...containers.values()].filter((one) => mountsOf(one).some(({ Name }) => Name === name)).length

function df(kept: Kept): object {
  const { images, cache, volumes } = kept.disk
  return {
    LayersSize: [...images.values()].reduce((sum, { sizeBytes = 1_000 }) => sum + sizeBytes, 0),
    Images: [...images.values()].map((image) => ({
      ...imageRow(image),
      Containers: holdersOf(kept, image.id),
      SharedSize: 0,
      Size: image.sizeBytes ?? 1_000,
    })),
    Containers: [...kept.containers.values()].map((one) => ({ ...listRow(one), SizeRw: 100 })),
    Volumes: [...volumes.values()].map((volume) => volumeRow(kept, volume)),
    BuildCache: [...cache.values()].map((record) => ({
      ID: record.id,
      Parent: record.parents?.[0] ?? '',
      Type: record.type ?? 'regular',
      Description: 'RUN echo canary-description',
      InUse: record.inUse ?? false,
      Shared: record.shared ?? false,
      Size: record.sizeBytes ?? 500,
      CreatedAt: long,
      LastUsedAt: record.lastUsedAt ?? long,
    })),
  }
}

const imageRow = ({ id, tags, labels, parentId = '', digests = [] }: FakeImage): object => ({
  Id: id,
  ParentId: parentId,
  RepoTags: tags.length > 0 ? tags : null,
  RepoDigests: digests,
  Created: 1_700_000_000,
  Labels: labels ?? null,
})

const volumeRow = (kept: Kept, { name, labels, driver = 'local', sizeBytes = 200, createdAt = long }: FakeVolume): object => ({
  Name: name,
  Driver: driver,
  CreatedAt: createdAt,
  Labels: labels ?? null,
  Mountpoint: '/canary-mountpoint',
  Options: { o: 'canary-password' },
  UsageData: { Size: sizeBytes, RefCount: mountersOf(kept, name) },
})

function inspectImage({ disk }: Kept, ref: string): Answer {
  const image = disk.images.get(ref) ?? [...disk.images.values()].find(({ tags }) => tags.includes(ref))
  if (!image) return refused(404)
  return {
    status: 200,
    body: { ...imageRow(image), RepoTags: image.tags, Config: { Labels: image.labels ?? null, Env: ['SECRET=canary-image'] } },
  }
}

function removeImage(kept: Kept, ref: string): Answer {
  const { images } = kept.disk
  const image = images.get(ref) ?? [...images.values()].find(({ tags }) => tags.includes(ref))
  if (!image) return refused(404)
  if (image.id !== ref && image.tags.length > 1) {
    images.set(image.id, { ...image, tags: image.tags.filter((tag) => tag !== ref) })
    return { status: 200, body: [{ Untagged: ref }] }
  }
  if (image.tags.length > 1 || holdersOf(kept, image.id) > 0) return refused(409)
  if ([...images.values()].some(({ parentId }) => parentId === image.id)) return refused(409)
  images.delete(image.id)
  return { status: 200, body: [{ Deleted: image.id }] }
}

function removeVolume(kept: Kept, name: string): Answer {
  if (!kept.disk.volumes.has(name)) return refused(404)
  if (mountersOf(kept, name) > 0) return refused(409)
  kept.disk.volumes.delete(name)
  return { status: 204 }
}

function removeContainer({ containers }: Kept, id: string): Answer {
  const container = containers.get(id)
  if (!container) return refused(404)
  if ((container.state ?? 'running') === 'running' || container.state === 'paused') return refused(409)
  containers.delete(id)
  return { status: 204 }
}

/** One id alone, read as a pattern that may stand anywhere; a record that another was made from stays. */
function pruneRecord({ disk: { cache } }: Kept, query: string): Answer {
  const filters = JSON.parse(new URLSearchParams(query).get('filters') ?? '{}') as { id?: string[] }
  if (filters.id?.length !== 1) return refused(400)
  const goes = [...cache.values()].filter(
    ({ id, inUse = false, shared = false }) =>
      new RegExp(filters.id?.[0] ?? '').test(id) &&
      !inUse &&
      !shared &&
      ![...cache.values()].some(({ parents = [] }) => parents.includes(id)),
  )
  for (const { id } of goes) cache.delete(id)
  const SpaceReclaimed = goes.reduce((sum, { sizeBytes = 500 }) => sum + sizeBytes, 0)
  return { status: 200, body: { CachesDeleted: goes.length > 0 ? goes.map(({ id }) => id) : null, SpaceReclaimed } }
}
