'use client'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { createInvite, listUsers } from '@console/contracts/people/actions'
import { exportUsers, importUsers } from '@console/contracts/people/exchange-actions'
import type { BulkDeed, PeopleCounts } from '@console/contracts/people/schemas'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Download, MailPlus, Upload } from 'lucide-react'
import { useState } from 'react'
import { InviteDialog } from '../../lib/invite-dialog.tsx'
import { BulkDialog } from './bulk-dialog.tsx'
import { ExportDialog } from './export-dialog.tsx'
import { ImportDialog } from './import-dialog.tsx'
import { PeopleFilters } from './people-filters.tsx'
import { PeopleTable } from './people-table.tsx'
import { SelectionBar } from './selection-bar.tsx'
import { usePeopleView } from './use-people-view.ts'
import { isPerson, useSelection } from './use-selection.ts'

/** Everybody who has access, and who is invited. */
export function PeoplePage() {
  const view = usePeopleView()
  const people = useRead(listUsers, { query: { ...view.query, limit: '50' } }, { every: 15_000 })
  const whyNot = useWhyNot()
  const denied = whyNot(createInvite)
  const selection = useSelection(view.question)
  const [deed, setDeed] = useState<BulkDeed | null>(null)
  const onPage = (people.data?.items ?? []).filter(isPerson).map(({ id }) => id)
  return (
    <>
      <PageHead
        title="People"
        sub={people.data && subOf(people.data.total, people.data.counts)}
        actions={
          <>
            <Button
              icon={<Download className="ic s" aria-hidden="true" />}
              disabledReason={whyNot(exportUsers)}
              reasonHidden
              onClick={() => view.show('export')}
            >
              Export…
            </Button>
            <Button
              icon={<Upload className="ic s" aria-hidden="true" />}
              disabledReason={whyNot(importUsers)}
              reasonHidden
              onClick={() => view.show('import')}
            >
              Import…
            </Button>
            <Button
              look="ink"
              data-key="i"
              icon={<MailPlus className="ic s" aria-hidden="true" />}
              disabledReason={denied}
              onClick={() => view.invite(true)}
            >
              Invite person…
            </Button>
          </>
        }
      />
      <PeopleFilters view={view} counts={people.data?.counts} />
      <PeopleTable query={people} view={view} selection={selection} />
      <SelectionBar selection={selection} onPage={onPage} matching={people.data?.total ?? 0} onDeed={setDeed} />
      {view.values.invite && denied === null && <InviteDialog onClose={() => view.invite(false)} />}
      {view.values.do === 'import' && whyNot(importUsers) === null && <ImportDialog onClose={() => view.show(null)} />}
      {view.values.do === 'export' && whyNot(exportUsers) === null && people.data && (
        <ExportDialog question={view.question} total={people.data.total} onClose={() => view.show(null)} />
      )}
      {deed && <BulkDialog deed={deed} people={[...selection.picked.values()]} onDone={selection.keepOnly} onClose={() => setDeed(null)} />}
    </>
  )
}

/** What deviates comes last, and only where it does. */
function subOf(total: number, { withoutFactor }: PeopleCounts): string {
  const people = `${total} ${total === 1 ? 'person' : 'people'}`
  return `${people} · who has access to which product, and at which role${withoutFactor > 0 ? ` · ${withoutFactor} without a second factor` : ''}`
}
