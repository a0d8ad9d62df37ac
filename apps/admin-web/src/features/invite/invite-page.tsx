'use client'
import type { ApiError } from '@console/api-client/client'
import { useConsole } from '@console/console/console-provider.tsx'
import { GateFrame } from '@console/console/gate-frame.tsx'
import { NewPassword, passwordTrouble } from '@console/console/new-password.tsx'
import { LinkAtOnce } from '@console/console/upstream-facts.tsx'
import { acceptInvite, showInvite } from '@console/contracts/people/actions'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { Note } from '@console/ui/states.tsx'
import { type FormEvent, useEffect, useState } from 'react'

type Shown = {
  readonly email: string
  readonly name: string | null
  readonly memberships: readonly { readonly productId: string; readonly role: string }[]
  readonly expiresAt: string
}

/** Somebody opens their link: who they are to be, a password, and they are signed in. The secret is behind the #, so no server's log holds it. */
export function InvitePage() {
  const { client, settings } = useConsole()
  const [shown, setShown] = useState<Shown | null>(null)
  const [form, setForm] = useState({ name: '', password: '', again: '' })
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const ready = settings.platformUrl !== ''
  useEffect(() => {
    if (!ready) return
    client.call(showInvite, { body: { token: location.hash.slice(1) || 'none' } }).then((invite) => {
      setShown(invite)
      setForm((before) => ({ ...before, name: before.name || (invite.name ?? '') }))
    }, setError)
  }, [client, ready])
  const trouble = form.name.trim() === '' ? 'Type your name.' : passwordTrouble(form.password, form.again)
  const accept = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy || trouble) return
    setBusy(true)
    setError(null)
    try {
      await client.call(acceptInvite, { body: { token: location.hash.slice(1), name: form.name.trim(), password: form.password } })
      setDone(true)
      history.replaceState(null, '', location.pathname)
    } catch (thrown) {
      setError(thrown as ApiError)
    } finally {
      setBusy(false)
    }
  }
  return (
    <GateFrame productName="ByteLyst" foot="">
      {done ? (
        <div className="stack">
          <div>
            <h1>You are signed in</h1>
            <p className="c2">As {shown?.email}. Both dashboards know you now.</p>
          </div>
          <a className="btn ink" href={settings.devopsWebUrl}>
            Open the DevOps Dashboard
          </a>
          <LinkAtOnce />
        </div>
      ) : !shown ? (
        <div className="stack">
          {error ? (
            <div>
              <h1>This link does not work</h1>
              <p className="c2">{error.message} Ask the person who sent it for a new one.</p>
            </div>
          ) : (
            <p role="status" className="c2">
              Looking at the invite
            </p>
          )}
        </div>
      ) : (
        <form className="stack" onSubmit={(event) => void accept(event)}>
          <div>
            <h1>You are invited</h1>
            <p className="c2">
              As {shown.email}: {shown.memberships.map(({ productId, role }) => `${role} in ${productId}`).join(', ')}. The link ends{' '}
              {formatInstant(shown.expiresAt)}.
            </p>
          </div>
          {error && error.code !== 'AUTH_PASSWORD_WEAK' && <Note kind="bad" role="alert" title={error.message} />}
          <TextField
            label="Your name"
            autoComplete="name"
            required
            value={form.name}
            onChange={(event) => setForm({ ...form, name: event.target.value })}
          />
          <NewPassword
            password={form.password}
            again={form.again}
            onPassword={(password) => setForm({ ...form, password })}
            onAgain={(again) => setForm({ ...form, again })}
            error={error}
          />
          <Button look="ink" type="submit" busy={busy} disabledReason={trouble}>
            {busy ? 'Making the account' : 'Make the account'}
          </Button>
        </form>
      )}
    </GateFrame>
  )
}
