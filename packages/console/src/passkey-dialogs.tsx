'use client'
import { listFactors } from '@console/contracts/auth/actions'
import { addPasskey, listPasskeys, offerPasskey, removePasskey } from '@console/contracts/passkeys/actions'
import type { Passkey } from '@console/contracts/passkeys/schemas'
import { TextField } from '@console/ui/field.tsx'
import { useRef, useState } from 'react'
import { CarefulDialog } from './careful-dialog.tsx'
import { useConsole } from './console-provider.tsx'
import { makePasskey } from './passkey-browser.ts'
import { useCareful } from './use-careful.ts'

const changed = [listPasskeys, listFactors]

/** Names a passkey, then has the browser make it. */
export function AddPasskeyDialog({ onClose }: { readonly onClose: () => void }) {
  const { client, retry } = useConsole()
  const [name, setName] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const careful = useCareful(async () => {
    const made = await makePasskey(await client.call(offerPasskey, {}))
    return client.call(addPasskey, { body: { name: name.trim(), made } })
  }, changed)
  return (
    <CarefulDialog
      careful={careful}
      title="Add a passkey"
      sub="It signs you in by fingerprint, face or PIN of a device, or by a security key, in place of password and code."
      button="Continue"
      trouble={name.trim() === '' ? 'Type a name first.' : null}
      initialFocus={field}
      onClose={onClose}
      onDone={() => {
        retry()
        onClose()
      }}
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
