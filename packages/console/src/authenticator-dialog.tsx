'use client'
import { enableTotp, listFactors, offerTotp } from '@console/contracts/auth/actions'
import { TextField } from '@console/ui/field.tsx'
import { useEffect, useRef, useState } from 'react'
import { CarefulDialog } from './careful-dialog.tsx'
import { useConsole } from './console-provider.tsx'
import { QrCode } from './qr-code.tsx'
import { RecoveryCodesDialog } from './recovery-codes-dialog.tsx'
import { useCareful } from './use-careful.ts'

type Offer = { readonly secret: string; readonly uri: string }
const head = { title: 'Set up an authenticator app', sub: 'Step 1 of 2. Any app that makes 6-digit codes will do.', button: 'Continue' }

/** Sets an authenticator up: its secret, one code of it, then the recovery codes. Until a code was right nothing changes. */
export function AuthenticatorDialog({ onClose }: { readonly onClose: () => void }) {
  const { retry } = useConsole()
  const [offer, setOffer] = useState<Offer | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const finish = (): void => {
    retry()
    onClose()
  }
  if (codes)
    return (
      <RecoveryCodesDialog
        codes={codes}
        sub="Step 2 of 2. Each signs you in once when the app is gone. They are not shown again."
        onClose={finish}
      />
    )
  return offer ? <Enable offer={offer} onDone={setCodes} onClose={onClose} /> : <Ask onDone={setOffer} onClose={onClose} />
}

/** Asks for a secret as soon as it is there; it stays to be seen only where a factor is asked for, or something failed. */
function Ask({ onDone, onClose }: { readonly onDone: (offer: Offer) => void; readonly onClose: () => void }) {
  const { client } = useConsole()
  const careful = useCareful(() => client.call(offerTotp, {}), [])
  const asked = useRef(false)
  useEffect(() => {
    // Once, although React may mount twice: each offer replaces the one before.
    if (asked.current) return
    asked.current = true
    void careful.run().then((done) => done && onDone(done.result))
  })
  return <CarefulDialog {...head} careful={careful} onClose={onClose} onDone={onDone} />
}

function Enable({
  offer: { secret, uri },
  onDone,
  onClose,
}: {
  readonly offer: Offer
  readonly onDone: (codes: readonly string[]) => void
  readonly onClose: () => void
}) {
  const { client } = useConsole()
  const [typed, setTyped] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const code = typed.replaceAll(' ', '')
  const careful = useCareful(() => client.call(enableTotp, { body: { code } }), [listFactors])
  return (
    <CarefulDialog
      {...head}
      careful={careful}
      trouble={/^[0-9]{6}$/.test(code) ? null : 'Type the six digits'}
      initialFocus={field}
      onClose={onClose}
      onDone={({ recoveryCodes }) => onDone(recoveryCodes)}
    >
      <div className="row gap3 w qr-row">
        <QrCode text={uri} label="The secret as a QR code" />
        <div className="grow">
          <p>Scan this with the app.</p>
          <p className="strong">Or type this key</p>
          <div className="once">
            <code>{secret.match(/.{1,4}/g)?.join(' ')}</code>
          </div>
          <p className="small c2">6 digits, every 30 s</p>
        </div>
      </div>
      <TextField
        ref={field}
        label="The code that the app shows"
        mono
        className="code-field"
        inputMode="numeric"
        autoComplete="one-time-code"
        placeholder="000 000"
        maxLength={9}
        value={typed}
        hint="It counts only after one code was right, so nothing can lock you out here. Your other sessions end then."
        onChange={(event) => setTyped(event.target.value)}
      />
    </CarefulDialog>
  )
}
