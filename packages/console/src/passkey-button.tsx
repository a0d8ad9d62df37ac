'use client'
import { showPasskeyWay, signInByPasskey } from '@console/contracts/passkeys/actions'
import { Button } from '@console/ui/button.tsx'
import { Fingerprint } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useConsole } from './console-provider.tsx'
import { answerWithPasskey } from './passkey-browser.ts'

/** Whether a passkey signs in by itself; not where the sign-in settings leave it to the second step. */
export function usePasskeyAlone(): boolean {
  const { client, settings } = useConsole()
  const [off, setOff] = useState(false)
  const ready = settings.platformUrl !== ''
  useEffect(() => {
    if (!ready) return
    // Without an answer the button stays: pressing it tells what is wrong.
    client.call(showPasskeyWay, {}).then(
      ({ alone }) => setOff(!alone),
      () => undefined,
    )
  }, [client, ready])
  return !off
}

/** Signs in with a passkey; with the challenge of a password it finishes that sign-in. */
export function PasskeyButton({
  challenge,
  children,
  onError,
}: {
  readonly challenge?: string
  readonly children: string
  /** Null when it begins anew. */
  readonly onError: (error: Error | null) => void
}) {
  const { client, adopt } = useConsole()
  const [busy, setBusy] = useState(false)
  const use = async (): Promise<void> => {
    setBusy(true)
    onError(null)
    try {
      const answer = await answerWithPasskey(client)
      adopt(await client.call(signInByPasskey, { body: { answer, ...(challenge !== undefined && { challenge }) } }))
    } catch (error) {
      onError(error as Error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button busy={busy} icon={<Fingerprint className="ic s" aria-hidden="true" />} onClick={() => void use()}>
      {children}
    </Button>
  )
}
