'use client'
import type { ApiError } from '@console/api-client/client'
import { useConsole } from '@console/console/console-provider.tsx'
import type { ResultOf } from '@console/contracts/action'
import { listDeployments } from '@console/contracts/deployments/actions'
import type { RunState } from '@console/contracts/deployments/run-states'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'

type Page = ResultOf<typeof listDeployments>
type Filter = { readonly serviceId: string; readonly state: RunState | 'open' | null }

/** Deployments, newest first, a page of 50 at a time; what was loaded stays while more is asked for, and is asked for anew every five seconds. */
export function useRunHistory({ serviceId, state }: Filter) {
  const { client, session } = useConsole()
  return useInfiniteQuery<Page, ApiError, Page[], readonly unknown[], string | undefined>({
    queryKey: [listDeployments.id, 'history', serviceId, state],
    queryFn: ({ pageParam, signal }) =>
      client.call(listDeployments, {
        query: { limit: '50', cursor: pageParam, serviceId: serviceId || undefined, state: state ?? undefined },
        signal,
      }),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    select: ({ pages }) => pages,
    enabled: session.at === 'in',
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  })
}
