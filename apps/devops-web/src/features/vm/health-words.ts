import type { CheckStatus, VmCheck, VmHealth } from '@console/contracts/vm/schemas'
import type { StatusKind } from '@console/ui/status.tsx'

/** The mark and the word of each verdict, worst first: that is also their order in the table. */
export const verdicts: Readonly<Record<CheckStatus, { readonly kind: StatusKind; readonly word: string; readonly order: number }>> = {
  fail: { kind: 'bad', word: 'fails', order: 0 },
  warn: { kind: 'warn', word: 'warns', order: 1 },
  unknown: { kind: 'unknown', word: 'not measured', order: 2 },
  ok: { kind: 'ok', word: 'passes', order: 3 },
}

/** Worst first, and what is equally bad in the order of the script. */
export function worstFirst(checks: readonly VmCheck[]): VmCheck[] {
  return [...checks].sort((a, b) => verdicts[a.status].order - verdicts[b.status].order)
}

/** `1 check fails, 2 warn`: the finding of the page. */
export function findingOf({ checks }: VmHealth): string {
  const { fail, warn, unknown } = countsOf(checks)
  if (fail > 0)
    return `${fail} ${fail === 1 ? 'check fails' : 'checks fail'}${warn > 0 ? `, ${warn} ${warn === 1 ? 'warns' : 'warn'}` : ''}`
  if (warn > 0) return `${warn} ${warn === 1 ? 'check warns' : 'checks warn'}`
  return unknown > 0 ? 'All checks pass that could be made' : 'All checks pass'
}

/** `9 pass · 1 warns · 2 not measured of 12`: what passes first, what is unknown never left out. */
export function totalsOf({ checks }: VmHealth): string {
  const { ok, warn, fail, unknown } = countsOf(checks)
  const parts = [
    `${ok} ${ok === 1 ? 'passes' : 'pass'}`,
    unknown > 0 ? `${unknown} not measured` : null,
    warn > 0 ? `${warn} ${warn === 1 ? 'warns' : 'warn'}` : null,
    fail > 0 ? `${fail} ${fail === 1 ? 'fails' : 'fail'}` : null,
  ].filter((part) => part !== null)
  return `${parts.join(' · ')} of ${checks.length} checks`
}

function countsOf(checks: readonly VmCheck[]): Record<CheckStatus, number> {
  const counts = { ok: 0, warn: 0, fail: 0, unknown: 0 }
  for (const { status } of checks) counts[status] += 1
  return counts
}
