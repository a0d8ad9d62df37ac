'use client'
import { Button } from '@console/ui/button.tsx'
import { KeyRound, Smartphone } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { AddPasskeyDialog } from './passkey-dialogs.tsx'
import { useSignOut } from './use-sign-out.ts'

/** With it comes the drawing of QR codes, which is needed once in a life. */
const AuthenticatorDialog = lazy(() => import('./authenticator-dialog.tsx').then((module) => ({ default: module.AuthenticatorDialog })))

export type Enrolling = 'app' | 'passkey' | null

/** What stands before the pages while somebody needs a second factor and has none. Which dialog is open is kept outside: it outlives the need. */
export function EnrolForm({ open, onOpen }: { readonly open: Enrolling; readonly onOpen: (open: Enrolling) => void }) {
  const signOut = useSignOut()
  const close = (): void => onOpen(null)
  return (
    <div className="stack">
      <div>
        <h1>Set up a second factor</h1>
        <p className="c2">The password alone is not enough here. Choose one now; from then on it is asked for at each sign-in.</p>
      </div>
      <Button look="ink" icon={<Smartphone className="ic s" aria-hidden="true" />} onClick={() => onOpen('app')}>
        Set up an authenticator app…
      </Button>
      <Button icon={<KeyRound className="ic s" aria-hidden="true" />} onClick={() => onOpen('passkey')}>
        Add a passkey…
      </Button>
      <Button look="quiet" onClick={() => void signOut()}>
        Sign out
      </Button>
      {open === 'app' && (
        <Suspense fallback={null}>
          <AuthenticatorDialog onClose={close} />
        </Suspense>
      )}
      {open === 'passkey' && <AddPasskeyDialog onClose={close} />}
    </div>
  )
}
