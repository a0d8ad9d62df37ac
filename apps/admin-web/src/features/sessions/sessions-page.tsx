'use client'
import { SelectionBar, useSelection } from '@console/console/selection.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { endSessions, listSessions } from '@console/contracts/sessions/actions'
import type { Session } from '@console/contracts/sessions/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { SearchField } from '@console/ui/search-field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Select } from '@console/ui/select.tsx'
import { X } from 'lucide-react'
import { useState } from 'react'
import { EndSessionsDialog } from '../../lib/end-sessions-dialog.tsx'
import { useProducts } from '../../lib/use-products.ts'
import { SessionsTable } from './sessions-table.tsx'
import { useSessionsView } from './use-sessions-view.ts'

/** Where everybody is signed in, and was. */
export function SessionsPage() {
  const view = useSessionsView()
  const sessions = useRead(listSessions, { query: { ...view.query, limit: '50' } }, view.values.cursor ? {} : { every: 15_000 })
  const denied = useWhyNot()(endSessions)
  const [ending, setEnding] = useState<readonly Session[]>([])
  const items = sessions.data?.items ?? []
  const selection = useSelection(items.filter(mayBeChosen).map(({ id }) => id))
  const whose = view.values.person === null ? null : items.find(({ person }) => person.id === view.values.person)?.person
  return (
    <>
      <PageHead
        title={<Finding live={sessions.data?.live} name={whose && cleanLogText(whose.name)} />}
        sub={
          sessions.data &&
          `${view.values.person === null ? `${sessions.data.people} ${sessions.data.people === 1 ? 'person' : 'people'} · ` : ''}unused ones end after 8 h, all after 7 d · ended ones stay listed for 30 d`
        }
      />
      <Filters view={view} name={whose ? cleanLogText(whose.name) : 'one person'} />
      <SessionsTable query={sessions} view={view} selection={selection} onEnd={(session) => setEnding([session])} />
      <SelectionBar selection={selection} what={['session', 'sessions']}>
        <Button
          small
          look="risk"
          disabledReason={denied}
          onClick={() => setEnding(items.filter(({ id }) => selection.chosen.includes(id)))}
        >
          End…
        </Button>
      </SelectionBar>
      {ending.length > 0 && (
        <EndSessionsDialog
          sessions={ending}
          onClose={() => {
            setEnding([])
            selection.clear()
          }}
        />
      )}
    </>
  )
}

/** The own session ends by signing out, which forgets its cookies too. */
function mayBeChosen({ state, current }: Session): boolean {
  return state === 'live' && !current
}

function Finding({ live, name }: { readonly live: number | undefined; readonly name: string | null | undefined }) {
  if (live === undefined) return 'Sessions'
  const count = live === 0 ? 'No session is active' : `${live} ${live === 1 ? 'session is' : 'sessions are'} active`
  return name ? `${name}: ${count.charAt(0).toLowerCase()}${count.slice(1)}` : count
}

function Filters({ view: { values, set, type }, name }: { readonly view: ReturnType<typeof useSessionsView>; readonly name: string }) {
  const products = useProducts()
  return (
    <div className="tools2">
      <SearchField label="Search sessions" placeholder="Person, device or address" value={values.q} onChange={(q) => type({ q })} />
      {values.person !== null && (
        <Button
          aria-label={`Of ${name}: show everybody’s`}
          icon={<X className="ic s" aria-hidden="true" />}
          onClick={() => set({ person: null })}
        >
          of {name}
        </Button>
      )}
      <Segmented
        label="State"
        value={values.state ?? 'all'}
        onChange={(next) => set({ state: next === 'all' ? null : next })}
        options={[
          { value: 'all', label: 'All' },
          { value: 'live', label: 'Active' },
          { value: 'ended', label: 'Ended' },
        ]}
      />
      <Select
        label="Product"
        value={values.product ?? ''}
        onChange={(product) => set({ product: product || null })}
        options={[{ value: '', label: 'any' }, ...products.map(({ id, label }) => ({ value: id, label }))]}
      />
    </div>
  )
}
