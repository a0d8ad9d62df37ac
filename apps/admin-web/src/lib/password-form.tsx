import { NewPassword, passwordTrouble } from '@console/console/new-password.tsx'
import { Button } from '@console/ui/button.tsx'
import { Note } from '@console/ui/states.tsx'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { SecretLink } from './use-secret-link.ts'

/** Sets a password by a link: what the link is for, whatever else it asks, and the password twice. */
export function PasswordForm<T>({
  link: { error, busy, use },
  title,
  about,
  missing = null,
  button,
  working,
  save,
  children,
}: {
  readonly link: SecretLink<T>
  readonly title: string
  readonly about: ReactNode
  /** What has to be filled in besides the password. */
  readonly missing?: string | null
  readonly button: string
  /** What the button says meanwhile. */
  readonly working: string
  readonly save: (token: string, password: string) => Promise<unknown>
  readonly children: ReactNode
}) {
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const trouble = missing ?? passwordTrouble(password, again)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (trouble) return
    void use(async (token) => {
      await save(token, password)
      return 'done'
    })
  }
  return (
    <form className="stack" onSubmit={submit}>
      <div>
        <h1>{title}</h1>
        <p className="c2">{about}</p>
      </div>
      {error && error.code !== 'AUTH_PASSWORD_WEAK' && <Note kind="bad" role="alert" title={error.message} />}
      {children}
      <NewPassword password={password} again={again} onPassword={setPassword} onAgain={setAgain} error={error} />
      <Button look="ink" type="submit" busy={busy} disabledReason={trouble}>
        {busy ? working : button}
      </Button>
    </form>
  )
}
