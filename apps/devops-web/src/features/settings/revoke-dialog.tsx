'use client'
import { reasonTrouble } from '@console/console/reason-rule.ts'
import { useDo } from '@console/console/use-action.ts'
import { listScripts, revokeScript } from '@console/contracts/scripts/actions'
import type { Script } from '@console/contracts/scripts/schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextArea } from '@console/ui/field.tsx'
import { Note } from '@console/ui/states.tsx'
import { useRef, useState } from 'react'

/** Takes an approval back: nothing runs from the script until somebody approves it anew. */
export function RevokeDialog({ script, onClose }: { readonly script: Script; readonly onClose: () => void }) {
  const revoke = useDo(revokeScript, { changes: [listScripts] })
  const [reason, setReason] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  return (
    <Dialog
      open
      onClose={onClose}
      busy={revoke.isPending}
      title={`Revoke the approval of ${script.scriptId}?`}
      sub="Nothing runs from it afterwards. The file stays where it is."
      initialFocus={field}
      footer={
        <span className="push row">
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <Button
            look="risk"
            busy={revoke.isPending}
            disabledReason={reasonTrouble(reason)}
            reasonHidden
            onClick={() => revoke.mutate({ params: { id: script.scriptId }, body: { reason: reason.trim() } }, { onSuccess: onClose })}
          >
            Revoke
          </Button>
        </span>
      }
    >
      {revoke.error && (
        <Note kind="bad" role="alert" title={revoke.error.message}>
          {revoke.error.code}
        </Note>
      )}
      <TextArea ref={field} label="Reason" rows={2} value={reason} onChange={(event) => setReason(event.target.value)} />
    </Dialog>
  )
}
