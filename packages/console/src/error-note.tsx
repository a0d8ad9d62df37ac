import type { ApiError } from '@console/api-client/client'
import { Note } from '@console/ui/states.tsx'

/** Why something was refused or failed, with what finds it again in the audit log. */
export function ErrorNote({ error }: { readonly error: ApiError }) {
  return (
    <Note kind="bad" role="alert" title={error.message}>
      {error.code}
      {error.requestId && `, request ${error.requestId}`}
    </Note>
  )
}
