import type { CacheRecord, DiskContainer, DiskImage, DiskObjects, DiskVolume } from './disk-objects.ts'

export type Kind = 'containers' | 'images' | 'volumes' | 'build-cache'
/** Why an object stays whatever is chosen. */
export type Keeps = 'in-use' | 'label' | 'good-deploy' | 'console' | 'recent' | 'shared' | 'parent' | 'elsewhere' | 'unnameable'
/** Why an object can go. Of images `dangling` has no name at all; a `named` volume goes only when it was named. */
export type Goes = 'stopped' | 'dangling' | 'unused' | 'anonymous' | 'named' | 'cache'

/** An object that takes space, and what may become of it. */
export type Judged = {
  readonly kind: Kind
  /** What the engine is asked by: a full id, or the whole name of a volume. */
  readonly id: string
  readonly names: readonly string[]
  /** What goes with it alone. */
  readonly sizeBytes: number
  readonly createdAt: string | null
  /** Since when it is as it is, where that is known: of a container, when it ended. */
  readonly since: string | null
  readonly verdict: { readonly goes: Goes } | { readonly keeps: Keeps; readonly note: string }
}
export type Judging = {
  /** The images of good deploys, with the services that they belong to. */
  readonly protectedImages: ReadonlyMap<string, readonly string[]>
  readonly now: number
}

/** Parts of the console, as its containers are called where it runs in some. */
export const consoleNames = new Set([
  'docker-proxy',
  'devops-backend',
  'gateway',
  'platform-service',
  'devops-web',
  'admin-web',
  'host-agent',
])
/** Names that can stand in a path of the engine's as they are. */
const tagPattern = /^[a-z0-9](?:[a-z0-9_.:-]|\/(?=[a-z0-9]))*:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const volumePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/
const cachePattern = /^[a-z0-9]{1,64}$/
const cacheRestMs = 24 * 3_600_000
/** A container that was made a moment ago is about to be started. */
const madeRestMs = 10 * 60_000

/** What every object may become, by what was measured alone. */
export function judgeObjects(objects: DiskObjects, judging: Judging): Judged[] {
  const used = usedBy(objects.containers)
  const parents = new Set(objects.images.map(({ parentId }) => parentId))
  return [
    ...objects.containers.map((container) => judgedContainer(container, judging)),
    ...objects.images.map((image) => judgedImage(image, { used, parents, judging })),
    ...objects.volumes.map((volume) => judgedVolume(volume, used.volumes)),
    ...objects.cache.map((record) => judgedRecord(record, judging.now)),
  ]
}

type Used = { readonly images: ReadonlyMap<string, string>; readonly volumes: ReadonlyMap<string, string> }

/** What containers hold, those that are stopped too, and one that holds it. An image may be held by its id or by its name. */
export function usedBy(containers: readonly Pick<DiskContainer, 'imageId' | 'image' | 'volumes' | 'name'>[]): Used {
  const images = new Map<string, string>()
  const volumes = new Map<string, string>()
  for (const { imageId, image, volumes: mounted, name } of containers) {
    for (const held of [imageId, image]) images.set(held, name)
    for (const volume of mounted) volumes.set(volume, name)
  }
  return { images, volumes }
}

function judgedContainer(container: DiskContainer, { now }: Judging): Judged {
  const { id, name, names, sizeBytes, createdAt, finishedAt, state, stopped, labels } = container
  const about = { kind: 'containers', id, names: names.length > 0 ? names : [name], sizeBytes, createdAt, since: finishedAt } as const
  if (!stopped) return { ...about, verdict: { keeps: 'in-use', note: state === 'dead' ? '' : state } }
  if (labels['com.bytelyst.protect'] === 'true') return { ...about, verdict: { keeps: 'label', note: '' } }
  if (names.some((one) => consoleNames.has(one))) return { ...about, verdict: { keeps: 'console', note: '' } }
  if (state === 'created' && now - Date.parse(createdAt) < madeRestMs) return { ...about, verdict: { keeps: 'recent', note: '' } }
  return { ...about, verdict: { goes: 'stopped' } }
}

function judgedImage(
  { id, tags, hasDigests, ownBytes, containers, createdAt, marked }: DiskImage,
  { used, parents, judging }: { used: Used; parents: ReadonlySet<string | null>; judging: Judging },
): Judged {
  const about = { kind: 'images', id, names: tags, sizeBytes: ownBytes, createdAt, since: null } as const
  const holder = [id, ...tags].map((name) => used.images.get(name)).find((name) => name !== undefined)
  const services = judging.protectedImages.get(id)
  if (holder !== undefined || containers !== 0) return { ...about, verdict: { keeps: 'in-use', note: holder ?? '' } }
  if (services) return { ...about, verdict: { keeps: 'good-deploy', note: services.join(', ') } }
  if (marked) return { ...about, verdict: { keeps: 'label', note: '' } }
  if (parents.has(id)) return { ...about, verdict: { keeps: 'parent', note: '' } }
  if (tags.some((tag) => !tagPattern.test(tag))) return { ...about, verdict: { keeps: 'unnameable', note: '' } }
  return { ...about, verdict: { goes: tags.length === 0 && !hasDigests ? 'dangling' : 'unused' } }
}

function judgedVolume(volume: DiskVolume, used: Used['volumes']): Judged {
  const { name, anonymous, local, sizeBytes, containers, createdAt, marked } = volume
  const about = { kind: 'volumes', id: name, names: [name], sizeBytes: sizeBytes ?? 0, createdAt, since: null } as const
  const holder = used.get(name)
  if (holder !== undefined || containers !== 0) return { ...about, verdict: { keeps: 'in-use', note: holder ?? '' } }
  if (marked) return { ...about, verdict: { keeps: 'label', note: '' } }
  if (!local) return { ...about, verdict: { keeps: 'elsewhere', note: '' } }
  if (!volumePattern.test(name)) return { ...about, verdict: { keeps: 'unnameable', note: '' } }
  return { ...about, verdict: { goes: anonymous ? 'anonymous' : 'named' } }
}

function judgedRecord({ id, type, sizeBytes, inUse, shared, createdAt, lastUsedAt }: CacheRecord, now: number): Judged {
  const since = lastUsedAt ?? createdAt
  const about = { kind: 'build-cache', id, names: type === '' ? [] : [type], sizeBytes, createdAt, since: lastUsedAt } as const
  if (inUse) return { ...about, verdict: { keeps: 'in-use', note: '' } }
  // The engine gives these up only together with everything else, which nobody asks it for.
  if (shared || type === 'internal' || type === 'frontend') return { ...about, verdict: { keeps: 'shared', note: '' } }
  if (!cachePattern.test(id)) return { ...about, verdict: { keeps: 'unnameable', note: '' } }
  if (since === null || now - Date.parse(since) < cacheRestMs) return { ...about, verdict: { keeps: 'recent', note: '' } }
  return { ...about, verdict: { goes: 'cache' } }
}
