'use client'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { getMailStatus } from '@console/contracts/mail/actions'
import { createInvite, listInvites } from '@console/contracts/people/actions'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { SearchField } from '@console/ui/search-field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { MailPlus } from 'lucide-react'
import { InviteDialog } from '../../lib/invite-dialog.tsx'
import { InvitesTable } from './invites-table.tsx'
import { MailNote, mailFails } from './mail-note.tsx'
import { useInvitesView } from './use-invites-view.ts'

/** Who is invited, who came, and which links have lapsed. */
export function InvitesPage() {
  const view = useInvitesView()
  const invites = useRead(listInvites, { query: { ...view.query, limit: '50' } }, { every: 15_000 })
  const mail = useRead(getMailStatus, {}, { every: 15_000 })
  const denied = useWhyNot()(createInvite)
  const failing = mail.data && mailFails(mail.data) ? mail.data : null
  const counts = invites.data?.counts
  const all = counts && counts.open + counts.accepted + counts.revoked + counts.expired
  const number = (count: number | undefined): string => (count === undefined ? '' : ` ${count}`)
  return (
    <>
      <PageHead
        title={finding(counts?.open)}
        sub={`A link works once and makes the account.${mail.data?.server === null ? ' No mail is set up: each link is shown once, for you to send.' : ''}`}
        actions={
          <Button
            look="ink"
            data-key="i"
            icon={<MailPlus className="ic s" aria-hidden="true" />}
            disabledReason={denied}
            onClick={() => view.make(true)}
          >
            Invite…
          </Button>
        }
      />
      {failing && <MailNote status={failing} />}
      <div className={`tools2 ${failing ? 'apart' : ''}`}>
        <SearchField label="Search invites" placeholder="Name or e-mail" value={view.values.q} onChange={view.type} />
        <Segmented
          label="State"
          value={view.values.state ?? 'all'}
          onChange={(state) => view.set({ state: state === 'all' ? null : state })}
          options={[
            { value: 'all', label: `All${number(all)}` },
            { value: 'open', label: `Open${number(counts?.open)}` },
            { value: 'expired', label: `Lapsed${number(counts?.expired)}` },
            { value: 'accepted', label: `Accepted${number(counts?.accepted)}` },
            { value: 'revoked', label: `Taken back${number(counts?.revoked)}` },
          ]}
        />
      </div>
      <InvitesTable query={invites} view={view} mails={mail.data?.server !== null} />
      {view.values.make && denied === null && <InviteDialog onClose={() => view.make(false)} />}
    </>
  )
}

/** What stands out, in one sentence. */
function finding(open: number | undefined): string {
  if (open === undefined) return 'Invites'
  return open === 0 ? 'No invite is open' : `${open} ${open === 1 ? 'invite is' : 'invites are'} open`
}
