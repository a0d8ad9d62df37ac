import type { AuditRow } from '@console/contracts/audit/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Avatar } from '@console/ui/person.tsx'
import { Bot, Cog, UserX } from 'lucide-react'

/** Who did something, with a sign for what they are. A name that somebody typed at the sign-in is shown as text, cleaned. */
export function Actor({ actor: { kind, id, name } }: { readonly actor: AuditRow['actor'] }) {
  const shown = cleanLogText(name ?? id)
  if (kind === 'person')
    return (
      <span className="row">
        <Avatar name={shown} small />
        <span>{shown}</span>
      </span>
    )
  const Icon = kind === 'token' ? Bot : kind === 'service' ? Cog : UserX
  return (
    <span className="row">
      <span className="avatar s" aria-hidden="true">
        <Icon className="ic s" />
      </span>
      <span className={kind === 'anonymous' ? 'c3' : ''}>{shown}</span>
    </span>
  )
}
