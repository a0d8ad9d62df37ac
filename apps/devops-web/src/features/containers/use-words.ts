import type { Container } from '@console/contracts/docker/schemas'
import { numberText } from '../../lib/metric-words.ts'
import type { Use } from './use-live-use.ts'

const mib = 1_048_576
const warnsAt = 0.85
const badAt = 0.95

/** MiB without the unit, which stands in the head: `1,024`, `38`, `0.4`. */
export function mebibytes(bytes: number): string {
  const value = bytes / mib
  return value < 10 ? numberText(value) : Math.round(value).toLocaleString('en')
}

/** The share of its own limit, lit when that is nearly used up; without a limit the share of the machine, which lights nothing. */
export function memoryShare(
  { memoryBytes, memoryLimitBytes }: Pick<Use, 'memoryBytes' | 'memoryLimitBytes'>,
  machineBytes: number | null,
): { readonly ratio: number; readonly kind: 'bad' | 'warn' | null; readonly sentence: string } | null {
  const bound = memoryLimitBytes ?? machineBytes
  if (memoryBytes === null || bound === null || bound === 0) return null
  const ratio = memoryBytes / bound
  const kind = memoryLimitBytes === null || ratio < warnsAt ? null : ratio < badAt ? 'warn' : 'bad'
  const of = memoryLimitBytes === null ? 'of the machine’s memory; no limit is set' : 'of its limit'
  return { ratio, kind, sentence: `${numberText(ratio * 100)}\u00a0% ${of}` }
}

export const orders = ['worst', 'cpu', 'memory', 'name'] as const
export type Order = (typeof orders)[number]

/** Worst first is the order of the API; what was not measured stands last, never as zero. */
export function inOrder(containers: readonly Container[], order: Order, uses: ReadonlyMap<string, Use>): readonly Container[] {
  if (order === 'worst') return containers
  if (order === 'name') return containers.toSorted((a, b) => a.name.localeCompare(b.name))
  const figure = ({ id, state }: Container): number => {
    const use = state === 'running' ? uses.get(id) : undefined
    return (order === 'cpu' ? use?.cores : use?.memoryBytes) ?? -1
  }
  return containers.toSorted((a, b) => figure(b) - figure(a))
}
