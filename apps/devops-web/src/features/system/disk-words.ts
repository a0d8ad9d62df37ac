import { countWords as wordsOf } from '@console/console/cleanup-words.ts'
import type {
  CleanupException,
  CleanupKind,
  CleanupReceipt,
  DiskUse,
  Goes,
  Keeps,
  KeptWhy,
  KindUse,
} from '@console/contracts/docker/disk-schemas'

/** The four kinds in the order in which they are shown, with the field of the figures and the word for one and for many. */
export const kinds = [
  { kind: 'containers', field: 'containers', title: 'Containers', one: 'container', many: 'containers' },
  { kind: 'images', field: 'images', title: 'Images', one: 'image', many: 'images' },
  { kind: 'build-cache', field: 'buildCache', title: 'Build cache', one: 'build cache record', many: 'build cache records' },
  { kind: 'volumes', field: 'volumes', title: 'Volumes', one: 'volume', many: 'volumes' },
] as const

/** Why something stays. */
export const keepsWords: Readonly<Record<KeptWhy, string>> = {
  'in-use': 'in use',
  label: 'labelled com.bytelyst.protect',
  'good-deploy': 'last two good deploys of a service',
  console: 'part of this console',
  recent: 'used or made a short while ago',
  shared: 'part of something else',
  parent: 'another image is built on it',
  elsewhere: 'not on this host',
  unnameable: 'has a name that cannot be sent safely',
  scope: 'has a name; only dangling images were chosen',
  unnamed: 'a named volume that was not chosen',
}

/** Why something can go. */
export const goesWords: Readonly<Record<Goes, string>> = {
  stopped: 'not running',
  dangling: 'no name, no container',
  unused: 'no container',
  anonymous: 'no name, no container',
  named: 'chosen by name, no container',
  cache: 'not used for 24 h',
}

const results: Readonly<Record<CleanupException['result'], string>> = {
  gone: 'was gone already',
  kept: 'was kept',
  partly: 'lost names and is still there',
  failed: 'could not be removed',
  unknown: 'may be removed or not: the engine broke off',
  'not-reached': 'was not reached',
}

/** What became of an object, and why, as one sentence without its subject. */
export function exceptionWords({ result, why, note }: CleanupException): string {
  const words: Readonly<Record<string, string>> = { ...keepsWords, changed: 'changed after the plan', refused: 'the engine holds on to it' }
  const because = why === null ? '' : `: ${words[why] ?? why}`
  return `${results[result]}${because}${note === '' ? '' : ` (${note})`}`
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

/** `5 containers, 14 images and 1 volume`. */
export function countWords(counts: Readonly<Partial<Record<CleanupKind, number>>>): string {
  return wordsOf(kinds.map(({ kind, one, many }) => ({ count: counts[kind] ?? 0, one, many })))
}

/** `Containers, images`: the kinds that a cleanup was for. */
export function kindsOf({ choice }: CleanupReceipt): string {
  const titles = kinds.filter(({ kind }) => choice.kinds.includes(kind)).map(({ title }) => title)
  return titles.map((title, at) => (at === 0 ? title : title.toLowerCase())).join(', ')
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
