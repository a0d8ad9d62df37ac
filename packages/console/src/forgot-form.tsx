'use client'
import { forgotPassword } from '@console/contracts/passwords/actions'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { Note } from '@console/ui/states.tsx'
import { ArrowLeft } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useConsole } from './console-provider.tsx'

/** Asks for a link. What is answered is the same for every e-mail, and says so. */
export function ForgotForm({ email: given, onBack }: { readonly email: string; readonly onBack: () => void }) {
  const { client } = useConsole()
  const [email, setEmail] = useState(given)
  const [busy, setBusy] = useState(false)
  const [mails, setMails] = useState<boolean | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const ask = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy || email === '') return
    setBusy(true)
    setError(null)
    try {
      setMails((await client.call(forgotPassword, { body: { email } })).mails)
    } catch (thrown) {
      setError(thrown as Error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form className="stack" onSubmit={(event) => void ask(event)}>
      <div>
        <button type="button" className="link small row backl" onClick={onBack}>
          <ArrowLeft className="ic s" aria-hidden="true" />
          To the sign-in
        </button>
        <h1>Set a new password</h1>
        <p className="c2">By a link that works once and for 30 minutes. It does not replace a second factor.</p>
      </div>
      {error && <Note kind="bad" role="alert" title={error.message} />}
      {mails === true && (
        <Note kind="ok" role="status" title="Look into your mail">
          If somebody here has the address {email}, a link is on its way. Nobody is told whether that is so.
        </Note>
      )}
      {mails === false && (
        <Note kind="warn" role="status" title="This console sends no mail">
          Ask an admin for a link: People, then “Reset password…” beside your name.
        </Note>
      )}
      {mails === null && (
        <>
          <TextField
            ref={field}
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <Button look="ink" type="submit" busy={busy} disabledReason={email === '' ? 'Type your e-mail.' : null} reasonHidden>
            {busy ? 'Asking' : 'Ask for a link'}
          </Button>
        </>
      )}
    </form>
  )
}
