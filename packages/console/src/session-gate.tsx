'use client'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { Note } from '@console/ui/states.tsx'
import { type ReactNode, useRef, useState, useSyncExternalStore } from 'react'
import { useConsole } from './console-provider.tsx'
import { EnrolForm, type Enrolling } from './enrol-form.tsx'
import { GateFrame } from './gate-frame.tsx'
import { cannotSignIn } from './settings.ts'
import { SetupForm } from './setup-form.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { Unreachable } from './unreachable.tsx'

const never = (): (() => void) => () => undefined

/** Shows the pages to whoever is signed in; else the one form that this browser can use now. Signed out over a page, the page stays. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const { session, settings, retry } = useConsole()
  const passwordField = useRef<HTMLInputElement>(null)
  // The written page knows no host, so it is filled in once the page lives.
  const foot = useSyncExternalStore(
    never,
    () => location.host,
    () => '',
  )
  const name = settings.productName || 'ByteLyst'
  const [enrolling, setEnrolling] = useState<Enrolling>(null)
  if (session.at === 'in' && (session.info.enrol || enrolling !== null))
    return (
      <GateFrame productName={name} foot={foot}>
        <EnrolForm open={enrolling} onOpen={setEnrolling} />
      </GateFrame>
    )
  if (session.at === 'in') return children
  if (session.at === 'out' && session.last) {
    return (
      <>
        {children}
        <Dialog
          open
          onClose={() => undefined}
          closable={false}
          initialFocus={passwordField}
          title="You were signed out"
          sub="Another tab, an admin or the time of a session ended it. What you typed on this page is kept, secret values excepted."
          footer={
            <>
              <Button look="quiet" onClick={() => location.assign('/')}>
                Someone else…
              </Button>
              <span className="small c3">drops what was typed</span>
            </>
          }
        >
          <SignInForm as={session.last.user} passwordField={passwordField} />
        </Dialog>
      </>
    )
  }
  return (
    <GateFrame productName={name} foot={foot} settingUp={session.at === 'setup'}>
      {session.at === 'loading' && (
        <p className="c2" role="status">
          Looking who is signed in
        </p>
      )}
      {session.at === 'unreachable' && <Unreachable why={session.why} retry={retry} />}
      {session.at === 'setup' && <SetupForm />}
      {session.at === 'out' && (cannotSignIn() ? <PlainHttp /> : <SignInForm />)}
    </GateFrame>
  )
}

function PlainHttp() {
  return (
    <div className="stack">
      <div>
        <h1>Open this page by https</h1>
        <p className="c2">
          Over plain http on <span className="mono">{location.hostname}</span> a browser keeps no sign-in, so there is no form here.
        </p>
      </div>
      <Note kind="unknown" title="Or through an SSH tunnel">
        Forward ports 3000, 4003 and 4004, then open http://localhost:3000.
      </Note>
      <pre className="codebox">{'ssh -L 3000:localhost:3049 -L 4003:localhost:4003 \\\n    -L 4004:localhost:4004 the-host'}</pre>
    </div>
  )
}
