'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import { getMailStatus } from '@console/contracts/mail/actions'
import type { LinkHandedOver } from '@console/contracts/passwords/schemas'
import { listInvites, listUsers, renewInvite, revokeInvite } from '@console/contracts/people/actions'
import type { Invite } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { useToast } from '@console/ui/toast.tsx'
import { useState } from 'react'
import { LinkDialog } from '../../lib/link-dialog.tsx'

/** A new link in place of the old one, or none any more. */
export function InviteDeedDialog({
  invite,
  what,
  onClose,
}: {
  readonly invite: Invite
  readonly what: 'renew' | 'revoke'
  readonly onClose: () => void
}) {
  const { client } = useConsole()
  const toast = useToast()
  const [made, setMade] = useState<LinkHandedOver | null>(null)
  const params = { id: invite.id }
  const name = cleanLogText(invite.name ?? invite.email)
  const careful = useCareful(async (): Promise<LinkHandedOver | null> => {
    if (what === 'revoke') {
      await client.call(revokeInvite, { params })
      return null
    }
    const { invite: renewed, ...handed } = await client.call(renewInvite, { params })
    return { ...handed, expiresAt: renewed.expiresAt }
  }, [listInvites, listUsers, getMailStatus])
  if (made) return <LinkDialog title="A new link" to={invite.email} made={made} onClose={onClose} />
  return (
    <CarefulDialog
      careful={careful}
      title={what === 'renew' ? `Make a new link for ${name}?` : `Take the invite of ${name} back?`}
      sub={
        what === 'renew'
          ? 'The old link ends. The access stays as it was chosen.'
          : 'The link ends at once. The e-mail can be invited again.'
      }
      button={what === 'renew' ? 'Make a new link' : 'Take it back'}
      look={what === 'renew' ? 'ink' : 'risk'}
      onClose={onClose}
      onDone={(handed) => {
        if (handed) return setMade(handed)
        toast({ kind: 'ok', title: `The invite of ${name} is taken back` })
        onClose()
      }}
    />
  )
}
