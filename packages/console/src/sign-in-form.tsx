'use client'
import type { ApiError } from '@console/api-client/client'
import { signIn } from '@console/contracts/auth/actions'
import type { Challenge } from '@console/contracts/auth/schemas'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { Avatar } from '@console/ui/person.tsx'
import { Note } from '@console/ui/states.tsx'
import { type FormEvent, type RefObject, useState } from 'react'
import { useConsole } from './console-provider.tsx'
import { ForgotForm } from './forgot-form.tsx'
import { PasskeyButton, usePasskeyAlone } from './passkey-button.tsx'
import { PasswordField } from './password-field.tsx'
import { SecondStepForm } from './second-step-form.tsx'
import { UpstreamButton, useUpstream } from './upstream-button.tsx'

/** E-mail and password, then the second factor where there is one. The same text for whatever does not fit together: it tells nobody which accounts exist. */
export function SignInForm({
  as,
  passwordField,
}: {
  /** Whoever was signed in and goes on; else somebody who says who they are. */
  readonly as?: { readonly name: string; readonly email: string }
  readonly passwordField?: RefObject<HTMLInputElement | null>
}) {
  const { client, adopt } = useConsole()
  const [email, setEmail] = useState(as?.email ?? '')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | Error | null>(null)
  const [challenge, setChallenge] = useState<Challenge | null>(null)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      const answer = await client.call(signIn, { body: { email, password } })
      if ('challenge' in answer) setChallenge(answer)
      else adopt(answer)
    } catch (thrown) {
      setError(thrown as ApiError)
      setPassword('')
    } finally {
      setBusy(false)
    }
  }
  const [forgot, setForgot] = useState(false)
  const [byPasskey, upstream] = [usePasskeyAlone(), useUpstream()]
  const back = (): void => {
    setChallenge(null)
    setPassword('')
  }
  const isMismatch = error !== null && 'code' in error && error.code === 'AUTH_CREDENTIALS_INVALID'
  if (forgot) return <ForgotForm email={email} onBack={() => setForgot(false)} />
  if (challenge) return <SecondStepForm challenge={challenge} email={email} onBack={back} />
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      {!as && (
        <div>
          <h1>Sign in</h1>
          <p className="c2">To DevOps and Platform Admin. One sign-in serves both.</p>
        </div>
      )}
      {error && (
        <Note kind="bad" role="alert" title={isMismatch ? 'That e-mail and password do not match.' : error.message}>
          {isMismatch && 'Check both and try again. After 10 misses in 15 minutes the account waits; a passkey still works.'}
        </Note>
      )}
      {byPasskey && <PasskeyButton onError={setError}>Use a passkey</PasskeyButton>}
      <UpstreamButton upstream={upstream} onError={setError} />
      {(byPasskey || upstream.name !== null) && <div className="or">or</div>}
      {as ? (
        <div className="row gap3">
          <Avatar name={as.name} />
          <div>
            <p className="strong">{as.name}</p>
            <p className="small c2">{as.email}</p>
          </div>
        </div>
      ) : (
        <TextField
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      )}
      <PasswordField
        ref={passwordField}
        label="Password"
        autoComplete="current-password"
        required
        value={password}
        beside={
          !as && (
            <button type="button" className="link small" onClick={() => setForgot(true)}>
              Forgot it?
            </button>
          )
        }
        onChange={(event) => setPassword(event.target.value)}
      />
      <Button
        look="ink"
        type="submit"
        busy={busy}
        disabledReason={email === '' || password === '' ? 'Type e-mail and password.' : null}
        reasonHidden
      >
        {busy ? 'Signing in' : 'Sign in'}
      </Button>
    </form>
  )
}
