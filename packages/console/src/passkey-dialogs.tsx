'use client'
import { listFactors, renewRecoveryCodes } from '@console/contracts/auth/actions'
import { addPasskey, listPasskeys, offerPasskey, removePasskey, renamePasskey } from '@console/contracts/passkeys/actions'
import type { Passkey } from '@console/contracts/passkeys/schemas'
import { TextField } from '@console/ui/field.tsx'
import { useRef, useState } from 'react'
import { CarefulDialog } from './careful-dialog.tsx'
import { useConsole } from './console-provider.tsx'
import { makePasskey } from './passkey-browser.ts'
import { RecoveryCodesDialog } from './recovery-codes-dialog.tsx'
import { useRead } from './use-action.ts'
import { useCareful } from './use-careful.ts'

const changed = [listPasskeys, listFactors]

/** Names a passkey, then has the browser make it. Whoever has no recovery codes gets them with it: a device can be lost. */
export function AddPasskeyDialog({ onClose }: { readonly onClose: () => void }) {
  const { client, retry } = useConsole()
  const [name, setName] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const factors = useRead(listFactors, {})
  const careful = useCareful(async () => {
    const made = await makePasskey(await client.call(offerPasskey, {}))
    await client.call(addPasskey, { body: { name: name.trim(), made } })
    if (factors.data?.recoveryLeft !== 0) return null
    // The passkey is there: codes that could not be made now are made in the profile.
    return client.call(renewRecoveryCodes, {}).catch(() => null)
  }, changed)
  const finish = (): void => {
    retry()
    onClose()
  }
  if (codes)
    return (
      <RecoveryCodesDialog
        codes={codes}
        sub="Each signs you in once, after the password, when the passkey is gone. They are not shown again."
        onClose={finish}
      />
    )
  return (
    <CarefulDialog
      careful={careful}
      title="Add a passkey"
      sub="It signs you in by fingerprint, face or PIN of a device, or by a security key, in place of password and code."
      button="Continue"
      trouble={name.trim() === '' ? 'Type a name first.' : null}
      initialFocus={field}
      onClose={onClose}
      onDone={(made) => (made ? setCodes(made.recoveryCodes) : finish())}
    >
      <TextField
        ref={field}
        label="Name"
        maxLength={60}
        value={name}
        hint="By which you know it again, such as the device. Your other sessions end then."
        onChange={(event) => setName(event.target.value)}
      />
    </CarefulDialog>
  )
}

export function RenamePasskeyDialog({ passkey, onClose }: { readonly passkey: Passkey; readonly onClose: () => void }) {
  const { client } = useConsole()
  const [name, setName] = useState(passkey.name)
  const field = useRef<HTMLInputElement>(null)
  const careful = useCareful(() => client.call(renamePasskey, { params: { id: passkey.id }, body: { name: name.trim() } }), [listPasskeys])
  const trouble = name.trim() === '' ? 'Type a name first.' : name.trim() === passkey.name ? 'That is its name now.' : null
  return (
    <CarefulDialog
      careful={careful}
      title={`Rename the passkey “${passkey.name}”`}
      sub="Only here: the device goes on showing what it was called when it was made."
      button="Rename"
      trouble={trouble}
      initialFocus={field}
      onClose={onClose}
      onDone={onClose}
    >
      <TextField ref={field} label="Name" maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />
    </CarefulDialog>
  )
}

export function RemovePasskeyDialog({ passkey, onClose }: { readonly passkey: Passkey; readonly onClose: () => void }) {
  const { client, retry } = useConsole()
  const careful = useCareful(() => client.call(removePasskey, { params: { id: passkey.id } }), changed)
  return (
    <CarefulDialog
      careful={careful}
      title={`Remove the passkey “${passkey.name}”?`}
      sub="It signs you in no more. Delete it from the device too, which else goes on offering it."
      cancel="Keep it"
      button="Remove the passkey"
      look="risk"
      onClose={onClose}
      onDone={() => {
        retry()
        onClose()
      }}
    />
  )
}
