'use client'
import { useConsole } from '@console/console/console-provider.tsx'
import { resetPassword, showReset } from '@console/contracts/passwords/actions'
import { TextField } from '@console/ui/field.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { LinkGate } from '../../lib/link-gate.tsx'
import { PasswordForm } from '../../lib/password-form.tsx'
import { useSecretLink } from '../../lib/use-secret-link.ts'

/** Somebody opens their link and sets a password; signing in comes after, with every factor. */
export function ResetPage() {
  const { client } = useConsole()
  const link = useSecretLink((token) => client.call(showReset, { body: { token } }), 'RESET_NOT_FOUND')
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
        <PasswordForm
          link={link}
          title="Set a new password"
          about={
            <>
              It ends every session that is open{shown.secondFactor ? ', and does not replace your second factor' : ''}. The link ends{' '}
              {formatInstant(shown.expiresAt)}.
            </>
          }
          button="Set the password"
          working="Setting the password"
          save={(token, password) => client.call(resetPassword, { body: { token, password } })}
        >
          <TextField label="E-mail" type="email" autoComplete="username" readOnly value={shown.email} />
        </PasswordForm>
      )}
    </LinkGate>
  )
}
