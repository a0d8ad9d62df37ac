import type { DiskUse, Goes, Keeps, KindUse } from '@console/contracts/docker/disk-schemas'

/** The four kinds in the order in which they are shown, with the field of the figures. */
export const kinds = [
  { kind: 'containers', field: 'containers', title: 'Containers' },
  { kind: 'images', field: 'images', title: 'Images' },
  { kind: 'build-cache', field: 'buildCache', title: 'Build cache' },
  { kind: 'volumes', field: 'volumes', title: 'Volumes' },
] as const

/** Why something stays, in words that go behind “kept:”. */
const keepsWords: Readonly<Record<Keeps, string>> = {
  'in-use': 'in use',
  label: 'labelled com.bytelyst.protect',
  'good-deploy': 'last two good deploys of a service',
  console: 'part of this console',
  recent: 'used or made a short while ago',
  shared: 'part of something else',
  parent: 'another image is built on it',
  elsewhere: 'not on this host',
  unnameable: 'has a name that cannot be sent safely',
}

/** `9 kept: in use, labelled com.bytelyst.protect`; empty where nothing is kept. */
export function keptLine({ keeps }: KindUse): string {
  const reasons = Object.entries(keeps) as [Keeps, { count: number }][]
  const count = reasons.reduce((sum, [, one]) => sum + one.count, 0)
  return count === 0 ? '' : `${count} kept: ${reasons.map(([reason]) => keepsWords[reason]).join(', ')}`
}

/** How many can go, and what goes with them. */
export function goesSum({ goes }: KindUse, only?: readonly Goes[]): { count: number; sizeBytes: number } {
  const chosen = (Object.entries(goes) as [Goes, { count: number; sizeBytes: number }][]).filter(([why]) => !only || only.includes(why))
  return chosen.reduce((sum, [, one]) => ({ count: sum.count + one.count, sizeBytes: sum.sizeBytes + one.sizeBytes }), {
    count: 0,
    sizeBytes: 0,
  })
}

/** What takes the space, split by whether it can go; parts of nothing are left out. */
export function partsOf(use: DiskUse): { key: string; label: string; sizeBytes: number }[] {
  const goes = (kind: KindUse): number => goesSum(kind).sizeBytes
  const split = (key: string, name: string, kind: KindUse) => [
    { key: `${key}-stays`, label: `${name}, kept`, sizeBytes: Math.max(0, kind.sizeBytes - goes(kind)) },
    { key: `${key}-goes`, label: `${name}, can go`, sizeBytes: goes(kind) },
  ]
  return [
    ...split('images', 'Images', use.images),
    ...split('volumes', 'Volumes', use.volumes),
    ...split('cache', 'Build cache', use.buildCache),
    ...split('containers', 'Containers', use.containers),
  ].filter(({ sizeBytes }) => sizeBytes > 0)
}
