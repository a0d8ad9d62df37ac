'use client'
import type { ResultOf } from '@console/contracts/action'
import type { importUsers } from '@console/contracts/people/exchange-actions'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { saveBlob } from '@console/ui/save-blob.ts'
import { Note } from '@console/ui/states.tsx'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { ImportTable } from './import-table.tsx'

/** What was made; links of invites are kept nowhere else, so they are saved before this closes. */
export function ImportDone({ told, onClose }: { readonly told: ResultOf<typeof importUsers>; readonly onClose: () => void }) {
  const links = told.results.flatMap(({ email, link }) => (link === null ? [] : [`${email}\t${link}\n`]))
  const [saved, setSaved] = useState(links.length === 0)
  return (
    <Dialog
      open
      wide
      closable={saved}
      busy={!saved}
      onClose={onClose}
      title={`${told.created} made, ${told.exists} there already, ${told.refused} refused`}
      footer={
        <span className="push row">
          <Button look="ink" disabledReason={saved ? null : 'Save the links first'} onClick={onClose}>
            Close
          </Button>
        </span>
      }
    >
      {links.length > 0 && (
        <Note
          kind="warn"
          title={`${links.length} ${links.length === 1 ? 'link is' : 'links are'} told this once`}
          action={
            <Button
              small
              icon={<Download className="ic s" aria-hidden="true" />}
              onClick={() => {
                saveBlob(new Blob(links, { type: 'text/plain' }), 'invite-links.txt')
                setSaved(true)
              }}
            >
              Save the links
            </Button>
          }
        >
          Each lets its person in, so keep the file to yourself and delete it when they are sent.
        </Note>
      )}
      <ImportTable told={told} />
    </Dialog>
  )
}
