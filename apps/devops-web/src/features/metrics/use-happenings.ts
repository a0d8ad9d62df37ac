import { useRead } from '@console/console/use-action.ts'
import { listDeployments } from '@console/contracts/deployments/actions'
import { listIncidents } from '@console/contracts/health/actions'
import { useMemo } from 'react'

export type Happenings = { readonly marks: readonly number[]; readonly bands: readonly (readonly [number, number])[] }

const everyMs = 60_000
const sec = (iso: string): number => Date.parse(iso) / 1_000

/** When something was deployed, and from when to when something was broken: what charts are read against. Seconds since 1970. */
export function useHappenings(): Happenings {
  const deployments = useRead(listDeployments, { query: { limit: '200' } }, { every: everyMs })
  const incidents = useRead(listIncidents, { query: { state: 'all', limit: '200' } }, { every: everyMs })
  return useMemo(
    () => ({
      marks: (deployments.data?.items ?? []).flatMap(({ startedAt }) => (startedAt ? [sec(startedAt)] : [])),
      bands: (incidents.data?.items ?? []).map(
        ({ openedAt, closedAt }) => [sec(openedAt), closedAt ? sec(closedAt) : Date.now() / 1_000] as const,
      ),
    }),
    [deployments.data, incidents.data],
  )
}
