import type { DiskObjects } from './disk-objects.ts'
import type { Goes, Judged, Keeps, Kind } from './judge-objects.ts'

/** Objects of one sort: how many, and how much space goes with them. */
export type Sum = { count: number; sizeBytes: number }
export type KindSum = Sum & { goes: Partial<Record<Goes, Sum>>; keeps: Partial<Record<Keeps, Sum>> }

const mostNamed = 500

/** What the four kinds take, what of it can go, and what is kept and why. Sizes are what goes with each object alone. */
export function sumDisk(objects: DiskObjects, judged: readonly Judged[]) {
  const kinds: Record<Kind, KindSum> = {
    containers: emptySum(),
    images: emptySum(),
    volumes: emptySum(),
    'build-cache': emptySum(),
  }
  for (const { kind, sizeBytes, verdict } of judged) {
    const sum = kinds[kind]
    add(sum, sizeBytes)
    if ('goes' in verdict) sum.goes[verdict.goes] = add(sum.goes[verdict.goes], sizeBytes)
    else sum.keeps[verdict.keeps] = add(sum.keeps[verdict.keeps], sizeBytes)
  }
  // Layers that images share are counted once, whatever each image would give back alone.
  kinds.images.sizeBytes = Math.max(objects.layersBytes, kinds.images.sizeBytes)
  return {
    containers: kinds.containers,
    images: kinds.images,
    volumes: kinds.volumes,
    buildCache: kinds['build-cache'],
    totalBytes: Object.values(kinds).reduce((bytes, kind) => bytes + kind.sizeBytes, 0),
    goesBytes: Object.values(kinds).reduce((bytes, { goes }) => bytes + sumOf(goes), 0),
    /** Volumes with a name and no container, the largest first: each is named by hand before it goes. */
    namedVolumes: judged
      .flatMap(({ kind, id, sizeBytes, createdAt, verdict }) =>
        kind === 'volumes' && 'goes' in verdict && verdict.goes === 'named' ? [{ name: id, sizeBytes, createdAt }] : [],
      )
      .sort((a, b) => b.sizeBytes - a.sizeBytes)
      .slice(0, mostNamed),
  }
}

const emptySum = (): KindSum => ({ count: 0, sizeBytes: 0, goes: {}, keeps: {} })

function add<S extends Sum>(sum: S | undefined, sizeBytes: number): S {
  const into = sum ?? ({ count: 0, sizeBytes: 0 } as S)
  into.count += 1
  into.sizeBytes += sizeBytes
  return into
}

function sumOf(sums: Partial<Record<string, Sum>>): number {
  return Object.values(sums).reduce((bytes, sum) => bytes + (sum?.sizeBytes ?? 0), 0)
}
