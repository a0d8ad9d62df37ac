'use client'
import type { ApiError } from '@console/api-client/client'
import { useConsole } from '@console/console/console-provider.tsx'
import { GateFrame } from '@console/console/gate-frame.tsx'
import { NewPassword, passwordTrouble } from '@console/console/new-password.tsx'
import { resetPassword, showReset } from '@console/contracts/passwords/actions'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { Note } from '@console/ui/states.tsx'
import { type FormEvent, useEffect, useState } from 'react'

type Shown = { readonly email: string; readonly secondFactor: boolean; readonly expiresAt: string }

/** Somebody opens their link and sets a password. The secret is behind the #, so no server's log holds it; signing in comes after, with every factor. */
export function ResetPage() {
  const { client, settings } = useConsole()
  const [shown, setShown] = useState<Shown | null>(null)
  const [form, setForm] = useState({ password: '', again: '' })
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const ready = settings.platformUrl !== ''
  useEffect(() => {
    if (ready) client.call(showReset, { body: { token: location.hash.slice(1) || 'none' } }).then(setShown, setError)
  }, [client, ready])
  // Another link in the same tab changes only what stands behind the #, which loads nothing by itself.
  useEffect(() => {
    const again = (): void => location.reload()
    addEventListener('hashchange', again)
    return () => removeEventListener('hashchange', again)
  }, [])
  const trouble = passwordTrouble(form.password, form.again)
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy || trouble) return
    setBusy(true)
    setError(null)
    try {
      await client.call(resetPassword, { body: { token: location.hash.slice(1), password: form.password } })
      setDone(true)
      history.replaceState(null, '', location.pathname)
    } catch (thrown) {
      const failure = thrown as ApiError
      if (failure.code === 'RESET_NOT_FOUND') setShown(null)
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <GateFrame productName="ByteLyst" foot="">
      {done ? (
        <div className="stack">
          <div role="status">
            <h1>The password is set</h1>
            <p className="c2">
              Every session of {shown?.email} has ended. {shown?.secondFactor ? 'Signing in asks for your second factor as before.' : ''}
            </p>
          </div>
          <a className="btn ink" href="/">
            Sign in
          </a>
        </div>
      ) : shown ? (
        <form className="stack" onSubmit={(event) => void save(event)}>
          <div>
            <h1>Set a new password</h1>
            <p className="c2">
              It ends every session that is open{shown.secondFactor ? ', and does not replace your second factor' : ''}. The link ends{' '}
              {formatInstant(shown.expiresAt)}.
            </p>
          </div>
          {error && error.code !== 'AUTH_PASSWORD_WEAK' && <Note kind="bad" role="alert" title={error.message} />}
          <TextField label="E-mail" type="email" autoComplete="username" readOnly value={shown.email} />
          <NewPassword
            password={form.password}
            again={form.again}
            onPassword={(password) => setForm({ ...form, password })}
            onAgain={(again) => setForm({ ...form, again })}
            error={error}
          />
          <Button look="ink" type="submit" busy={busy} disabledReason={trouble}>
            {busy ? 'Setting the password' : 'Set the password'}
          </Button>
        </form>
      ) : error ? (
        <div className="stack">
          <div role="alert">
            <h1>This link does not work</h1>
            <p className="c2">{error.message}</p>
          </div>
          <a className="btn" href="/">
            To the sign-in
          </a>
        </div>
      ) : (
        <p role="status" className="c2">
          Looking at the link
        </p>
      )}
    </GateFrame>
  )
}
