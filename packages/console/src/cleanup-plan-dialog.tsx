'use client'
import type { ApiError } from '@console/api-client/client'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextField } from '@console/ui/field.tsx'
import { formatBytes } from '@console/ui/format.ts'
import { Countdown, useNow } from '@console/ui/time-text.tsx'
import { type ReactNode, useEffect, useState } from 'react'
import { ErrorNote } from './error-note.tsx'

type AnyPlan = { readonly planId: string; readonly createdAt: string; readonly expiresAt: string; readonly items: readonly unknown[] }
type Props<P extends AnyPlan> = {
  /** Asks for a plan; the same function until another one is wanted. */
  readonly ask: () => Promise<P>
  /** What is done until it is there. */
  readonly looking: string
  /** The finding when nothing can go. */
  readonly nothing: string
  /** What a plan holds, in words. */
  readonly held: (plan: P) => string
  /** What stays, shown when nothing can go. */
  readonly kept: (plan: P) => ReactNode
  /** The confirmation of exactly this plan; the reason is kept when it lapses and another is made. */
  readonly confirm: (plan: P, reason: string, onReason: (reason: string) => void) => ReactNode
  readonly onClose: () => void
}

/** Asks for a plan, has exactly that confirmed, and asks for another when it has lapsed. */
export function CleanupPlanDialog<P extends AnyPlan>({ ask, looking, nothing, held, kept, confirm, onClose }: Props<P>) {
  const [plan, setPlan] = useState<P | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const [round, setRound] = useState(0)
  const [reason, setReason] = useState('')
  // Another round asks for another plan.
  useEffect(() => {
    let gone = false
    setPlan(null)
    setError(null)
    ask().then(
      (answer) => !gone && setPlan(answer),
      (thrown: ApiError) => !gone && setError(thrown),
    )
    return () => {
      gone = true
    }
  }, [ask, round])
  const now = useNow()
  const again = (): void => setRound(round + 1)
  if (plan && Date.parse(plan.expiresAt) <= now) return <Lapsed plan={plan} held={held(plan)} onClose={onClose} onAgain={again} />
  if (plan && plan.items.length > 0) return confirm(plan, reason, setReason)
  return (
    <Dialog
      open
      onClose={onClose}
      wide={plan !== null}
      title={plan ? nothing : 'Plan a cleanup'}
      footer={
        <span className="push row">
          {error && <Button onClick={again}>Plan again</Button>}
          <Button onClick={onClose}>Close</Button>
        </span>
      }
    >
      {error && <ErrorNote error={error} />}
      {!error && !plan && <p role="status">{looking}</p>}
      {plan && kept(plan)}
    </Dialog>
  )
}

type LapsedProps = { readonly plan: AnyPlan; readonly held: string; readonly onClose: () => void; readonly onAgain: () => void }

function Lapsed({ plan, held, onClose, onAgain }: LapsedProps) {
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
      <p>It held {held}.</p>
    </Dialog>
  )
}

type Bar = { readonly count: number; readonly bytes: number; readonly keptCount: number; readonly expiresAt: string }

/** Counts, size, and how long the plan may still be confirmed. */
export function CleanupPlanBar({ count, bytes, keptCount, expiresAt }: Bar) {
  const objects = (n: number): string => `${n.toLocaleString('en-US')} ${n === 1 ? 'object' : 'objects'}`
  return (
    <div className="planbar">
      <div>
        <span className="label">Deletes</span>
        <b>{objects(count)}</b>
      </div>
      <div>
        <span className="label">Frees, at least</span>
        <b>{formatBytes(bytes)}</b>
      </div>
      <div>
        <span className="label">Keeps</span>
        <b>{objects(keptCount)}</b>
      </div>
      <div>
        <span className="label">This plan lapses in</span>
        <b>
          <Countdown to={expiresAt} />
        </b>
      </div>
    </div>
  )
}

/** Why it is cleaned up. */
export function CleanupReason({ value, onChange }: { readonly value: string; readonly onChange: (reason: string) => void }) {
  return (
    <TextField
      label="Reason"
      hint="Kept in the receipt and the audit record"
      value={value}
      maxLength={500}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
