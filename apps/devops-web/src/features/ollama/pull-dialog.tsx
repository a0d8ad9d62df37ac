'use client'
import { ErrorNote } from '@console/console/error-note.tsx'
import { useDo } from '@console/console/use-action.ts'
import { listModels, pullModel } from '@console/contracts/ollama/actions'
import { ModelName } from '@console/contracts/ollama/schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextField } from '@console/ui/field.tsx'
import { useRef, useState } from 'react'

/** Asks which model, and begins the pull. It is followed on the page, by whoever looks. */
export function PullDialog({ onClose }: { readonly onClose: () => void }) {
  const pull = useDo(pullModel, { changes: [listModels] })
  const [name, setName] = useState('')
  const [reason, setReason] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const wanted = name.trim()
  const known = ModelName.safeParse(wanted).success
  const trouble = !known
    ? 'Name a model first, such as llama3.2:3b'
    : reason.trim() !== '' && reason.trim().length < 3
      ? 'Give a reason of at least 3 characters, or none'
      : null
  const go = (): void => {
    if (trouble !== null) return
    const body = { name: wanted, ...(reason.trim() !== '' && { reason: reason.trim() }) }
    pull.mutate({ body, activity: true }, { onSuccess: onClose })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      busy={pull.isPending}
      title="Pull a model"
      sub="Ollama fetches it from its registry. That goes on when this page is closed, and can be cancelled."
      initialFocus={field}
      footer={
        <span className="push row">
          <button type="button" className="btn" onClick={onClose} disabled={pull.isPending}>
            Cancel
          </button>
          <Button look="ink" busy={pull.isPending} disabledReason={trouble} reasonHidden onClick={go}>
            {known ? `Pull ${wanted}` : 'Pull model'}
          </Button>
        </span>
      }
    >
      {pull.error && <ErrorNote error={pull.error} />}
      <TextField
        ref={field}
        mono
        label="Model"
        hint="As its registry names it, with the tag behind a colon: llama3.2:3b"
        error={wanted === '' || known ? null : 'Letters, digits, dots, - and _, with / between its parts and one : before the tag'}
        value={name}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && go()}
      />
      <TextField
        label="Reason, if there is one to keep"
        hint="Kept in the audit record"
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
      />
    </Dialog>
  )
}
