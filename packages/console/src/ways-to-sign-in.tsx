'use client'
import { listFactors } from '@console/contracts/auth/actions'
import { Button } from '@console/ui/button.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { LifeBuoy, Smartphone } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { usePerson } from './console-provider.tsx'
import { NewCodesDialog, RemoveAuthenticatorDialog } from './factor-dialogs.tsx'
import { PasskeyFacts } from './passkey-facts.tsx'
import { QueryState } from './query-state.tsx'
import { UpstreamFacts } from './upstream-facts.tsx'
import { useRead } from './use-action.ts'

/** With it comes the drawing of QR codes, which is needed once in a life. */
const AuthenticatorDialog = lazy(() => import('./authenticator-dialog.tsx').then((module) => ({ default: module.AuthenticatorDialog })))

/** The passkeys and second factors of whoever is signed in. */
export function WaysToSignIn() {
  const factors = useRead(listFactors, {})
  const [open, setOpen] = useState<'set-up' | 'remove' | 'codes' | null>(null)
  const { info } = usePerson()
  const hasPasskey = info?.factors.includes('passkey') ?? false
  const unneeded = hasPasskey ? 'not set up · a passkey already counts as second factor' : 'not set up · the password alone signs you in'
  const close = (): void => setOpen(null)
  const { totpSince = null, recoveryLeft = 0 } = factors.data ?? {}
  return (
    <Panel title="Ways to sign in" label="changing it asks who you are, unless you just said so">
      <PasskeyFacts />
      <UpstreamFacts />
      <QueryState query={factors} what="Factors" />
      {factors.data && (
        <>
          <div className="fact">
            <Smartphone className="ic" aria-hidden="true" />
            <div className="grow">
              <p className="strong">Authenticator app</p>
              <p className="small c2">{totpSince === null ? unneeded : <SetUp at={totpSince} />}</p>
            </div>
            <Button
              small
              look={totpSince === null ? 'outlined' : 'risk'}
              aria-label={totpSince === null ? 'Set up an authenticator app…' : 'Remove the authenticator app…'}
              onClick={() => setOpen(totpSince === null ? 'set-up' : 'remove')}
            >
              {totpSince === null ? 'Set up…' : 'Remove…'}
            </Button>
          </div>
          {(totpSince !== null || hasPasskey) && (
            <div className="fact">
              <LifeBuoy className="ic" aria-hidden="true" />
              <div className="grow">
                <p className="strong">Recovery codes</p>
                <p className="small c2">
                  {recoveryLeft === 0 ? 'none left · without one a lost device locks you out' : `${recoveryLeft} of 10 left`}
                </p>
              </div>
              <Button small onClick={() => setOpen('codes')}>
                Make new ones…
              </Button>
            </div>
          )}
        </>
      )}
      {open === 'set-up' && (
        <Suspense fallback={null}>
          <AuthenticatorDialog onClose={close} />
        </Suspense>
      )}
      {open === 'remove' && <RemoveAuthenticatorDialog hasPasskey={hasPasskey} onClose={close} />}
      {open === 'codes' && <NewCodesDialog left={recoveryLeft} onClose={close} />}
    </Panel>
  )
}

function SetUp({ at }: { readonly at: string }) {
  return (
    <>
      set up <Ago at={at} /> · asked for at each sign-in
    </>
  )
}
