'use client'
import type { ApiError } from '@console/api-client/client'
import { runSetup } from '@console/contracts/auth/actions'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { Note } from '@console/ui/states.tsx'
import { type FormEvent, useState } from 'react'
import { useConsole } from './console-provider.tsx'
import { NewPassword, passwordTrouble } from './new-password.tsx'

/** Makes the first admin with the token that the start printed. */
export function SetupForm() {
  const { client, adopt, retry } = useConsole()
  const [form, setForm] = useState({ token: '', name: '', email: '', password: '', again: '' })
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const set = (part: Partial<typeof form>): void => setForm({ ...form, ...part })
  const trouble =
    form.token === '' || form.name === '' || form.email === '' ? 'Fill in every field.' : passwordTrouble(form.password, form.again)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy || trouble) return
    setBusy(true)
    setError(null)
    try {
      const { token, name, email, password } = form
      adopt(await client.call(runSetup, { body: { token: token.trim(), name, email, password } }))
    } catch (thrown) {
      setError(thrown as ApiError)
      if ((thrown as ApiError).code === 'SETUP_DONE') retry()
    } finally {
      setBusy(false)
    }
  }
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <div>
        <h1>Make the first admin</h1>
        <p className="c2">Nobody can sign in yet. The token proves that you can read what the console printed at its start.</p>
      </div>
      {error && error.code !== 'AUTH_PASSWORD_WEAK' && <Note kind="bad" role="alert" title={error.message} />}
      <TextField
        label="Setup token"
        mono
        autoComplete="off"
        spellCheck={false}
        required
        value={form.token}
        hint="In the newest line that begins with “setup token”; good for an hour."
        onChange={(event) => set({ token: event.target.value })}
      />
      <div className="two2">
        <TextField
          label="Your name"
          autoComplete="name"
          required
          value={form.name}
          onChange={(event) => set({ name: event.target.value })}
        />
        <TextField
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          value={form.email}
          onChange={(event) => set({ email: event.target.value })}
        />
      </div>
      <NewPassword
        password={form.password}
        again={form.again}
        onPassword={(password) => set({ password })}
        onAgain={(again) => set({ again })}
        error={error}
      />
      <Button look="ink" type="submit" busy={busy} disabledReason={trouble}>
        {busy ? 'Making the account' : 'Make the account'}
      </Button>
    </form>
  )
}
