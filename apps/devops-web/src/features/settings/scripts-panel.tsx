'use client'
import type { ApiError } from '@console/api-client/client'
import { ConfirmDialog } from '@console/console/confirm-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { QueryState } from '@console/console/query-state.tsx'
import { useDo, useRead, useWhyNot } from '@console/console/use-action.ts'
import { approveScript, listScripts, planScript, revokeScript } from '@console/contracts/scripts/actions'
import type { Script, ScriptPlan } from '@console/contracts/scripts/schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { ScriptText } from '@console/ui/diff-view.tsx'
import { TextArea } from '@console/ui/field.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { Status, type StatusKind } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useQueryClient } from '@tanstack/react-query'
import { parseAsString, useQueryState } from 'nuqs'
import { useEffect, useRef, useState } from 'react'

const kinds: Record<Script['status'], StatusKind> = { approved: 'ok', changed: 'warn', new: 'queued', refused: 'bad', missing: 'unknown' }

/** What may be run on the host, and what waits for somebody to look at it. */
export function ScriptsPanel() {
  const scripts = useRead(listScripts, {}, { every: 10_000 })
  const [approving, setApproving] = useQueryState('approve', parseAsString)
  const [revoking, setRevoking] = useState<Script | null>(null)
  const whyNot = useWhyNot()
  const waiting = (scripts.data?.items ?? []).filter(({ status }) => status === 'changed' || status === 'new').length
  return (
    <div className="stack">
      {scripts.data?.warnings.map((warning) => (
        <Note key={warning} kind="warn" title={warning} />
      ))}
      <Panel
        title="Scripts"
        label={waiting > 0 ? `${waiting} wait for approval` : 'under the script roots of this host'}
        footer="The hash covers the named file alone. What it calls is the operator’s to judge."
      >
        <QueryState query={scripts} what="Scripts" />
        {scripts.data?.items.length === 0 && (
          <Blank title="No script is under the script roots">
            Put a file ending in .sh under SCRIPT_ROOTS on the host. Its owner must be root or the agent’s account, and nobody else may
            write it.
          </Blank>
        )}
        {scripts.data && scripts.data.items.length > 0 && (
          <table className="tbl two stk">
            <thead>
              <tr>
                <th>State</th>
                <th>Script</th>
                <th>Runs</th>
                <th>Variables</th>
                <th>Approved</th>
                <th>
                  <span className="vh">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {scripts.data.items.map((script) => (
                <tr key={script.scriptId}>
                  <td className="t2">
                    <Status kind={kinds[script.status]}>{script.status}</Status>
                  </td>
                  <td className="name t1">
                    <b>{script.scriptId}</b>
                    <span className="sub mono">{script.path}</span>
                    {script.reason && <span className="sub is-bad fg">{script.reason}</span>}
                  </td>
                  <td className="small c2" data-l="Runs">
                    as {script.user}, {script.timeoutSec} s
                  </td>
                  <td className="mono small" data-l="Variables">
                    {script.variables.join(' ') || '–'}
                  </td>
                  <td data-l="Approved">
                    {script.approvedAt ? (
                      <>
                        <span className="mono small">{script.approvedSha256?.slice(0, 8)}</span>
                        <span className="sub">
                          <Ago at={script.approvedAt} />
                        </span>
                      </>
                    ) : (
                      '–'
                    )}
                  </td>
                  <td className="act">
                    {script.status !== 'refused' && script.status !== 'missing' && (
                      <Button
                        small
                        look={script.status === 'changed' ? 'ink' : 'outlined'}
                        disabledReason={whyNot(approveScript)}
                        reasonHidden
                        onClick={() => void setApproving(script.scriptId)}
                      >
                        {script.status === 'approved' ? 'View…' : 'Approve…'}
                      </Button>
                    )}{' '}
                    {script.approvedAt && (
                      <Button small look="quiet" disabledReason={whyNot(revokeScript)} reasonHidden onClick={() => setRevoking(script)}>
                        Revoke…
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
      {approving && !whyNot(approveScript) && <ApproveDialog scriptId={approving} onClose={() => void setApproving(null)} />}
      {revoking && <RevokeDialog script={revoking} onClose={() => setRevoking(null)} />}
    </div>
  )
}

/** Asks the host for the plan, shows its text, and confirms exactly that. */
function ApproveDialog({ scriptId, onClose }: { readonly scriptId: string; readonly onClose: () => void }) {
  const { client } = useConsole()
  const queries = useQueryClient()
  const toast = useToast()
  const [plan, setPlan] = useState<ScriptPlan | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  useEffect(() => {
    client.call(planScript, { params: { id: scriptId }, body: {} }).then((answer) => setPlan(answer.plan), setError)
  }, [client, scriptId])
  if (!plan)
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
        {error ? (
          <Note kind="bad" role="alert" title={error.message}>
            {error.code}, request {error.requestId}
          </Note>
        ) : (
          <p role="status">Reading the file on the host</p>
        )}
      </Dialog>
    )
  return (
    <ConfirmDialog
      onClose={onClose}
      confirmation={{
        title: `Approve ${scriptId}?`,
        sub: approveScript.confirm,
        verb: 'scripts.approve',
        callee: 'host-agent',
        plan: { whole: plan },
        button: 'Approve this text',
        look: 'ink',
        wide: true,
        children: (
          <>
            <ScriptText text={plan.text} before={plan.previousText} />
            <Facts
              boxed
              items={[
                [
                  'File',
                  <span key="p" className="mono">
                    {plan.path}
                  </span>,
                ],
                [
                  'Hash',
                  <span key="h" className="mono">
                    {plan.previousSha256 && plan.previousSha256 !== plan.sha256 ? `${plan.previousSha256.slice(0, 12)} → ` : ''}
                    {plan.sha256.slice(0, 12)}
                  </span>,
                ],
                ['Runs as', plan.user],
                [
                  'In',
                  <span key="w" className="mono">
                    {plan.workingDirectory}
                  </span>,
                ],
                ['At most', `${plan.timeoutSec} s`],
                [
                  'Gets',
                  <span key="v" className="mono">
                    {plan.variables.join(' ') || 'no variable'}
                  </span>,
                ],
                ['Plan lapses', formatInstant(plan.expiresAt)],
              ]}
            />
            <Note kind="warn" title="Only this file is hashed.">
              What it calls is yours to judge.
            </Note>
          </>
        ),
        run: async (grant, digest) => {
          await client.call(approveScript, { params: { id: scriptId }, body: { digest }, grant })
          await queries.invalidateQueries({ queryKey: [listScripts.id] })
          toast({ kind: 'ok', title: `${scriptId} is approved` })
        },
      }}
    />
  )
}

function RevokeDialog({ script, onClose }: { readonly script: Script; readonly onClose: () => void }) {
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
            disabledReason={reason.trim().length < 3 ? 'Give a reason of at least 3 characters' : null}
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
