import { TextField } from '@console/ui/field.tsx'
import { Note } from '@console/ui/states.tsx'
import type { useCareful } from './use-careful.ts'

type Careful = Pick<ReturnType<typeof useCareful>, 'error' | 'needsPassword' | 'password' | 'setPassword'>

/** What a careful deed shows: why it failed, and the password where it is asked for. */
export function CarefulFields({ error, needsPassword, password, setPassword }: Careful) {
  return (
    <>
      {error && (
        <Note kind="bad" role="alert" title={error.message}>
          {error.code}
          {error.requestId && `, request ${error.requestId}`}
        </Note>
      )}
      {needsPassword && (
        <div className="stepup">
          <div>
            <p className="strong">Confirm it is you</p>
            <p className="small c2">Your last factor is older than 5 min.</p>
          </div>
          <TextField
            label="Your password"
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </div>
      )}
    </>
  )
}
