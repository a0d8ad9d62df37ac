'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { disableUser, getUser } from '@console/contracts/people/actions'
import type { User } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Avatar } from '@console/ui/person.tsx'
import { Blank } from '@console/ui/states.tsx'
import { StatusChip, type StatusKind } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { Ban, ChevronRight, RotateCcw } from 'lucide-react'
import Link from 'next/link'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { paths } from '../../lib/paths.ts'
import { DeedDialog } from './deed-dialog.tsx'
import { PersonHistory } from './person-history.tsx'
import { PersonMemberships } from './person-memberships.tsx'
import { PersonMenu } from './person-menu.tsx'
import { PersonSessions } from './person-sessions.tsx'
import { PersonSignIn } from './person-sign-in.tsx'
import { PersonTokens } from './person-tokens.tsx'

const kinds: Record<User['status'], StatusKind> = { active: 'ok', invited: 'queued', disabled: 'cancelled' }

/** One person: what they may do, where they are signed in, how they show who they are, and what happened to them. */
export function PersonPage() {
  const [id] = useQueryState('id', parseAsString.withDefault(''))
  const user = useRead(getUser, { params: { id } }, { every: 15_000, enabled: id !== '' })
  const known = user.data?.id === id ? user.data : undefined
  if (known) return <Whole user={known} />
  return (
    <>
      <PageHead title="Person" crumbs={<Crumbs name={id} />} />
      <section className="panel">
        {id === '' ? (
          <Blank
            title="Nobody is named"
            actions={
              <Link className="btn" href={paths.people}>
                Open people
              </Link>
            }
          >
            The address of this page names a person.
          </Blank>
        ) : (
          <QueryState query={user} what="The person" />
        )}
      </section>
    </>
  )
}

function Crumbs({ name }: { readonly name: string }) {
  return (
    <>
      <Link className="link" href={paths.people}>
        People
      </Link>
      <ChevronRight className="ic s" aria-hidden="true" />
      <span>{name || '–'}</span>
    </>
  )
}

function Whole({ user }: { readonly user: User }) {
  const { status, email, createdAt, lastSeenAt, disabledReason, disabledUntil } = user
  const name = cleanLogText(user.name || email)
  return (
    <>
      <PageHead
        crumbs={<Crumbs name={name} />}
        title={
          <span className="row gap3 w">
            <Avatar name={name} />
            {name}
            <StatusChip kind={kinds[status]}>{status}</StatusChip>
          </span>
        }
        sub={
          <>
            {email} · {status === 'invited' ? 'invited' : 'here since'} {createdAt.slice(0, 10)} ·{' '}
            {lastSeenAt ? (
              <>
                last seen <Ago at={lastSeenAt} />
              </>
            ) : (
              'never seen'
            )}
            {disabledReason && ` · disabled: ${cleanLogText(disabledReason)}`}
            {disabledUntil && ` · until ${formatInstant(disabledUntil)}`}
          </>
        }
        actions={
          <>
            <MainDeed user={user} />
            <PersonMenu user={user} />
          </>
        }
      />
      <div className="cols c-8-4">
        <div className="stack">
          <PersonMemberships user={user} />
          {status !== 'invited' && (
            <>
              <PersonSessions user={user} />
              <PersonTokens user={user} />
            </>
          )}
        </div>
        <div className="stack">
          {status !== 'invited' && <PersonSignIn user={user} />}
          <PersonHistory user={user} />
        </div>
      </div>
    </>
  )
}

/** To disable somebody, or to let them in again; `do` in the address opens the dialog. */
function MainDeed({ user }: { readonly user: User }) {
  const [open, setOpen] = useQueryState('do', parseAsStringLiteral(['disable', 'enable']))
  const denied = useWhyNot()(disableUser)
  if (user.status === 'invited') return null
  const deed = user.status === 'disabled' ? 'enable' : 'disable'
  const Icon = deed === 'enable' ? RotateCcw : Ban
  const last = deed === 'disable' && user.lastAdmin ? 'The last active platform admin stays.' : null
  return (
    <>
      <Button icon={<Icon className="ic s" aria-hidden="true" />} disabledReason={denied ?? last} onClick={() => void setOpen(deed)}>
        {deed === 'enable' ? 'Enable…' : 'Disable…'}
      </Button>
      {open === deed && !denied && <DeedDialog user={user} deed={deed} onClose={() => void setOpen(null)} />}
    </>
  )
}
