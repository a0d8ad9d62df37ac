import { formatBytes, formatInstant } from '@console/ui/format.ts'
import type { StatusKind } from '@console/ui/status.tsx'

/** What the receipts of every kind of cleanup have in common. */
export type AnyReceipt = {
  readonly digest: string
  readonly state: 'running' | 'done' | 'stopped' | 'interrupted'
  readonly code: string | null
  readonly by: string
  readonly reason: string | null
  readonly requestId: string
  readonly startedAt: string
  readonly endedAt: string | null
  readonly planned: number
  readonly reached: number
  readonly kinds: readonly { readonly kind: string; readonly planned: number; readonly removed: number; readonly freedBytes: number }[]
  readonly exceptionCount: number
}

export const removedCount = ({ kinds }: Pick<AnyReceipt, 'kinds'>): number => kinds.reduce((sum, { removed }) => sum + removed, 0)
export const freedBytes = ({ kinds }: Pick<AnyReceipt, 'kinds'>): number => kinds.reduce((sum, one) => sum + one.freedBytes, 0)

/** `13 of 14 removed`, with the mark of how it went. */
export function receiptStatus(receipt: AnyReceipt): { kind: StatusKind; text: string } {
  const { state, planned, reached } = receipt
  const removed = removedCount(receipt)
  if (state === 'running') return { kind: 'running', text: `${reached} of ${planned} looked at` }
  const text = `${removed} of ${planned} removed`
  if (state !== 'done') return { kind: 'bad', text: `${text}, ${state === 'stopped' ? 'ended early' : 'interrupted'}` }
  return { kind: removed === planned ? 'ok' : 'warn', text }
}

/** A receipt as plain text, a fact a line, to be pasted where somebody asks what happened. */
export function receiptText({
  receipt,
  title,
  kinds,
  exceptions,
  who,
  whyEnded,
}: {
  readonly receipt: AnyReceipt
  readonly title: string
  readonly kinds: readonly { readonly kind: string; readonly title: string }[]
  readonly exceptions: readonly { readonly name: string; readonly words: string }[]
  readonly who: string
  readonly whyEnded: string
}): string {
  const { state, startedAt, endedAt, reason, requestId, digest, exceptionCount } = receipt
  const sums = kinds.flatMap(({ kind, title: name }) => {
    const sum = receipt.kinds.find((one) => one.kind === kind)
    return sum ? [`${name}: ${sum.removed} of ${sum.planned}, ${formatBytes(sum.freedBytes)}`] : []
  })
  const left = exceptionCount - exceptions.length
  return [
    title,
    ...(state === 'done' ? [] : [`Ended early: ${whyEnded}`]),
    ...sums,
    ...exceptions.map(({ name, words }) => `Not simply removed: ${name} ${words}`),
    ...(left > 0 ? [`and ${left} more`] : []),
    `From ${formatInstant(startedAt)} to ${endedAt ? formatInstant(endedAt) : 'now'}`,
    `By: ${who}`,
    ...(reason === null ? [] : [`Reason: ${reason}`]),
    `Plan: ${digest}`,
    `Audit: request ${requestId}`,
  ].join('\n')
}

/** `5 containers, 14 images and 1 volume`, or `nothing`. */
export function countWords(parts: readonly { readonly count: number; readonly one: string; readonly many: string }[]): string {
  const words = parts
    .filter(({ count }) => count > 0)
    .map(({ count, one, many }) => `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`)
  return words.length < 2 ? (words[0] ?? 'nothing') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
