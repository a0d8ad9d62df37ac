import { Note } from '@console/ui/states.tsx'
import { FactorField } from './factor-field.tsx'
import type { useCareful } from './use-careful.ts'

type Careful = Pick<ReturnType<typeof useCareful>, 'error' | 'needsFactor' | 'factor'>

/** What a careful deed shows: why it failed, and the factor where it is asked for. */
export function CarefulFields({ error, needsFactor, factor }: Careful) {
  return (
    <>
      {error && (
        <Note kind="bad" role="alert" title={error.message}>
          {error.code}
          {error.requestId && `, request ${error.requestId}`}
        </Note>
      )}
      {needsFactor && <FactorField factor={factor} />}
    </>
  )
}
