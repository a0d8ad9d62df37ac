'use client'
import { reasonTrouble } from '@console/console/reason-rule.ts'
import { useDo, useKnown } from '@console/console/use-action.ts'
import { cancelDeployment, getDeployment, listDeployments, rerunDeployment } from '@console/contracts/deployments/actions'
import type { Run } from '@console/contracts/deployments/schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextArea } from '@console/ui/field.tsx'
import { Note } from '@console/ui/states.tsx'
import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import { paths } from '../../lib/paths.ts'

/** A run that somebody wants ended, or run again. */
export type Asked = { readonly run: Run; readonly deed: 'cancel' | 'rerun' }

/** Asks why a run is cancelled or run again; what was typed stays when the host refuses. */
export function ReasonDialog({
  run,
  deed,
  onClose,
}: {
  readonly run: Run
  readonly deed: 'cancel' | 'rerun'
  readonly onClose: () => void
}) {
  const router = useRouter()
  const changes = [listDeployments, getDeployment]
  const cancel = useDo(cancelDeployment, { changes })
  const rerun = useDo(rerunDeployment, { changes, leaves: true })
  const known = useKnown(getDeployment)
  const [reason, setReason] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const { isPending, error } = deed === 'cancel' ? cancel : rerun
  const input = { params: { id: run.id }, body: { reason: reason.trim() }, activity: true }
  const go = (): void =>
    deed === 'cancel'
      ? cancel.mutate(input, { onSuccess: onClose })
      : rerun.mutate(input, {
          onSuccess: (next) => {
            onClose()
            known({ params: { id: next.id } }, next)
            router.push(paths.deployment(next.id))
          },
        })
  return (
    <Dialog
      open
      onClose={onClose}
      busy={isPending}
      title={deed === 'cancel' ? `Cancel ${run.serviceName} #${run.number}?` : `Run ${run.serviceName} again?`}
      sub={whatHappens(deed, run)}
      initialFocus={field}
      footer={
        <span className="push row">
          <button type="button" className="btn" onClick={onClose}>
            {deed === 'cancel' ? 'Keep it running' : 'Cancel'}
          </button>
          <Button
            look={deed === 'cancel' ? 'danger' : 'ink'}
            busy={isPending}
            disabledReason={reasonTrouble(reason)}
            reasonHidden
            onClick={go}
          >
            {deed === 'cancel' ? (isPending ? 'Cancelling' : 'Cancel the run') : 'Run again'}
          </Button>
        </span>
      }
    >
      {error && (
        <Note kind="bad" role="alert" title={error.message}>
          {error.code}, request {error.requestId}
        </Note>
      )}
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

function whatHappens(deed: Asked['deed'], run: Run): string {
  if (deed === 'rerun') return 'With the script and the variables as they are now.'
  return run.state === 'verifying'
    ? 'The script has ended already; only the waiting for health ends, and what it started keeps serving.'
    : 'Every process that the script started is asked to end, then killed. What it did so far stays.'
}
