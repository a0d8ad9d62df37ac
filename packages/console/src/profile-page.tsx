'use client'
import type { ApiError } from '@console/api-client/client'
import { changePassword, endOwnSession, listOwnSessions } from '@console/contracts/auth/actions'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { type FormEvent, useState } from 'react'
import { useConsole, usePerson } from './console-provider.tsx'
import { KeptPagesPanel } from './kept-pages-panel.tsx'
import { NewPassword, passwordTrouble } from './new-password.tsx'
import { QueryState } from './query-state.tsx'
import { useDo, useRead } from './use-action.ts'
import { WaysToSignIn } from './ways-to-sign-in.tsx'

/** Your own way in, the same in both dashboards: memberships, sessions, password. */
export function ProfilePage() {
  const { info } = usePerson()
  const sessions = useRead(listOwnSessions, {})
  const end = useDo(endOwnSession, { changes: [listOwnSessions] })
  const toast = useToast()
  if (!info) return null
  return (
    <>
      <PageHead title={info.user.name} sub={info.user.email} />
      <div className="cols c-8-4">
        <div className="stack">
          <Panel title="Sessions" label="where you are signed in">
            <QueryState query={sessions} what="Sessions" />
            {sessions.data?.items.map((session) => (
              <div className="fact" key={session.id}>
                <div className="grow">
                  <p>
                    {session.device} {session.current && <Status kind="ok">this one</Status>}
                  </p>
                  <p>
                    {session.address} · used <Ago at={session.lastUsedAt} /> · ends <Ago at={session.expiresAt} />
                  </p>
                </div>
                <Button
                  small
                  look="risk"
                  disabledReason={session.current ? 'Sign out ends this one' : null}
                  reasonHidden
                  onClick={() =>
                    end.mutate(
                      { params: { id: session.id } },
                      { onError: (error) => toast({ kind: 'bad', title: 'The session was not ended', text: error.message }) },
                    )
                  }
                >
                  End
                </Button>
              </div>
            ))}
          </Panel>
          <WaysToSignIn />
          <PasswordPanel />
        </div>
        <div className="stack">
          <Panel title="Memberships">
            <div className="pad">
              <Facts
                items={info.memberships.map(
                  ({ productId, role, expiresAt }) => [productId, expiresAt ? `${role}, until ${expiresAt.slice(0, 10)}` : role] as const,
                )}
              />
            </div>
          </Panel>
          <KeptPagesPanel />
        </div>
      </div>
    </>
  )
}

function PasswordPanel() {
  const { client, adopt } = useConsole()
  const toast = useToast()
  const [form, setForm] = useState({ current: '', next: '', again: '' })
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const trouble = form.current === '' ? 'Type your present password first.' : passwordTrouble(form.next, form.again)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy || trouble) return
    setBusy(true)
    setError(null)
    try {
      adopt(await client.call(changePassword, { body: { current: form.current, next: form.next, endOtherSessions: true } }))
      setForm({ current: '', next: '', again: '' })
      toast({ kind: 'ok', title: 'The password is changed', text: 'Your other sessions have ended.' })
    } catch (thrown) {
      setError(thrown as ApiError)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Panel title="Password" label="ends your other sessions">
      <form className="pad stack" onSubmit={(event) => void submit(event)}>
        {error && error.code !== 'AUTH_PASSWORD_WEAK' && <Note kind="bad" role="alert" title={error.message} />}
        <TextField
          label="Present password"
          type="password"
          autoComplete="current-password"
          value={form.current}
          onChange={(event) => setForm({ ...form, current: event.target.value })}
        />
        <NewPassword
          label="New password"
          password={form.next}
          again={form.again}
          onPassword={(next) => setForm({ ...form, next })}
          onAgain={(again) => setForm({ ...form, again })}
          error={error}
        />
        <div className="actrow">
          <Button type="submit" busy={busy} disabledReason={trouble}>
            Change password
          </Button>
        </div>
      </form>
    </Panel>
  )
}
