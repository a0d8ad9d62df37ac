import type { ApiError } from '@console/api-client/client'
import { TextField } from '@console/ui/field.tsx'
import { PasswordField } from './password-field.tsx'

export const shortestPassword = 15

/** Whether a password can be sent: the length here, its strength is the service's to judge. */
export function passwordTrouble(password: string, again: string): string | null {
  if (password.length < shortestPassword) return `At least ${shortestPassword} characters; four or five words do well.`
  return password === again ? null : 'The two passwords differ.'
}

/** A new password, twice, with what the service said of it. */
export function NewPassword({
  password,
  again,
  onPassword,
  onAgain,
  error,
  label = 'Password',
}: {
  readonly password: string
  readonly again: string
  readonly onPassword: (value: string) => void
  readonly onAgain: (value: string) => void
  readonly error: ApiError | null
  readonly label?: string
}) {
  const feedback =
    error?.code === 'AUTH_PASSWORD_WEAK'
      ? [error.message, ...((error.details.feedback as string[] | undefined) ?? [])].flat().join(' ')
      : null
  return (
    <>
      <PasswordField
        label={label}
        autoComplete="new-password"
        required
        value={password}
        hint={
          password === ''
            ? `At least ${shortestPassword} characters; four words do well. Pasting works.`
            : `${[...password].length} of at least ${shortestPassword} characters. How hard it is to guess is judged when it is sent.`
        }
        error={feedback}
        onChange={(event) => onPassword(event.target.value)}
      />
      <TextField
        label={`${label} again`}
        type="password"
        autoComplete="new-password"
        required
        value={again}
        onChange={(event) => onAgain(event.target.value)}
      />
    </>
  )
}
