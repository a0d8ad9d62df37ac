'use client'
import { useConsole } from '@console/console/console-provider.tsx'
import { NewPassword, passwordTrouble } from '@console/console/new-password.tsx'
import { resetPassword, showReset } from '@console/contracts/passwords/actions'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { Note } from '@console/ui/states.tsx'
import { type FormEvent, useState } from 'react'
import { LinkGate } from '../../lib/link-gate.tsx'
import { useSecretLink } from '../../lib/use-secret-link.ts'

/** Somebody opens their link and sets a password; signing in comes after, with every factor. */
export function ResetPage() {
  const { client } = useConsole()
  const link = useSecretLink((token) => client.call(showReset, { body: { token } }), 'RESET_NOT_FOUND')
  const [form, setForm] = useState({ password: '', again: '' })
  const trouble = passwordTrouble(form.password, form.again)
  const save = (event: FormEvent): void => {
    event.preventDefault()
    if (trouble) return
    void link.use(async (token) => {
      await client.call(resetPassword, { body: { token, password: form.password } })
      return 'done'
    })
  }
  const { error, busy } = link
  return (
    <LinkGate
      link={link}
      after={(shown) => (
        <>
          <div role="status">
            <h1>The password is set</h1>
            <p className="c2">
              Every session of {shown?.email} has ended. {shown?.secondFactor ? 'Signing in asks for your second factor as before.' : ''}
            </p>
          </div>
          <a className="btn ink" href="/">
            Sign in
          </a>
        </>
      )}
      broken={
        <a className="btn" href="/">
          To the sign-in
        </a>
      }
    >
      {(shown) => (
        <form className="stack" onSubmit={save}>
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
      )}
    </LinkGate>
  )
}
