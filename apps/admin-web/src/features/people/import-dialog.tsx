'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import type { ResultOf } from '@console/contracts/action'
import { listInvites, listUsers } from '@console/contracts/people/actions'
import { type ImportAs, type ImportFormat, importLimits } from '@console/contracts/people/exchange'
import { importUsers } from '@console/contracts/people/exchange-actions'
import { TextArea, TextField } from '@console/ui/field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { useState } from 'react'
import { peopleCount } from './bulk-words.ts'
import { ImportDone } from './import-done.tsx'
import { ImportTable } from './import-table.tsx'

type Told = ResultOf<typeof importUsers>
const example = 'email,name,memberships\nmarta@example.net,Marta Ruiz,bytelyst-devops:viewer'

/** A file is tried first, and its rows shown with what would become of each; only then anything is made. */
export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const { client } = useConsole()
  const [file, setFile] = useState<{ text: string; format: ImportFormat }>({ text: '', format: 'csv' })
  const [as, setAs] = useState<ImportAs>('invites')
  const [tried, setTried] = useState<Told | null>(null)
  const [done, setDone] = useState<Told | null>(null)
  const change = (part: Partial<typeof file>): void => {
    setFile({ ...file, ...part })
    setTried(null)
  }
  const take = async (chosen: File | undefined): Promise<void> => {
    if (chosen) change({ text: await chosen.text(), format: /\.json$/i.test(chosen.name) ? 'json' : 'csv' })
  }
  const careful = useCareful(() => client.call(importUsers, { body: { ...file, as, dryRun: tried === null } }), [listUsers, listInvites])
  if (done) return <ImportDone told={done} onClose={onClose} />
  const creates = tried?.created ?? 0
  const what = as === 'invites' ? `Invite ${peopleCount(creates)}` : `Enter ${peopleCount(creates)}`
  const trouble =
    file.text.trim() === ''
      ? 'Choose a file, or paste its rows'
      : file.text.length > importLimits.textLength
        ? `The file is longer than ${importLimits.textLength} characters: send it in parts`
        : tried !== null && creates === 0
          ? 'No row would make anything'
          : null
  return (
    <CarefulDialog
      wide
      careful={careful}
      title="Import people"
      sub={`CSV or JSON with email, name and memberships, ${importLimits.rows} rows at most. Whoever is there already stays as they are.`}
      button={tried === null ? 'Try it, make nothing' : what}
      trouble={trouble}
      troubleShown
      onClose={onClose}
      onDone={(told) => (told.dryRun ? setTried(told) : setDone(told))}
    >
      <div className="g2">
        <TextField
          label="File"
          type="file"
          accept=".csv,.json,text/csv,application/json"
          onChange={(event) => void take(event.target.files?.[0])}
        />
        <div className="field">
          <span className="flabel">Each row becomes</span>
          <div className="row">
            <Segmented
              label="Each row becomes"
              value={as}
              onChange={(next) => {
                setAs(next)
                setTried(null)
              }}
              options={[
                { value: 'invites', label: 'an invite' },
                { value: 'people', label: 'a person without password' },
              ]}
            />
          </div>
        </div>
      </div>
      {tried === null ? (
        <TextArea
          label={`Rows, as ${file.format.toUpperCase()}`}
          mono
          rows={8}
          spellCheck={false}
          placeholder={example}
          hint="Memberships: product:role:plan, several parted by ; and an end after @. The plan may be left out."
          value={file.text}
          onChange={(event) => change({ text: event.target.value, format: /^\s*\[/.test(event.target.value) ? 'json' : 'csv' })}
        />
      ) : (
        <ImportTable told={tried} onBack={() => setTried(null)} />
      )}
    </CarefulDialog>
  )
}
