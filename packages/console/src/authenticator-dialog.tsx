'use client'
import { enableTotp, listFactors, offerTotp } from '@console/contracts/auth/actions'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextField } from '@console/ui/field.tsx'
import { useEffect, useRef, useState } from 'react'
import { CarefulFields } from './careful-fields.tsx'
import { useConsole } from './console-provider.tsx'
import { QrCode } from './qr-code.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { useCareful } from './use-careful.ts'

/** Sets an authenticator up: its secret, one code of it, then the recovery codes. Until a code was right nothing changes. */
export function AuthenticatorDialog({ onClose }: { readonly onClose: () => void }) {
  const { client, retry } = useConsole()
  const [offer, setOffer] = useState<{ secret: string; uri: string } | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const [code, setCode] = useState('')
  const [kept, setKept] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const offering = useCareful(() => client.call(offerTotp, {}), [])
  const enabling = useCareful(() => client.call(enableTotp, { body: { code: code.replaceAll(' ', '') } }), [listFactors])
  const asked = useRef(false)
  const begin = async (): Promise<void> => {
    const made = await offering.run()
    if (made) setOffer(made)
  }
  useEffect(() => {
    // Once, although React may mount twice: each offer replaces the one before.
    if (asked.current) return
    asked.current = true
    void begin()
  })
  const enable = async (): Promise<void> => {
    const done = await enabling.run()
    if (done) setCodes(done.recoveryCodes)
  }
  const finish = (): void => {
    retry()
    onClose()
  }
  if (codes)
    return (
      <Dialog
        open
        closable={false}
        busy
        onClose={onClose}
        title="Keep these ten recovery codes"
        sub="Step 2 of 2. Each signs you in once when the app is gone. They are not shown again."
        footer={
          <span className="push row">
            <Button disabledReason={kept ? null : 'Tick the line first'} onClick={finish}>
              Done
            </Button>
          </span>
        }
      >
        <RecoveryCodes codes={codes} kept={kept} onKept={setKept} />
      </Dialog>
    )
  const busy = offering.busy || enabling.busy
  const trouble = offer && !/^[0-9]{6}$/.test(code.replaceAll(' ', '')) ? 'Type the six digits' : null
  return (
    <Dialog
      open
      onClose={onClose}
      busy={busy}
      title="Set up an authenticator app"
      sub="Step 1 of 2. Any app that makes 6-digit codes will do."
      initialFocus={field}
      footer={
        <span className="push row">
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <Button look="ink" busy={busy} disabledReason={trouble} reasonHidden onClick={() => void (offer ? enable() : begin())}>
            Continue
          </Button>
        </span>
      }
    >
      <CarefulFields {...(offer ? enabling : offering)} />
      {offer && (
        <>
          <div className="row gap3 w qr-row">
            <QrCode text={offer.uri} label="The secret as a QR code" />
            <div className="grow">
              <p>Scan this with the app.</p>
              <p className="strong">Or type this key</p>
              <div className="once">
                <code>{offer.secret.match(/.{1,4}/g)?.join(' ')}</code>
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
            value={code}
            hint="It counts only after one code was right, so nothing can lock you out here. Your other sessions end then."
            onChange={(event) => setCode(event.target.value)}
            onKeyDown={(event) => event.key === 'Enter' && trouble === null && void enable()}
          />
        </>
      )}
    </Dialog>
  )
}
