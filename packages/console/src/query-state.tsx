import type { ApiError } from '@console/api-client/client'
import { Button } from '@console/ui/button.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'

export type Query = {
  readonly isPending: boolean
  readonly error: ApiError | null
  readonly data: unknown
  readonly dataUpdatedAt: number
  readonly refetch: () => unknown
}

/** What stands in a panel instead of, or above, its content: loading, denied, failed, stale. */
export function QueryState({ query, what }: { readonly query: Query; readonly what: string }) {
  const { error } = query
  if (query.data !== undefined && !error) return null
  if (query.data !== undefined && error)
    return (
      <div className="pad">
        <Note kind="warn" role="status" title={`${what} could not be refreshed: ${error.message}`}>
          Shown is what was known <Ago at={new Date(query.dataUpdatedAt).toISOString()} />.
        </Note>
      </div>
    )
  if (!error)
    return (
      <div className="pad" role="status">
        <span className="sk w40" />
        <span className="vh">Loading {what}</span>
      </div>
    )
  if (error.status === 403)
    return (
      <Blank kind="denied" title={`${what} are not for your role`}>
        {error.message}
      </Blank>
    )
  return (
    <Blank kind="bad" title={error.message} actions={<Button onClick={() => void query.refetch()}>Try again</Button>}>
      <span className="small mono">
        {error.code}
        {error.requestId && ` · request ${error.requestId}`}
      </span>
    </Blank>
  )
}
