'use client'
import { useConsole } from '@console/console/console-provider.tsx'
import { NewPassword, passwordTrouble } from '@console/console/new-password.tsx'
import { useUpstream } from '@console/console/upstream-button.tsx'
import { LinkAtOnce } from '@console/console/upstream-facts.tsx'
import { acceptInvite, showInvite } from '@console/contracts/people/actions'
import { beginUpstreamInvite } from '@console/contracts/upstream/actions'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { Note } from '@console/ui/states.tsx'
import { ExternalLink } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { LinkGate } from '../../lib/link-gate.tsx'
import { useSecretLink } from '../../lib/use-secret-link.ts'

/** Somebody opens their link: who they are to be, a password or an account at the provider, and they are signed in. */
export function InvitePage() {
  const { client, settings } = useConsole()
  const { name: provider } = useUpstream()
  const link = useSecretLink((token) => client.call(showInvite, { body: { token } }), 'INVITE_NOT_FOUND')
  const { shown, error, busy } = link
  const [form, setForm] = useState({ name: null as string | null, password: '', again: '' })
  const name = (form.name ?? shown?.name ?? '').trim()
  const unnamed = name === '' ? 'Type your name.' : null
  const trouble = unnamed ?? passwordTrouble(form.password, form.again)
  const app = shown?.memberships.some(({ productId }) => productId === 'bytelyst-devops') ? 'devops' : 'admin'
  const accept = (event: FormEvent): void => {
    event.preventDefault()
    if (trouble) return
    void link.use(async (token) => {
      await client.call(acceptInvite, { body: { token, name, password: form.password } })
      return 'done'
    })
  }
  const leave = (): void =>
    void link.use(async (token) => {
      const { url } = await client.call(beginUpstreamInvite, { body: { token, name, app } })
      location.assign(url)
      return 'leaving'
    })
  return (
    <LinkGate
      link={link}
      after={() => (
        <>
          <div role="status">
            <h1>You are signed in</h1>
            <p className="c2">As {shown?.email}. Both dashboards know you now.</p>
          </div>
          <a className="btn ink" href={app === 'devops' ? settings.devopsWebUrl : '/'}>
            {app === 'devops' ? 'Open the DevOps Dashboard' : 'Open Platform Admin'}
          </a>
          <LinkAtOnce app={app} />
        </>
      )}
      broken={<p className="c2">Ask the person who sent it for a new one.</p>}
    >
      {(invite) => (
        <form className="stack" onSubmit={accept}>
          <div>
            <h1>You are invited</h1>
            <p className="c2">
              As {invite.email}: {invite.memberships.map(({ productId, role }) => `${role} in ${productId}`).join(', ')}. The link ends{' '}
              {formatInstant(invite.expiresAt)}.
            </p>
          </div>
          {error && error.code !== 'AUTH_PASSWORD_WEAK' && <Note kind="bad" role="alert" title={error.message} />}
          <TextField
            label="Your name"
            autoComplete="name"
            required
            value={form.name ?? invite.name ?? ''}
            onChange={(event) => setForm({ ...form, name: event.target.value })}
          />
          {provider !== null && (
            <>
              <Button busy={busy} disabledReason={unnamed} icon={<ExternalLink className="ic s" aria-hidden="true" />} onClick={leave}>
                Continue with {provider}
              </Button>
              <div className="or">or choose a password</div>
            </>
          )}
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
    </LinkGate>
  )
}
