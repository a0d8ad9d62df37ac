'use client'
import type { ApiError } from '@console/api-client/client'
import { ConfirmDialog } from '@console/console/confirm-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listParts } from '@console/contracts/console/actions'
import { getDockerStats, listCleanups, planCleanup, runCleanup } from '@console/contracts/docker/disk-actions'
import type { CleanupKind, CleanupPlan } from '@console/contracts/docker/disk-schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextField } from '@console/ui/field.tsx'
import { Note } from '@console/ui/states.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import { useEffect, useState } from 'react'
import { countWords } from './disk-words.ts'
import { KeptObjects, PlanBar, PlanObjects } from './plan-objects.tsx'
import type { planInput } from './use-choice.ts'

type Props = {
  readonly wish: ReturnType<typeof planInput>
  readonly onClose: () => void
  /** Called with the digest of what was begun. */
  readonly onBegun: (digest: string) => void
}

/** Asks for the plan of what was chosen, and confirms exactly that. */
export function CleanupDialog({ wish, onClose, onBegun }: Props) {
  const { client } = useConsole()
  const [plan, setPlan] = useState<CleanupPlan | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const [round, setRound] = useState(0)
  const [reason, setReason] = useState('')
  const [body] = useState(wish)
  // Another round asks for another plan.
  useEffect(() => {
    let gone = false
    setPlan(null)
    setError(null)
    client.call(planCleanup, { body }).then(
      (answer) => !gone && setPlan(answer.plan),
      (thrown: ApiError) => !gone && setError(thrown),
    )
    return () => {
      gone = true
    }
  }, [client, body, round])
  const now = useNow()
  const again = (): void => setRound(round + 1)
  if (plan && Date.parse(plan.expiresAt) <= now) return <Lapsed plan={plan} onClose={onClose} onAgain={again} />
  if (plan && plan.items.length > 0)
    return <Confirm key={plan.planId} plan={plan} reason={reason} onReason={setReason} onClose={onClose} onBegun={onBegun} />
  return (
    <Dialog
      open
      onClose={onClose}
      wide={plan !== null}
      title={plan ? 'Nothing of what was chosen can go' : 'Plan a cleanup'}
      footer={
        <span className="push row">
          {error && <Button onClick={again}>Plan again</Button>}
          <Button onClick={onClose}>Close</Button>
        </span>
      }
    >
      {error && (
        <Note kind="bad" role="alert" title={error.message}>
          {error.code}
          {error.requestId && `, request ${error.requestId}`}
        </Note>
      )}
      {!error && !plan && <p role="status">Looking at everything that Docker keeps</p>}
      {plan && <KeptObjects plan={plan} />}
    </Dialog>
  )
}

function Lapsed({ plan, onClose, onAgain }: { readonly plan: CleanupPlan; readonly onClose: () => void; readonly onAgain: () => void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      title="This plan has lapsed"
      sub={`It was made at ${plan.createdAt.slice(11, 19)} UTC and lived 15 min. Nothing was deleted.`}
      footer={
        <>
          <span className="why">Your reason is kept</span>
          <span className="push row">
            <Button onClick={onClose}>Close</Button>
            <Button look="ink" onClick={onAgain}>
              Plan again
            </Button>
          </span>
        </>
      }
    >
      <p>It held {countWords(countsOf(plan))}.</p>
    </Dialog>
  )
}

type ConfirmProps = Omit<Props, 'wish'> & {
  readonly plan: CleanupPlan
  readonly reason: string
  readonly onReason: (reason: string) => void
}

function Confirm({ plan, reason, onReason, onClose, onBegun }: ConfirmProps) {
  const { client } = useConsole()
  const denied = useWhyNot()(runCleanup)
  const host = useRead(listParts, {}).data?.host.name ?? 'this host'
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const named = plan.items.filter((item) => item.reason === 'named').map(({ id }) => id)
  const left = named.find((name) => typed[name] !== name)
  const what = countWords(countsOf(plan))
  const total = plan.items.length
  const trouble =
    denied ??
    (left === undefined ? (reason.trim().length < 3 ? 'Give a reason of at least 3 characters' : null) : `Type the name ${left} first`)
  return (
    <ConfirmDialog
      onClose={onClose}
      confirmation={{
        title: `Delete ${what} on ${host}`,
        sub: `Only what is listed, and only if it is still unused at that moment. What is made or used after ${plan.createdAt.slice(11, 19)} UTC is not in the plan.`,
        verb: 'cleanup.run',
        callee: 'docker-proxy',
        plan: { whole: plan },
        button: `Delete ${total === 1 ? what : `${total.toLocaleString('en-US')} objects`} on ${host}`,
        wide: true,
        trouble,
        children: (
          <>
            <PlanBar plan={plan} />
            <PlanObjects plan={plan} />
            <KeptObjects plan={plan} />
            {named.length > 0 && (
              <div className="stack m">
                <Note kind="warn" title="What is in a volume is gone for good.">
                  No image and no deploy brings it back. Type the name of each.
                </Note>
                {named.map((name) => (
                  <TextField
                    key={name}
                    mono
                    label={`Type ${name}`}
                    value={typed[name] ?? ''}
                    autoComplete="off"
                    spellCheck={false}
                    onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
                  />
                ))}
              </div>
            )}
            <TextField
              label="Reason"
              hint="Kept in the receipt and the audit record"
              value={reason}
              maxLength={500}
              onChange={(event) => onReason(event.target.value)}
            />
          </>
        ),
        changes: [getDockerStats, listCleanups],
        run: async (grant, digest) => {
          await client.call(runCleanup, { body: { digest, reason: reason.trim() }, grant })
          onBegun(digest)
        },
      }}
    />
  )
}

function countsOf({ items }: CleanupPlan): Partial<Record<CleanupKind, number>> {
  const counts: Partial<Record<CleanupKind, number>> = {}
  for (const { kind } of items) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
