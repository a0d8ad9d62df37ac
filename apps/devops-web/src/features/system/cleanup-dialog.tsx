'use client'
import { CleanupPlanBar, CleanupPlanDialog, CleanupReason } from '@console/console/cleanup-plan-dialog.tsx'
import { ConfirmDialog } from '@console/console/confirm-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { reasonTrouble } from '@console/console/reason-rule.ts'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listParts } from '@console/contracts/console/actions'
import { getDockerStats, listCleanups, planCleanup, runCleanup } from '@console/contracts/docker/disk-actions'
import type { CleanupKind, CleanupPlan } from '@console/contracts/docker/disk-schemas'
import { TextField } from '@console/ui/field.tsx'
import { Note } from '@console/ui/states.tsx'
import { useCallback, useState } from 'react'
import { countWords } from './disk-words.ts'
import { KeptObjects, PlanObjects } from './plan-objects.tsx'
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
  const [body] = useState(wish)
  const ask = useCallback(() => client.call(planCleanup, { body }).then(({ plan }) => plan), [client, body])
  return (
    <CleanupPlanDialog
      ask={ask}
      looking="Looking at everything that Docker keeps"
      nothing="Nothing of what was chosen can go"
      held={(plan) => countWords(countsOf(plan))}
      kept={(plan) => <KeptObjects plan={plan} />}
      confirm={(plan, reason, onReason) => (
        <Confirm key={plan.planId} plan={plan} reason={reason} onReason={onReason} onClose={onClose} onBegun={onBegun} />
      )}
      onClose={onClose}
    />
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
  const trouble = denied ?? (left === undefined ? reasonTrouble(reason) : `Type the name ${left} first`)
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
            <CleanupPlanBar count={plan.items.length} bytes={plan.totalBytes} keptCount={plan.keptCount} expiresAt={plan.expiresAt} />
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
            <CleanupReason value={reason} onChange={onReason} />
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
