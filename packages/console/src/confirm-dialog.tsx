'use client'
import type { ApiError } from '@console/api-client/client'
import { digestOf } from '@console/api-client/plan-digest'
import { createGrant } from '@console/contracts/auth/actions'
import { directPlan, type Plain } from '@console/contracts/canonical'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { useQueryClient } from '@tanstack/react-query'
import { ShieldCheck } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useConsole } from './console-provider.tsx'
import { ErrorNote } from './error-note.tsx'
import { FactorField } from './factor-field.tsx'
import { useFactor } from './use-factor.ts'

export type Confirmation = {
  /** The deed with its object and place, as a sentence. */
  readonly title: ReactNode
  readonly sub?: ReactNode
  /** The verb, or the action where no daemon is touched, and who accepts the confirmation. */
  readonly verb: string
  readonly callee: string
  /** The plan as it was answered; or the arguments of an action without one. The browser hashes this very object. */
  readonly plan: { readonly whole: Plain } | { readonly args: { readonly [name: string]: Plain } }
  readonly button: string
  /** Approving destroys nothing: then the button is ink. */
  readonly look?: 'danger' | 'ink'
  readonly wide?: boolean
  readonly children: ReactNode
  /** Why it cannot be confirmed yet, such as a name that is to be typed. */
  readonly trouble?: string | null
  /** Carries the deed out with the confirmation. */
  readonly run: (grant: string, digest: string) => Promise<void>
  /** What is asked for anew once it is done. */
  readonly changes?: readonly { readonly id: string }[]
  /** Leaves the page, once what changed was read again: the page that comes shows nothing that is gone. */
  readonly leave?: () => void
}

const factorMs = 300_000

/** The one dialog for what destroys or approves: plan, a factor only when the last is older than five minutes, one button that names the deed. */
export function ConfirmDialog({ confirmation, onClose }: { readonly confirmation: Confirmation; readonly onClose: () => void }) {
  const { client, session } = useConsole()
  const queries = useQueryClient()
  const { verb, callee, plan, look = 'danger', trouble = null } = confirmation
  const [digest, setDigest] = useState<string | null>(null)
  const factor = useFactor()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const [asked, setAsked] = useState(false)
  const cancel = useRef<HTMLButtonElement>(null)
  const factorAt = session.at === 'in' ? Date.parse(session.info.factorAt) : 0
  const needsFactor = asked || Date.now() - factorAt > factorMs - 5_000

  useEffect(() => {
    const whole = 'whole' in plan ? plan.whole : directPlan(verb, 'local', plan.args)
    digestOf(whole).then(setDigest, () => setDigest(null))
  }, [plan, verb])

  const confirm = async (): Promise<void> => {
    if (busy || !digest || trouble !== null) return
    setBusy(true)
    setError(null)
    try {
      if (needsFactor) {
        await factor.show()
        setAsked(false)
      }
      const { grant } = await client.call(createGrant, { body: { verb, digest } })
      await confirmation.run(grant, digest)
      await Promise.all((confirmation.changes ?? []).map(({ id }) => queries.invalidateQueries({ queryKey: [id] })))
      confirmation.leave?.()
      onClose()
    } catch (thrown) {
      const failure = thrown as ApiError
      if (failure.code === 'AUTH_STEP_UP_REQUIRED') setAsked(true)
      setError(failure)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog
      open
      onClose={onClose}
      busy={busy}
      title={confirmation.title}
      sub={confirmation.sub}
      wide={confirmation.wide ?? false}
      initialFocus={cancel}
      footer={
        <>
          <span className="grantline">
            <ShieldCheck className="ic s" aria-hidden="true" />
            <span>
              {callee} accepts exactly this plan, <span className="mono">{digest?.slice(0, 8) ?? '…'}</span>, and nothing else.
            </span>
          </span>
          <span className="push row">
            <button ref={cancel} type="button" className="btn" onClick={onClose} disabled={busy}>
              Cancel
            </button>
            <Button
              look={look}
              busy={busy}
              onClick={() => void confirm()}
              disabledReason={trouble ?? (needsFactor ? factor.trouble : null)}
              reasonHidden
            >
              {confirmation.button}
            </Button>
          </span>
        </>
      }
    >
      {error && error.code !== 'AUTH_STEP_UP_REQUIRED' && <ErrorNote error={error} />}
      {confirmation.children}
      {needsFactor && <FactorField factor={factor} onEnter={() => void confirm()} />}
    </Dialog>
  )
}
