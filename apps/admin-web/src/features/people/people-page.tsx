'use client'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { createInvite, listUsers } from '@console/contracts/people/actions'
import type { PeopleCounts } from '@console/contracts/people/schemas'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { MailPlus } from 'lucide-react'
import { InviteDialog } from '../../lib/invite-dialog.tsx'
import { PeopleFilters } from './people-filters.tsx'
import { PeopleTable } from './people-table.tsx'
import { usePeopleView } from './use-people-view.ts'

/** Everybody who has access, and who is invited. */
export function PeoplePage() {
  const view = usePeopleView()
  const people = useRead(listUsers, { query: { ...view.query, limit: '50' } }, { every: 15_000 })
  const denied = useWhyNot()(createInvite)
  return (
    <>
      <PageHead
        title="People"
        sub={people.data && subOf(people.data.total, people.data.counts)}
        actions={
          <Button
            look="ink"
            data-key="i"
            icon={<MailPlus className="ic s" aria-hidden="true" />}
            disabledReason={denied}
            onClick={() => view.invite(true)}
          >
            Invite person…
          </Button>
        }
      />
      <PeopleFilters view={view} counts={people.data?.counts} />
      <PeopleTable query={people} view={view} />
      {view.values.invite && denied === null && <InviteDialog onClose={() => view.invite(false)} />}
    </>
  )
}

/** What deviates comes last, and only where it does. */
function subOf(total: number, { withoutFactor }: PeopleCounts): string {
  const people = `${total} ${total === 1 ? 'person' : 'people'}`
  return `${people} · who has access to which product, and at which role${withoutFactor > 0 ? ` · ${withoutFactor} without a second factor` : ''}`
}
