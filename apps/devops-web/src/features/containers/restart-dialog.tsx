'use client'
import { useDo } from '@console/console/use-action.ts'
import { listContainers, restartContainer } from '@console/contracts/docker/actions'
import type { Container } from '@console/contracts/docker/schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextArea } from '@console/ui/field.tsx'
import { Facts } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useRef, useState } from 'react'
import { containerStatus } from '../../lib/container-words.ts'

const shortestReason = 3

/** Asks why, and restarts one container. It changes and destroys nothing, so it needs no confirmation of a plan. */
export function RestartDialog({ container, onClose }: { readonly container: Container; readonly onClose: () => void }) {
  const restart = useDo(restartContainer, { changes: [listContainers] })
  const toast = useToast()
  const [reason, setReason] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const go = (): void =>
    restart.mutate(
      { params: { name: container.name }, body: { reason: reason.trim() }, activity: true },
      {
        onSuccess: ({ durationMs }) => {
          toast({ kind: 'ok', title: `${container.name} was restarted`, text: `It took ${(durationMs / 1_000).toFixed(1)} s.` })
          onClose()
        },
      },
    )
  return (
    <Dialog
      open
      onClose={onClose}
      busy={restart.isPending}
      title={`Restart ${container.name}?`}
      sub={restartContainer.confirm}
      initialFocus={field}
      footer={
        <span className="push row">
          <button type="button" className="btn" onClick={onClose} disabled={restart.isPending}>
            Cancel
          </button>
          <Button
            look="ink"
            busy={restart.isPending}
            disabledReason={reason.trim().length < shortestReason ? `Give a reason of at least ${shortestReason} characters` : null}
            reasonHidden
            onClick={go}
          >
            {restart.isPending ? 'Restarting' : `Restart ${container.name}`}
          </Button>
        </span>
      }
    >
      {restart.error && (
        <Note kind="bad" role="alert" title={restart.error.message}>
          {restart.error.code}, request {restart.error.requestId}
        </Note>
      )}
      <Facts
        boxed
        items={[
          ['State', `${containerStatus(container).word}, ${container.status}`],
          [
            'Image',
            <span key="image" className="mono">
              {container.image}
            </span>,
          ],
          [
            'Id',
            <span key="id" className="mono">
              {container.id.slice(0, 12)}
            </span>,
          ],
        ]}
      />
      <TextArea
        ref={field}
        label="Reason"
        rows={2}
        value={reason}
        hint="Kept in the audit log."
        onChange={(event) => setReason(event.target.value)}
      />
    </Dialog>
  )
}
