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
  return useQuery<ResultOf<A>, ApiError>({
    queryKey: keyOf(action, input),
    queryFn: ({ signal }) => client.call(action, { ...input, signal }),
    enabled: enabled && session.at === 'in',
    placeholderData: keepPreviousData,
    ...(every && { refetchInterval: every }),
  })
}

/** What a read would answer is known from another answer: the next page has it at once, and asks all the same. */
export function useKnown<A extends AnyAction>(action: A): (input: InputOf<A>, result: ResultOf<A>) => void {
  const queries = useQueryClient()
  return (input, result) => void queries.setQueryData(keyOf(action, input), result)
}

function keyOf(action: AnyAction, input: object): readonly unknown[] {
  const { params, query } = input as { params?: unknown; query?: unknown }
  return [action.id, params ?? null, query ?? null]
}

/**
 * Carries an action out and asks anew for what it may have changed. The answers are waited for, so that a dialog closes over a list
 * that is new already. With `leaves` the page with those lists is left: they are only marked as old, and the page that shows them next asks.
 */
export function useDo<A extends AnyAction>(
  action: A,
  { changes = [], leaves = false }: { readonly changes?: readonly AnyAction[]; readonly leaves?: boolean } = {},
) {
  const { client } = useConsole()
  const queries = useQueryClient()
  return useMutation<ResultOf<A>, ApiError, InputOf<A>>({
    mutationFn: (input) => client.call(action, input),
    onSettled: () => {
      // What is read again now would hold up the page that comes.
      const refetchType = leaves ? 'none' : 'active'
      return Promise.all(changes.map(({ id }) => queries.invalidateQueries({ queryKey: [id], refetchType })))
    },
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
