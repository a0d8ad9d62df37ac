'use client'
import type { ApiError } from '@console/api-client/client'
import { askAgain } from '@console/api-client/read-again'
import { finishUpstream } from '@console/contracts/upstream/actions'
import type { UpstreamOutcome } from '@console/contracts/upstream/schemas'
import { Button } from '@console/ui/button.tsx'
import { useEffect, useRef, useState } from 'react'
import { tellTabs, useConsole } from './console-provider.tsx'
import { GateFrame } from './gate-frame.tsx'
import { SecondStepForm } from './second-step-form.tsx'

type Failure = { readonly title: string; readonly text: string }

/** Where the sign-in provider sends the browser back to: finishes what was begun, then goes on to the dashboard that it was begun at. */
export function UpstreamPage() {
  const { client, settings, session } = useConsole()
  const [outcome, setOutcome] = useState<UpstreamOutcome | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const begun = useRef(false)
  /** Who was signed in before the second step; another session then is what it led to. */
  const before = useRef(session)
  const ready = settings.platformUrl !== ''
  useEffect(() => {
    if (!ready || begun.current) return
    begun.current = true
    const told = new URLSearchParams(location.search)
    // The code is good once; it is not to stay in the address or in the history.
    history.replaceState(null, '', location.pathname)
    const [code, state, iss] = [told.get('code'), told.get('state'), told.get('iss')]
    if (code === null || state === null) return setFailure(failureOf(told))
    const body = { code, state, ...(iss !== null && { iss }) }
    askAgain(() => client.call(finishUpstream, { body })).then(setOutcome, (error: ApiError) =>
      setFailure({ title: 'The sign-in was not finished', text: error.message }),
    )
  }, [client, ready])
  useEffect(() => {
    if (outcome === null) return
    if (outcome.done === 'challenged') {
      if (session.at !== 'in' || session === before.current) return
    } else tellTabs()
    const home = outcome.app === 'devops' ? settings.devopsWebUrl : ''
    location.replace(`${home}${outcome.done === 'linked' ? '/profile' : '/'}`)
  }, [outcome, session, settings])
  return (
    <GateFrame productName={settings.productName || 'ByteLyst'} foot="">
      {failure ? (
        <div className="stack">
          <div>
            <h1>{failure.title}</h1>
            <p className="c2">{failure.text}</p>
          </div>
          <Button look="ink" onClick={() => location.assign('/')}>
            Back to sign-in
          </Button>
        </div>
      ) : outcome?.done === 'challenged' ? (
        <SecondStepForm challenge={outcome.challenge} email="you" onBack={() => location.assign('/')} />
      ) : (
        <p className="c2" role="status">
          Finishing the sign-in
        </p>
      )}
    </GateFrame>
  )
}

/** What the provider sent in place of a code (RFC 6749, section 4.1.2.1); its own words are not shown, for anybody can write them into a link. */
function failureOf(told: URLSearchParams): Failure {
  if (told.get('error') === 'access_denied')
    return { title: 'You were not signed in', text: 'The sign-in was cancelled or not allowed at the provider.' }
  return { title: 'There is nothing to finish here', text: 'The provider sent no sign-in back. Begin anew.' }
}
