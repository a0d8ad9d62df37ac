import { countWords } from '@console/console/cleanup-words.ts'
import type { VmCleanupException, VmCleanupReceipt, VmItemKind, VmKept, VmPlanItem } from '@console/contracts/vm/cleanup-schemas'

/** What a cleanup of the machine may take, in the order in which it is shown, and why each can go. */
export const vmKinds = [
  {
    kind: 'packages',
    title: 'Downloaded packages',
    one: 'package file',
    many: 'package files',
    goes: 'apt fetches it again when it is needed',
  },
  {
    kind: 'journals',
    title: 'Archived journals',
    one: 'journal',
    many: 'journals',
    goes: 'journals take more than 500 MiB, and it is of the oldest',
  },
  { kind: 'logs', title: 'Rotated logs', one: 'rotated log', many: 'rotated logs', goes: 'rotated, not written for 30 d' },
  {
    kind: 'temporary',
    title: 'Temporary files',
    one: 'temporary file',
    many: 'temporary files',
    goes: 'nobody touched it for 10 d, below /var/tmp 30 d',
  },
  { kind: 'crashes', title: 'Crash reports', one: 'crash report', many: 'crash reports', goes: 'older than 14 d' },
] as const

export const goesWords = (kind: VmItemKind): string => vmKinds.find((one) => one.kind === kind)?.goes ?? ''

const keptTitles: Readonly<Record<VmKept['kind'], string>> = {
  packages: 'Downloaded packages',
  journals: 'Archived journals',
  logs: 'Rotated logs',
  temporary: 'Temporary files',
  crashes: 'Crash reports',
  kernels: 'Old kernels',
}
const whys: Readonly<Record<NonNullable<VmCleanupException['why']>, string>> = {
  recent: 'too young',
  'in-use': 'in use',
  limit: 'journals are under 500 MiB with it',
  linked: 'has a second name elsewhere',
  special: 'belongs to the system, or is no plain file or folder',
  unnameable: 'has a name that cannot be written down safely',
  'by-apt': 'apt-get autoremove --purge removes them',
  changed: 'changed after the plan',
  refused: 'the system refused it',
}

/** What stays, by kind and reason. */
export const keptRow = ({ kind, why }: VmKept): { title: string; words: string } => ({ title: keptTitles[kind], words: whys[why] })

const results: Readonly<Record<VmCleanupException['result'], string>> = {
  gone: 'was gone already',
  kept: 'was kept',
  failed: 'could not be removed',
  unknown: 'may be removed or not: the run broke off',
  'not-reached': 'was not reached',
}

export function exceptionWords({ result, why }: VmCleanupException): string {
  return why === null ? results[result] : `${results[result]}: ${whys[why]}`
}

/** `12 package files and 3 rotated logs`. */
export function itemWords(items: readonly Pick<VmPlanItem, 'kind'>[]): string {
  return countWords(vmKinds.map(({ kind, one, many }) => ({ count: items.filter((item) => item.kind === kind).length, one, many })))
}

/** `Downloaded packages, rotated logs`: the kinds that a cleanup had something of. */
export function kindsOf({ kinds }: VmCleanupReceipt): string {
  const titles = vmKinds.filter(({ kind }) => kinds.some((one) => one.kind === kind)).map(({ title }) => title)
  return titles.map((title, at) => (at === 0 ? title : title.toLowerCase())).join(', ') || 'Nothing'
}
