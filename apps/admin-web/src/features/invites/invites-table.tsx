'use client'
import { ListTable } from '@console/console/list-table.tsx'
import { PageButtons } from '@console/console/page-buttons.tsx'
import type { Query } from '@console/console/query-state.tsx'
import { useWhyNot } from '@console/console/use-action.ts'
import { renewInvite, revokeInvite } from '@console/contracts/people/actions'
import type { Invite } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { Blank } from '@console/ui/states.tsx'
import { Status, type StatusKind } from '@console/ui/status.tsx'
import { Ago, useNow } from '@console/ui/time-text.tsx'
import { useState } from 'react'
import { productLabel } from '../../lib/product-words.ts'
import { InviteDeedDialog } from './invite-deed-dialog.tsx'
import type { useInvitesView } from './use-invites-view.ts'

const columns = 8
type Page = { readonly items: readonly Invite[]; readonly nextCursor: string | null; readonly total: number }
type Deed = { readonly invite: Invite; readonly what: 'renew' | 'revoke' }
type Props = {
  readonly query: Query & { readonly data: Page | undefined }
  readonly view: ReturnType<typeof useInvitesView>
  /** Whether a new link is mailed. */
  readonly mails: boolean
}

export function InvitesTable({ query, view, mails }: Props) {
  const [deed, setDeed] = useState<Deed | null>(null)
  const { data } = query
  const filtered = view.values.q !== '' || view.values.state !== null
  return (
    <>
      <ListTable
        label="Invites"
        query={query}
        what="Invites"
        className="two stk"
        columns={columns}
        head={
          <>
            <th>State</th>
            <th>Who</th>
            <th>Gets</th>
            <th className="m1">By</th>
            <th>Made</th>
            <th>Lapses</th>
            <th>What happened</th>
            <th>
              <span className="vh">Actions</span>
            </th>
          </>
        }
        rows={(data?.items ?? []).map((invite) => <InviteRow key={invite.id} invite={invite} mails={mails} onDeed={setDeed} />)}
        empty={
          filtered ? (
            <Blank title="No invite matches">
              <p>Take a filter away, or look for a part of the e-mail.</p>
            </Blank>
          ) : (
            <Blank title="Nobody has been invited">
              <p>An invite is a link by which one person makes their account, with the access that you choose now.</p>
            </Blank>
          )
        }
        footer={
          <>
            <span>
              {data?.items.length ?? 0} of {data?.total ?? 0} invites
            </span>
            <PageButtons cursor={view.values.cursor} next={data?.nextCursor} onPage={view.page} />
          </>
        }
      />
      {deed && <InviteDeedDialog {...deed} onClose={() => setDeed(null)} />}
    </>
  )
}

function InviteRow({ invite, mails, onDeed }: { readonly invite: Invite; readonly mails: boolean; readonly onDeed: (deed: Deed) => void }) {
  const whyNot = useWhyNot()
  const { email, name, memberships, createdAt, createdBy, expiresAt, state } = invite
  const shown = cleanLogText(name ?? email)
  const isOpen = state === 'open' || state === 'expired'
  const again = state === 'expired' ? 'Invite again…' : mails ? 'Send again…' : 'New link…'
  return (
    <tr data-row>
      <td className="t2">
        <State state={state} />
      </td>
      <td className="t1">
        <b>{shown}</b>
        {name !== null && <span className="sub">{email}</span>}
      </td>
      <td data-l="Gets">
        <span className="row w">
          {memberships.map(({ productId, role, plan, expiresAt: end }) => (
            <span className="tag" key={productId} title={`${plan}${end ? `, until ${end.slice(0, 10)}` : ''}`}>
              <span className="c3">{productLabel(productId)}</span> {role === 'admin' ? <b>admin</b> : role}
            </span>
          ))}
        </span>
      </td>
      <td className="c2 nowrap m1" data-l="By">
        {cleanLogText(createdBy)}
      </td>
      <td className="c2 nowrap" data-l="Made">
        <Ago at={createdAt} />
      </td>
      <td className="c2 nowrap" data-l="Lapses">
        {isOpen ? <Lapses at={expiresAt} /> : '–'}
      </td>
      <td className="c2" data-l="What happened">
        {happened(invite)}
      </td>
      <td className="act">
        {isOpen && (
          <span className="row">
            <Button
              small
              disabledReason={whyNot(renewInvite)}
              reasonHidden
              aria-label={`${again} ${shown}`}
              onClick={() => onDeed({ invite, what: 'renew' })}
            >
              {again}
            </Button>
            <Button
              small
              disabledReason={whyNot(revokeInvite)}
              reasonHidden
              aria-label={`Take back… ${shown}`}
              onClick={() => onDeed({ invite, what: 'revoke' })}
            >
              Take back…
            </Button>
          </span>
        )}
      </td>
    </tr>
  )
}

const states: Record<Invite['state'], { readonly kind: StatusKind; readonly word: string }> = {
  open: { kind: 'queued', word: 'open' },
  expired: { kind: 'warn', word: 'lapsed' },
  accepted: { kind: 'ok', word: 'accepted' },
  revoked: { kind: 'cancelled', word: 'taken back' },
}

function State({ state }: Pick<Invite, 'state'>) {
  const { kind, word } = states[state]
  return <Status kind={kind}>{word}</Status>
}

const [hourMs, dayMs] = [3_600_000, 86_400_000]

/** What is left in whole days or hours; the exact time on hover. */
function Lapses({ at }: { readonly at: string }) {
  const now = useNow()
  const leftMs = Date.parse(at) - now
  const left = leftMs >= 2 * dayMs ? `in ${Math.floor(leftMs / dayMs)} d` : `in ${Math.max(1, Math.floor(leftMs / hourMs))} h`
  return (
    <time dateTime={at} title={formatInstant(at)}>
      {now === 0 || leftMs <= 0 ? at.slice(0, 10) : left}
    </time>
  )
}

function happened({ state, mail, settledAt, settledBy }: Invite): string {
  const on = settledAt === null ? '' : ` ${settledAt.slice(0, 10)}`
  if (state === 'accepted') return `accepted${on}`
  if (state === 'revoked') return `taken back${settledBy === null ? '' : ` by ${cleanLogText(settledBy)}`}${on}`
  if (mail === null) return 'the link was shown once, to be sent by hand'
  return mail.outcome === 'sent' ? `mailed ${mail.at.slice(0, 10)}` : 'could not be mailed; the link was shown once'
}
