'use client'
import type { ApiError } from '@console/api-client/client'
import { ConfirmDialog } from '@console/console/confirm-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { ErrorNote } from '@console/console/error-note.tsx'
import { approveScript, listScripts, planScript } from '@console/contracts/scripts/actions'
import type { ScriptPlan } from '@console/contracts/scripts/schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { ScriptText } from '@console/ui/diff-view.tsx'
import { formatDuration } from '@console/ui/format.ts'
import { Facts } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { Countdown } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useEffect, useState } from 'react'

type Props = { readonly scriptId: string; readonly onClose: () => void }

/** Asks the host for the plan, shows its text against what was approved before, and confirms exactly that. */
export function ApproveDialog({ scriptId, onClose }: Props) {
  const { client } = useConsole()
  const [plan, setPlan] = useState<ScriptPlan | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  useEffect(() => {
    let gone = false
    client.call(planScript, { params: { id: scriptId }, body: {} }).then(
      (answer) => !gone && setPlan(answer.plan),
      (thrown: ApiError) => !gone && setError(thrown),
    )
    return () => {
      gone = true
    }
  }, [client, scriptId])
  if (plan) return <Approve plan={plan} onClose={onClose} />
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Approve ${scriptId}?`}
      footer={
        <span className="push">
          <Button onClick={onClose}>Close</Button>
        </span>
      }
    >
      {error ? <ErrorNote error={error} /> : <p role="status">Reading the file on the host</p>}
    </Dialog>
  )
}

function Approve({ plan, onClose }: { readonly plan: ScriptPlan; readonly onClose: () => void }) {
  const { client } = useConsole()
  const toast = useToast()
  const { scriptId, previousSha256, sha256 } = plan
  const changed = previousSha256 !== null && previousSha256 !== sha256
  return (
    <ConfirmDialog
      onClose={onClose}
      confirmation={{
        title: changed ? `Approve the new content of ${scriptId}?` : `Approve ${scriptId}?`,
        sub: approveScript.confirm,
        verb: 'scripts.approve',
        callee: 'host-agent',
        plan: { whole: plan },
        button: 'Approve this text',
        look: 'ink',
        wide: true,
        children: (
          <>
            <PlanBar plan={plan} />
            <ScriptText text={plan.text} before={changed ? plan.previousText : null} name={plan.path} />
            <div className="cols c-2">
              <Facts
                boxed
                items={[
                  [
                    'In',
                    <span key="w" className="mono small">
                      {plan.workingDirectory}
                    </span>,
                  ],
                  [
                    'Gets',
                    <span key="v" className="mono small">
                      {plan.variables.join(' ') || 'no variable'}
                    </span>,
                  ],
                ]}
              />
              <Note kind="warn" title="Only this file is hashed.">
                What it calls is yours to judge.
              </Note>
            </div>
          </>
        ),
        changes: [listScripts],
        run: async (grant, digest) => {
          await client.call(approveScript, { params: { id: scriptId }, body: { digest }, grant })
          toast({ kind: 'ok', title: `${scriptId} is approved` })
        },
      }}
    />
  )
}

/** What was approved, what would be, as whom it runs, and how long this plan may still be confirmed. */
function PlanBar({ plan }: { readonly plan: ScriptPlan }) {
  const short = (digest: string): string => `${digest.slice(0, 8)}…${digest.slice(-4)}`
  return (
    <div className="planbar">
      <div>
        <span className="label">Was approved</span>
        <b className="mono" title={plan.previousSha256 ?? undefined}>
          {plan.previousSha256 ? short(plan.previousSha256) : 'never'}
        </b>
      </div>
      <div>
        <span className="label">Is now</span>
        <b className="mono" title={plan.sha256}>
          {short(plan.sha256)}
        </b>
      </div>
      <div>
        <span className="label">Runs as, at most</span>
        <b>
          {plan.user}, {formatDuration(plan.timeoutSec * 1_000)}
        </b>
      </div>
      <div>
        <span className="label">This plan lapses in</span>
        <b>
          <Countdown to={plan.expiresAt} />
        </b>
      </div>
    </div>
  )
}
