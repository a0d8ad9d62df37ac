'use client'
import type { ApiError } from '@console/api-client/client'
import { ConfirmDialog } from '@console/console/confirm-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { ErrorNote } from '@console/console/error-note.tsx'
import { reasonTrouble } from '@console/console/reason-rule.ts'
import { useRead } from '@console/console/use-action.ts'
import { listParts } from '@console/contracts/console/actions'
import { deleteModel, listModels, planModelDelete } from '@console/contracts/ollama/actions'
import type { ModelDeletePlan, OllamaModel } from '@console/contracts/ollama/schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextField } from '@console/ui/field.tsx'
import { formatBytes } from '@console/ui/format.ts'
import { Facts } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { Countdown, useNow } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useEffect, useState } from 'react'

type Props = { readonly model: OllamaModel; readonly onClose: () => void }

/** Asks what deleting the model would remove, and confirms exactly that. */
export function DeleteDialog({ model: { name }, onClose }: Props) {
  const { client } = useConsole()
  const [plan, setPlan] = useState<ModelDeletePlan | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const [round, setRound] = useState(0)
  // Another round asks for another plan.
  useEffect(() => {
    let gone = false
    setPlan(null)
    setError(null)
    client.call(planModelDelete, { body: { name } }).then(
      (answer) => !gone && setPlan(answer.plan),
      (thrown: ApiError) => !gone && setError(thrown),
    )
    return () => {
      gone = true
    }
  }, [client, name, round])
  const lapsed = useNow() >= Date.parse(plan?.expiresAt ?? '2999-01-01T00:00:00.000Z')
  if (plan && !lapsed) return <Confirm key={plan.planId} plan={plan} onClose={onClose} />
  return (
    <Dialog
      open
      onClose={onClose}
      title={lapsed ? 'This plan has lapsed' : `Delete ${name}`}
      footer={
        <span className="push row">
          {(error || lapsed) && <Button onClick={() => setRound(round + 1)}>Look again</Button>}
          <Button onClick={onClose}>Close</Button>
        </span>
      }
    >
      {lapsed && <p>It lived 15 min. Nothing was deleted.</p>}
      {error && <ErrorNote error={error} />}
      {!error && !plan && <p role="status">Looking at the model</p>}
    </Dialog>
  )
}

function Confirm({ plan, onClose }: { readonly plan: ModelDeletePlan; readonly onClose: () => void }) {
  const { client } = useConsole()
  const toast = useToast()
  const host = useRead(listParts, {}).data?.host.name ?? 'this host'
  const [reason, setReason] = useState('')
  const { name, modelDigest, sizeBytes, freesBytes, sharedWith, expiresAt } = plan
  return (
    <ConfirmDialog
      onClose={onClose}
      confirmation={{
        title: `Delete ${name} on ${host}`,
        sub: deleteModel.confirm,
        verb: 'ollama.delete',
        callee: 'host-agent',
        plan: { whole: plan },
        button: `Delete ${name} on ${host}`,
        trouble: reasonTrouble(reason),
        children: (
          <>
            <Facts
              boxed
              items={[
                [
                  'Model',
                  <span key="model" className="mono">
                    {name}
                  </span>,
                ],
                [
                  'Digest',
                  <span key="digest" className="mono" title={modelDigest}>
                    {modelDigest.slice(0, 12)}
                  </span>,
                ],
                ['On disk', formatBytes(sizeBytes)],
                ['Frees', freesBytes === 0 ? 'nothing' : `at most ${formatBytes(freesBytes)}; layers that other models share stay`],
                ['This plan lapses in', <Countdown key="lapses" to={expiresAt} />],
              ]}
            />
            {sharedWith.length > 0 && (
              <Note kind="warn" title="The same model has other names, so that its files stay.">
                {sharedWith.join(', ')}
              </Note>
            )}
            <TextField
              label="Reason"
              hint="Kept in the audit record"
              value={reason}
              maxLength={500}
              onChange={(event) => setReason(event.target.value)}
            />
          </>
        ),
        changes: [listModels],
        run: async (grant, digest) => {
          const done = await client.call(deleteModel, { params: { name }, body: { digest, reason: reason.trim() }, grant })
          toast({ kind: 'ok', title: `${done.name} is deleted`, text: freesBytes === 0 ? 'Its files stay under another name.' : '' })
        },
      }}
    />
  )
}
