import { ErrorNote } from './error-note.tsx'
import { FactorField } from './factor-field.tsx'
import type { useCareful } from './use-careful.ts'

type Careful = Pick<ReturnType<typeof useCareful>, 'error' | 'needsFactor' | 'factor'>

/** What a careful deed shows: why it failed, and the factor where it is asked for. */
export function CarefulFields({ error, needsFactor, factor }: Careful) {
  return (
    <>
      {error && <ErrorNote error={error} />}
      {needsFactor && <FactorField factor={factor} />}
    </>
  )
}
