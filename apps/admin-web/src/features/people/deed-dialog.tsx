'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { reasonTrouble } from '@console/console/reason-rule.ts'
import { useCareful } from '@console/console/use-careful.ts'
import type { LinkHandedOver } from '@console/contracts/passwords/schemas'
import type { User } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { TextArea, TextField } from '@console/ui/field.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useState } from 'react'
import { LinkDialog } from '../../lib/link-dialog.tsx'
import { personReads } from '../../lib/person-reads.ts'
import { dayEnd } from './day-end.ts'
import { type PersonDeed, personDeeds } from './person-deeds.ts'

/** Does one thing about a person, with a reason where it takes something away. */
export function DeedDialog({ user, deed, onClose }: { readonly user: User; readonly deed: PersonDeed; readonly onClose: () => void }) {
  const { client } = useConsole()
  const toast = useToast()
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState('')
  const [made, setMade] = useState<LinkHandedOver | null>(null)
  const { title, button, look, needsReason, takesAdmin, mayEnd = false, run } = personDeeds[deed]
  const name = cleanLogText(user.name || user.email)
  const careful = useCareful(
    () => run(client, user.id, { reason: reason.trim(), ...(until !== '' && { until: dayEnd(until) }) }),
    personReads,
  )
  const last = takesAdmin && user.lastAdmin ? 'The last active platform admin stays' : null
  if (made) return <LinkDialog title="A new link" to={user.email} made={made} onClose={onClose} />
  return (
    <CarefulDialog
      careful={careful}
      title={title(name)}
      button={button}
      look={look}
      trouble={last ?? (needsReason ? reasonTrouble(reason) : null)}
      troubleShown
      onClose={onClose}
      onDone={(link) => {
        if (link) return setMade(link)
        toast({ kind: 'ok', title: `Done for ${name}` })
        onClose()
      }}
    >
      {needsReason && (
        <TextArea
          label="Reason"
          rows={2}
          value={reason}
          hint="Kept in the audit log."
          onChange={(event) => setReason(event.target.value)}
        />
      )}
      {mayEnd && (
        <TextField
          label="Until, UTC"
          type="date"
          hint="They are let in again after that day; empty is for good"
          value={until}
          onChange={(event) => setUntil(event.target.value)}
        />
      )}
    </CarefulDialog>
  )
}
