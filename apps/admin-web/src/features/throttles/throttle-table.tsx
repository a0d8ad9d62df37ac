'use client'
import { ListTable } from '@console/console/list-table.tsx'
import type { Query } from '@console/console/query-state.tsx'
import { useWhyNot } from '@console/console/use-action.ts'
import { liftThrottle } from '@console/contracts/people/actions'
import type { Throttle } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { Avatar } from '@console/ui/person.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { In } from './in.tsx'

const columns = 5
type Props = {
  readonly query: Query & { readonly data: { readonly items: readonly Throttle[] } | undefined }
  readonly filtered: boolean
  readonly onLift: (throttle: Throttle) => void
}

export function ThrottleTable({ query, filtered, onLift }: Props) {
  return (
    <ListTable
      label="Blocked sign-ins"
      query={query}
      what="Blocked sign-ins"
      className="two stk"
      columns={columns}
      head={
        <>
          <th>State</th>
          <th>Account or address</th>
          <th className="num">Counted</th>
          <th>Ends</th>
          <th>
            <span className="vh">Actions</span>
          </th>
        </>
      }
      rows={(query.data?.items ?? []).map((throttle) => <ThrottleRow key={throttle.id} throttle={throttle} onLift={onLift} />)}
      empty={
        filtered ? (
          <Blank title="Nothing matches">
            <p>Take a filter away.</p>
          </Blank>
        ) : (
          <Blank kind="ok" title="Nobody is held back">
            <p>Whoever reaches half of what blocks stands here.</p>
          </Blank>
        )
      }
    />
  )
}

function ThrottleRow({ throttle, onLift }: { readonly throttle: Throttle; readonly onLift: (throttle: Throttle) => void }) {
  const denied = useWhyNot()(liftThrottle)
  const { state, subject, failures, most, until } = throttle
  const verb = state === 'blocked' ? 'Lift the block of' : 'Forget what was counted against'
  return (
    <tr data-row>
      <td className="t2">{state === 'blocked' ? <Status kind="bad">blocked</Status> : <Status kind="warn">near to it</Status>}</td>
      <td className="name t1">
        <Subject throttle={throttle} />
      </td>
      <td className="num nowrap" data-l="Counted">
        {failures} of {most}
      </td>
      <td className="c2 nowrap" data-l="Ends">
        <In at={until} />
      </td>
      <td className="act">
        <Button small disabledReason={denied} aria-label={`${verb} ${cleanLogText(subject)}…`} onClick={() => onLift(throttle)}>
          {state === 'blocked' ? 'Lift…' : 'Forget…'}
        </Button>
      </td>
    </tr>
  )
}

const kindWords: Record<Throttle['kind'], string> = {
  account: 'account',
  address: 'address',
  reset: 'asked for links to reset the password',
}

/** A person leads to their row in the list of people. */
function Subject({ throttle: { kind, subject, person } }: { readonly throttle: Throttle }) {
  if (!person)
    return (
      <>
        <span className={kind === 'address' ? 'mono' : 'c2'}>{subject}</span>
        <span className="sub">{kindWords[kind]}</span>
      </>
    )
  const name = cleanLogText(person.name)
  return (
    <span className="row gap3">
      <Avatar name={name} />
      <span>
        <Link href={paths.peopleWith(subject)}>{name}</Link>
        <span className="sub">
          {subject}
          {kind === 'reset' && ` · ${kindWords.reset}`}
        </span>
      </span>
    </span>
  )
}
