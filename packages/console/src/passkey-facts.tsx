'use client'
import { listPasskeys } from '@console/contracts/passkeys/actions'
import type { Passkey } from '@console/contracts/passkeys/schemas'
import { Button } from '@console/ui/button.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { Fingerprint, Plus } from 'lucide-react'
import { useState } from 'react'
import { AddPasskeyDialog, RemovePasskeyDialog, RenamePasskeyDialog } from './passkey-dialogs.tsx'
import { QueryState } from './query-state.tsx'
import { useRead } from './use-action.ts'

/** The passkeys of whoever is signed in. */
export function PasskeyFacts() {
  const passkeys = useRead(listPasskeys, {})
  const [open, setOpen] = useState<{ readonly how: 'rename' | 'remove'; readonly passkey: Passkey } | 'new' | null>(null)
  const close = (): void => setOpen(null)
  return (
    <>
      <QueryState query={passkeys} what="Passkeys" />
      {passkeys.data?.items.map((passkey) => (
        <div className="fact" key={passkey.id}>
          <Fingerprint className="ic" aria-hidden="true" />
          <div className="grow">
            <p className="strong">Passkey “{passkey.name}”</p>
            <p className="small c2">
              made <Ago at={passkey.createdAt} /> · {passkey.lastUsedAt === null ? 'not used yet' : <UsedAgo at={passkey.lastUsedAt} />}
              {passkey.synced && ' · shared between devices'}
            </p>
          </div>
          <Button small aria-label={`Rename the passkey “${passkey.name}”…`} onClick={() => setOpen({ how: 'rename', passkey })}>
            Rename…
          </Button>
          <Button
            small
            look="risk"
            aria-label={`Remove the passkey “${passkey.name}”…`}
            onClick={() => setOpen({ how: 'remove', passkey })}
          >
            Remove…
          </Button>
        </div>
      ))}
      {passkeys.data && (
        <div className="fact">
          <Fingerprint className="ic" aria-hidden="true" />
          <div className="grow">
            <p className="strong">{passkeys.data.items.length === 0 ? 'No passkey' : 'Another passkey'}</p>
            <p className="small c2">signs in without password and code</p>
          </div>
          <Button small icon={<Plus className="ic s" aria-hidden="true" />} onClick={() => setOpen('new')}>
            Add a passkey…
          </Button>
        </div>
      )}
      {open === 'new' && <AddPasskeyDialog onClose={close} />}
      {open !== null && open !== 'new' && open.how === 'rename' && <RenamePasskeyDialog passkey={open.passkey} onClose={close} />}
      {open !== null && open !== 'new' && open.how === 'remove' && <RemovePasskeyDialog passkey={open.passkey} onClose={close} />}
    </>
  )
}

function UsedAgo({ at }: { readonly at: string }) {
  return (
    <>
      used <Ago at={at} />
    </>
  )
}
