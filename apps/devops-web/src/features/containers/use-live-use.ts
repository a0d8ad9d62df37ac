import { useRead } from '@console/console/use-action.ts'
import type { ResultOf } from '@console/contracts/action'
import { getLiveUse, getRecentUse } from '@console/contracts/system/actions'
import { useEffect, useMemo, useState } from 'react'

const liveMs = 2_000
const recentMs = 10_000
/** Rows that change places every two seconds cannot be read, nor clicked. */
const orderMs = 10_000

type Live = ResultOf<typeof getLiveUse>
type Measured = Exclude<Live['containers'], { unknown: string }>['items'][number]
export type Use = Measured & { readonly recent: readonly (number | null)[] }

export type LiveUse = {
  /** By the whole id; empty while nothing was measured. */
  readonly uses: ReadonlyMap<string, Use>
  /** The same as they were some seconds ago: what rows are put in order by. */
  readonly settled: ReadonlyMap<string, Use>
  readonly pending: boolean
  readonly memoryTotalBytes: number | null
  /** Why the figures are not of this moment, and of when they are. */
  readonly trouble: { readonly title: string; readonly asOf: string | null } | null
}

/** What each container uses, asked for again and again while the tab is looked at, and not otherwise. */
export function useLiveUse(): LiveUse {
  const live = useRead(getLiveUse, {}, { every: liveMs })
  const recent = useRead(getRecentUse, {}, { every: recentMs })
  const { data } = live
  const uses = useMemo(() => {
    const past = new Map(recent.data?.items.map(({ id, cores }) => [id, cores]))
    const items = !data || 'unknown' in data.containers ? [] : data.containers.items
    return new Map(items.map((use) => [use.id, { ...use, recent: past.get(use.id) ?? [] }]))
  }, [data, recent.data])
  return {
    uses,
    settled: useSettled(uses),
    pending: live.isPending,
    memoryTotalBytes: data?.memoryTotalBytes ?? null,
    trouble: troubleOf(data, live.error),
  }
}

function troubleOf(data: Live | undefined, error: Error | null): LiveUse['trouble'] {
  if (error) return { title: error.message, asOf: data?.asOf ?? null }
  if (!data) return null
  if (data.freshness === 'stale') return { title: data.trouble ?? 'The containers are not measured.', asOf: data.asOf }
  return 'unknown' in data.containers ? { title: data.containers.unknown, asOf: null } : null
}

function useSettled(uses: ReadonlyMap<string, Use>): ReadonlyMap<string, Use> {
  const [settled, setSettled] = useState({ uses, atMs: 0 })
  useEffect(() => {
    const atMs = performance.now()
    setSettled((before) => (before.uses.size === 0 || atMs - before.atMs >= orderMs ? { uses, atMs } : before))
  }, [uses])
  return settled.uses
}
