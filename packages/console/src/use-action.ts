'use client'
import type { ApiError, InputOf } from '@console/api-client/client'
import type { Action, ResultOf } from '@console/contracts/action'
import { whyNot } from '@console/contracts/roles'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useConsole, usePerson } from './console-provider.tsx'

type AnyAction = { readonly id: string }

/** Reads an action and keeps what it answered; the last answer stays while it is asked again, or when it fails. */
export function useRead<A extends AnyAction>(
  action: A,
  input: InputOf<A>,
  { every, enabled = true }: { readonly every?: number; readonly enabled?: boolean } = {},
) {
  const { client, session } = useConsole()
  const { params, query } = input as { params?: unknown; query?: unknown }
  return useQuery<ResultOf<A>, ApiError>({
    queryKey: [action.id, params ?? null, query ?? null],
    queryFn: ({ signal }) => client.call(action, { ...input, signal }),
    enabled: enabled && session.at === 'in',
    placeholderData: keepPreviousData,
    ...(every && { refetchInterval: every }),
  })
}

/** Carries an action out and asks anew for what it may have changed. */
export function useDo<A extends AnyAction>(action: A, { changes = [] }: { readonly changes?: readonly AnyAction[] } = {}) {
  const { client } = useConsole()
  const queries = useQueryClient()
  return useMutation<ResultOf<A>, ApiError, InputOf<A>>({
    mutationFn: (input) => client.call(action, input),
    onSettled: () => Promise.all(changes.map(({ id }) => queries.invalidateQueries({ queryKey: [id] }))),
  })
}

/** Why the person may not do this, from the same table that the API uses; null when they may. */
export function useWhyNot(): (action: unknown) => string | null {
  const { devopsRole, platformRole } = usePerson()
  return (action) => {
    const row = action as Action
    return whyNot(row.api === 'devops' ? devopsRole : platformRole, row)
  }
}
