'use client'
import { useConsole } from '@console/console/console-provider.tsx'
import { useUpstream } from '@console/console/upstream-button.tsx'
import { LinkAtOnce } from '@console/console/upstream-facts.tsx'
import { acceptInvite, showInvite } from '@console/contracts/people/actions'
import { beginUpstreamInvite } from '@console/contracts/upstream/actions'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { ExternalLink } from 'lucide-react'
import { useState } from 'react'
import { LinkGate } from '../../lib/link-gate.tsx'
import { PasswordForm } from '../../lib/password-form.tsx'
import { useSecretLink } from '../../lib/use-secret-link.ts'

/** Somebody opens their link: who they are to be, a password or an account at the provider, and they are signed in. */
export function InvitePage() {
  const { client, settings } = useConsole()
  const { name: provider } = useUpstream()
  const link = useSecretLink((token) => client.call(showInvite, { body: { token } }), 'INVITE_NOT_FOUND')
  const { shown } = link
  const [typed, setTyped] = useState<string | null>(null)
  const name = (typed ?? shown?.name ?? '').trim()
  const unnamed = name === '' ? 'Type your name.' : null
  const app = shown?.memberships.some(({ productId }) => productId === 'bytelyst-devops') ? 'devops' : 'admin'
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
      broken={
        <a className="btn" href={settings.devopsWebUrl}>
          To the sign-in
        </a>
      }
    >
      {(invite) => (
        <PasswordForm
          link={link}
          title="You are invited"
          about={
            <>
              As {invite.email}: {invite.memberships.map(({ productId, role }) => `${role} in ${productId}`).join(', ')}. The link ends{' '}
              {formatInstant(invite.expiresAt)}.
            </>
          }
          missing={unnamed}
          button="Make the account"
          working="Making the account"
          save={(token, password) => client.call(acceptInvite, { body: { token, name, password } })}
        >
          <TextField
            label="Your name"
            autoComplete="name"
            required
            value={typed ?? invite.name ?? ''}
            onChange={(event) => setTyped(event.target.value)}
          />
          {provider !== null && (
            <>
              <Button busy={link.busy} disabledReason={unnamed} icon={<ExternalLink className="ic s" aria-hidden="true" />} onClick={leave}>
                Continue with {provider}
              </Button>
              <div className="or">or choose a password</div>
            </>
          )}
        </PasswordForm>
      )}
    </LinkGate>
  )
}
