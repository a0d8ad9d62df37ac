'use client'
import type { BulkDeed } from '@console/contracts/people/schemas'
import { Button } from '@console/ui/button.tsx'
import { Menu } from '@console/ui/menu.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { ChevronDown } from 'lucide-react'
import { useEffect } from 'react'
import { bulkWords } from './bulk-words.ts'
import type { useSelection } from './use-selection.ts'

const deeds: readonly BulkDeed[] = ['disable', 'enable', 'endSessions', 'requireReset', 'setMembership', 'removeMembership']

/** How many are selected, how many of them cannot be seen on this page, and what can be done with all. */
export function SelectionBar({
  selection,
  onPage,
  matching,
  onDeed,
}: {
  readonly selection: ReturnType<typeof useSelection>
  /** Ids of the people on this page. */
  readonly onPage: readonly string[]
  /** How many match, open invites included. */
  readonly matching: number
  readonly onDeed: (deed: BulkDeed) => void
}) {
  const { picked, note, busy, all, clear } = selection
  const toast = useToast()
  const elsewhere = [...picked.keys()].filter((id) => !onPage.includes(id)).length
  const any = picked.size > 0
  useEffect(() => {
    if (!any) return
    const onKey = (event: KeyboardEvent): void => {
      const field = event.target instanceof HTMLElement && event.target.closest('input:not([type="checkbox"]), textarea, select')
      if (event.key === 'Escape' && !field && !document.querySelector('[role="dialog"], [role="menu"]')) clear()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
  if (!any) return null
  const takeAll = (): void =>
    void all().catch((error: unknown) => toast({ kind: 'bad', title: 'The selection stays as it was', text: (error as Error).message }))
  return (
    <section className="selbar" aria-label="Selection">
      <span role="status">
        <b>{picked.size}</b> {picked.size === 1 ? 'person' : 'people'} selected
        {elsewhere > 0 && <span className="c3"> · {elsewhere} not on this page</span>}
        {note && <span className="c3"> · {note}</span>}
      </span>
      {matching > onPage.length && (
        <Button small busy={busy} onClick={takeAll}>
          Select all of the {matching} that match
        </Button>
      )}
      <Menu
        trigger={
          <button type="button" className="btn s">
            Do with all
            <ChevronDown className="ic s" aria-hidden="true" />
          </button>
        }
        items={deeds.map((deed) => ({ label: bulkWords[deed].item, onSelect: () => onDeed(deed) }))}
      />
      <Button small look="quiet" onClick={clear}>
        Clear
      </Button>
    </section>
  )
}
