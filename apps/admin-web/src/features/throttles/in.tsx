'use client'
import { formatDuration, formatInstant } from '@console/ui/format.ts'
import { useNow } from '@console/ui/time-text.tsx'

/** How far ahead a time lies, absolute UTC on hover. */
export function In({ at }: { readonly at: string }) {
  const now = useNow()
  const leftMs = Date.parse(at) - now
  return (
    <time dateTime={at} title={formatInstant(at)}>
      {now === 0 ? formatInstant(at) : leftMs < 1_000 ? 'now' : `in ${formatDuration(leftMs)}`}
    </time>
  )
}
