'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import { exportUsers } from '@console/contracts/people/exchange-actions'
import { saveBlob } from '@console/ui/save-blob.ts'
import { Segmented } from '@console/ui/segmented.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useState } from 'react'
import { peopleCount } from './bulk-words.ts'
import type { usePeopleView } from './use-people-view.ts'

/** Downloads what the list shows, all pages of it, in its order. */
export function ExportDialog({
  question,
  total,
  onClose,
}: {
  readonly question: ReturnType<typeof usePeopleView>['question']
  readonly total: number
  readonly onClose: () => void
}) {
  const { client } = useConsole()
  const toast = useToast()
  const [format, setFormat] = useState<'csv' | 'json'>('csv')
  const careful = useCareful(() => client.download(exportUsers, { query: { ...question, format }, activity: true }), [])
  const isFiltered = Object.entries(question).some(([name, value]) => value !== undefined && name !== 'sort' && name !== 'direction')
  return (
    <CarefulDialog
      careful={careful}
      title={`Export ${peopleCount(total)}`}
      sub={
        isFiltered
          ? 'Those who match the filters of the list, in its order, open invites included.'
          : 'Everybody, open invites included, in the order of the list.'
      }
      button={`Download ${format.toUpperCase()}, recorded`}
      onClose={onClose}
      onDone={(blob) => {
        saveBlob(blob, `people.${format}`)
        toast({ kind: 'ok', title: `people.${format} is downloaded`, text: 'Filter and number stand in the audit log.' })
        onClose()
      }}
    >
      <Segmented
        label="Format"
        value={format}
        onChange={setFormat}
        options={[
          { value: 'csv', label: 'CSV' },
          { value: 'json', label: 'JSON' },
        ]}
      />
      <p className="small c2">Names, e-mails, states and memberships; no passwords, codes or links. An import takes the same file.</p>
    </CarefulDialog>
  )
}
