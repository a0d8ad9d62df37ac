'use client'
import { CleanupKept } from '@console/console/cleanup-kept.tsx'
import { CleanupObjects } from '@console/console/cleanup-objects.tsx'
import { CleanupPlanBar, CleanupPlanDialog, CleanupReason } from '@console/console/cleanup-plan-dialog.tsx'
import { ConfirmDialog } from '@console/console/confirm-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { reasonTrouble } from '@console/console/reason-rule.ts'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listParts } from '@console/contracts/console/actions'
import { getCleanupLog } from '@console/contracts/vm/actions'
import { listVmCleanups, planVmCleanup, runVmCleanup } from '@console/contracts/vm/cleanup-actions'
import type { VmCleanupPlan, VmPlanItem } from '@console/contracts/vm/cleanup-schemas'
import { formatBytes, formatDay } from '@console/ui/format.ts'
import { useCallback } from 'react'
import { goesWords, itemWords, keptRow, vmKinds } from './cleanup-words.ts'

type Props = {
  readonly onClose: () => void
  /** Called with the digest of what was begun. */
  readonly onBegun: (digest: string) => void
}

/** Asks the machine's own script what would go, and has exactly that confirmed. */
export function VmCleanupDialog({ onClose, onBegun }: Props) {
  const { client } = useConsole()
  const ask = useCallback(() => client.call(planVmCleanup, {}).then(({ plan }) => plan), [client])
  return (
    <CleanupPlanDialog
      ask={ask}
      looking="Looking for what is old on this machine"
      nothing="Nothing on this machine can go"
      held={({ items }) => itemWords(items)}
      kept={(plan) => <Kept plan={plan} />}
      confirm={(plan, reason, onReason) => (
        <Confirm key={plan.planId} plan={plan} reason={reason} onReason={onReason} onClose={onClose} onBegun={onBegun} />
      )}
      onClose={onClose}
    />
  )
}

type ConfirmProps = Props & { readonly plan: VmCleanupPlan; readonly reason: string; readonly onReason: (reason: string) => void }

function Confirm({ plan, reason, onReason, onClose, onBegun }: ConfirmProps) {
  const { client } = useConsole()
  const denied = useWhyNot()(runVmCleanup)
  const host = useRead(listParts, {}).data?.host.name ?? 'this host'
  const what = itemWords(plan.items)
  const total = plan.items.length
  return (
    <ConfirmDialog
      onClose={onClose}
      confirmation={{
        title: `Delete ${what} on ${host}`,
        sub: `Only what is listed, and only if it is unchanged at that moment. What is written or opened after ${plan.createdAt.slice(11, 19)} UTC stays.`,
        verb: 'vm.cleanup.run',
        callee: 'host-agent',
        plan: { whole: plan },
        button: `Delete ${total === 1 ? what : `${total.toLocaleString('en-US')} objects`} on ${host}`,
        wide: true,
        trouble: denied ?? reasonTrouble(reason),
        children: (
          <>
            <CleanupPlanBar count={total} bytes={plan.totalBytes} keptCount={keptCount(plan)} expiresAt={plan.expiresAt} />
            <CleanupObjects
              items={plan.items}
              kinds={vmKinds}
              textOf={({ path }) => path}
              columns={4}
              head={
                <>
                  <th>Path</th>
                  <th>Changed</th>
                  <th className="num">Size</th>
                  <th>Why it can go</th>
                </>
              }
              row={(item) => <ItemRow key={item.path} item={item} />}
              left={
                plan.leftCount > 0 &&
                `${plan.leftCount.toLocaleString('en-US')} more could go. One plan holds 2,000 objects; plan again afterwards.`
              }
            />
            <Kept plan={plan} />
            <CleanupReason value={reason} onChange={onReason} />
          </>
        ),
        changes: [listVmCleanups, getCleanupLog],
        run: async (grant, digest) => {
          await client.call(runVmCleanup, { body: { digest, reason: reason.trim() }, grant })
          onBegun(digest)
        },
      }}
    />
  )
}

const keptCount = ({ kept }: VmCleanupPlan): number => kept.reduce((sum, { count }) => sum + count, 0)

function ItemRow({ item: { kind, path, sizeBytes, changedAt } }: { readonly item: VmPlanItem }) {
  return (
    <tr>
      <td className="t1 mono small brk">{path}</td>
      <td className="c2 small nowrap" data-l="Changed">
        {formatDay(changedAt)}
      </td>
      <td className="t2 num">{formatBytes(sizeBytes)}</td>
      <td className="c2 small" data-l="Why it can go">
        {goesWords(kind)}
      </td>
    </tr>
  )
}

/** What stays of the places that were looked at, summed by reason. */
function Kept({ plan }: { readonly plan: VmCleanupPlan }) {
  return (
    <CleanupKept
      count={keptCount(plan)}
      heads={['Kind', 'Why', 'How many', 'Size']}
      rows={plan.kept.map((sum) => {
        const { title, words } = keptRow(sum)
        return (
          <tr key={`${sum.kind} ${sum.why}`}>
            <td className="t1 small">{title}</td>
            <td className="c2 small" data-l="Why">
              {words}
            </td>
            <td className="num c2 small" data-l="How many">
              {sum.count.toLocaleString('en-US')}
            </td>
            <td className="t2 num small">{formatBytes(sum.sizeBytes)}</td>
          </tr>
        )
      })}
    />
  )
}
