'use client'
import type { ApiError } from '@console/api-client/client'
import type { Backup, RestoreObject, RestorePlan } from '@console/contracts/backups/schemas'
import type { Plain } from '@console/contracts/canonical'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextField } from '@console/ui/field.tsx'
import { formatDay } from '@console/ui/format.ts'
import { Countdown, useNow } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useEffect, useState } from 'react'
import type { Backups } from './backup-actions.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { useConsole } from './console-provider.tsx'
import { ErrorNote } from './error-note.tsx'
import { reasonTrouble } from './reason-rule.ts'
import { RestoreChanges } from './restore-changes.tsx'
import { RestoreKinds, RestoreLacking, RestoreUntouched } from './restore-objects.tsx'
import { useWholePlan } from './use-whole-plan.ts'

type Props = { readonly backup: Backup; readonly service: string; readonly backups: Backups; readonly onClose: () => void }

/** Asks for the plan of a restore, again whenever something is ticked for removal, and has exactly that confirmed. */
export function RestoreDialog({ backup, service, backups, onClose }: Props) {
  const { client } = useConsole()
  const [remove, setRemove] = useState<readonly RestoreObject[]>([])
  const [planned, setPlanned] = useState<{ readonly plan: RestorePlan; readonly digest: string } | null>(null)
  const plan = planned?.plan ?? null
  const [error, setError] = useState<ApiError | null>(null)
  const [round, setRound] = useState(0)
  const [reason, setReason] = useState('')
  // Another round asks for another plan.
  useEffect(() => {
    let gone = false
    setError(null)
    client.call(backups.planRestore, { body: { backupId: backup.id, remove: [...remove] } }).then(
      (answer) => !gone && setPlanned(answer),
      (thrown: ApiError) => !gone && setError(thrown),
    )
    return () => {
      gone = true
    }
  }, [client, backups, backup.id, remove, round])
  const now = useNow()
  const lapsed = plan !== null && Date.parse(plan.expiresAt) <= now
  if (planned && plan && !lapsed && !error && plan.changesTotal + plan.lacking.filter(({ removable }) => removable).length > 0)
    return (
      <Confirm
        plan={plan}
        digest={planned.digest}
        service={service}
        backups={backups}
        reason={reason}
        onReason={setReason}
        ticked={remove}
        onTick={setRemove}
        onClose={onClose}
      />
    )
  return (
    <Dialog
      open
      onClose={onClose}
      title={lapsed ? 'This plan has lapsed' : plan && !error ? 'Nothing would change' : `Restore ${service}`}
      sub={lapsed ? 'It lived 15 min. Nothing was restored.' : undefined}
      footer={
        <span className="push row">
          {(error || lapsed) && (
            <Button
              onClick={() => {
                setPlanned(null)
                setRound(round + 1)
              }}
            >
              Plan again
            </Button>
          )}
          <Button onClick={onClose}>Close</Button>
        </span>
      }
    >
      {error && <ErrorNote error={error} />}
      {!error && !plan && <p role="status">Reading the backup, and comparing it with what is here now</p>}
      {!error && plan && !lapsed && (
        <>
          <p>What the backup holds and may be put back is here as it was then.</p>
          <RestoreUntouched plan={plan} />
        </>
      )}
    </Dialog>
  )
}

type ConfirmProps = {
  readonly plan: RestorePlan
  readonly digest: string
  readonly service: string
  readonly backups: Backups
  readonly reason: string
  readonly onReason: (reason: string) => void
  readonly ticked: readonly RestoreObject[]
  readonly onTick: (ticked: readonly RestoreObject[]) => void
  readonly onClose: () => void
}

function Confirm({ plan, digest, service, backups, reason, onReason, ticked, onTick, onClose }: ConfirmProps) {
  const { client } = useConsole()
  const toast = useToast()
  const whole = useWholePlan(plan, digest, backups)
  const when = `${formatDay(plan.madeAt)} ${plan.madeAt.slice(11, 16)} UTC`
  const sum = (of: 'added' | 'replaced' | 'removed'): number => plan.kinds.reduce((all, kind) => all + kind[of], 0)
  const trouble =
    ticked.length !== sum('removed')
      ? 'The plan is being made anew'
      : plan.changesTotal === 0
        ? 'Nothing would change'
        : (whole.trouble ?? reasonTrouble(reason))
  return (
    <ConfirmDialog
      onClose={onClose}
      confirmation={{
        title: `Restore ${service} to ${when}`,
        sub: backups.runRestore.confirm,
        verb: backups.runRestore.id,
        callee: service,
        plan: { whole: plan as unknown as Plain },
        button: `Restore to ${plan.madeAt.slice(11, 16)}`,
        wide: true,
        trouble,
        children: (
          <>
            <div className="planbar">
              <Figure label="Puts back" value={sum('replaced')} />
              <Figure label="Brings back" value={sum('added')} />
              <Figure label="Removes" value={sum('removed')} />
              <div>
                <span className="label">This plan lapses in</span>
                <b>
                  <Countdown to={plan.expiresAt} />
                </b>
              </div>
            </div>
            <RestoreKinds plan={plan} />
            <RestoreChanges plan={plan} whole={whole} />
            <RestoreLacking plan={plan} lacking={whole.lacking} ticked={ticked} onTick={onTick} />
            <RestoreUntouched plan={plan} />
            <TextField
              label="Reason"
              hint="Kept in the audit record"
              value={reason}
              maxLength={500}
              onChange={(event) => onReason(event.target.value)}
            />
          </>
        ),
        changes: [backups.listBackups],
        run: async (grant, confirmed) => {
          await client.call(backups.runRestore, { body: { digest: confirmed, reason: reason.trim() }, grant })
          toast({ kind: 'ok', title: 'The restore has begun' })
        },
      }}
    />
  )
}

function Figure({ label, value }: { readonly label: string; readonly value: number }) {
  return (
    <div>
      <span className="label">{label}</span>
      <b>
        {value.toLocaleString('en-US')} {value === 1 ? 'object' : 'objects'}
      </b>
    </div>
  )
}
