'use client'
import { CleanupReceiptDialog, CleanupReceipts, CleanupUnderWay } from '@console/console/cleanup-receipts.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listVmCleanups, planVmCleanup, runVmCleanup } from '@console/contracts/vm/cleanup-actions'
import type { VmCleanupReceipt } from '@console/contracts/vm/cleanup-schemas'
import { Button } from '@console/ui/button.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { BrushCleaning } from 'lucide-react'
import { parseAsBoolean, parseAsString, useQueryState } from 'nuqs'
import { useEffect, useState } from 'react'
import { paths } from '../../lib/paths.ts'
import { VmCleanupDialog } from './cleanup-dialog.tsx'
import { exceptionWords, kindsOf, vmKinds } from './cleanup-words.ts'

const restMs = 30_000
const busyMs = 1_000

/** The receipts of cleanups of the machine, the one under way, and the dialogs of both; the page decides where the button stands. */
export function useVmCleanup() {
  const [shown, setShown] = useQueryState('receipt', parseAsString)
  const [planning, setPlanning] = useQueryState('plan', parseAsBoolean.withDefault(false))
  const [busy, setBusy] = useState(false)
  const receipts = useRead(listVmCleanups, {}, { every: busy ? busyMs : restMs })
  const running = receipts.data?.items.find(({ state }) => state === 'running')
  const open = receipts.data?.items.find(({ digest }) => digest === shown)
  // What is under way is asked for more often, of whoever began it.
  useEffect(() => setBusy(running !== undefined), [running])
  return {
    receipts,
    running,
    plan: () => void setPlanning(true),
    open: (digest: string) => void setShown(digest),
    dialogs: (
      <>
        {planning && (
          <VmCleanupDialog
            onClose={() => void setPlanning(null)}
            onBegun={(digest) => {
              void setPlanning(null)
              void setShown(digest)
            }}
          />
        )}
        {!planning && open && <ReceiptDialog receipt={open} onClose={() => void setShown(null)} />}
      </>
    ),
  }
}
type Cleanup = ReturnType<typeof useVmCleanup>

/** What a cleanup takes, and the way to its plan. */
export function CleanupPanel({ cleanup: { running, plan } }: { readonly cleanup: Cleanup }) {
  const whyNot = useWhyNot()
  const denied = whyNot(planVmCleanup) ?? (running ? 'A cleanup is under way' : null)
  return (
    <Panel title="Clean up the VM">
      <div className="pad stack m">
        <p className="c2">
          <span className="mono">vm-cleanup.sh</span> finds downloaded packages, old journals, rotated logs, temporary files and crash
          reports. It shows the list first, and never touches what is Docker’s.
        </p>
        <div className="row">
          <Button icon={<BrushCleaning className="ic s" aria-hidden="true" />} disabledReason={denied} onClick={plan}>
            Plan cleanup…
          </Button>
        </div>
        {whyNot(planVmCleanup) === null && whyNot(runVmCleanup) !== null && <p className="why">An admin confirms the plan</p>}
      </div>
    </Panel>
  )
}

/** What came of those before, and the one under way. */
export function CleanupHistory({ cleanup: { receipts, running, open } }: { readonly cleanup: Cleanup }) {
  return (
    <>
      {running && <CleanupUnderWay receipt={running} onOpen={() => open(running.digest)} />}
      <CleanupReceipts query={receipts} action={runVmCleanup} whatOf={kindsOf} onOpen={open} />
    </>
  )
}

const whyEnded: Readonly<Record<string, string>> = {
  CLEANUP_TIMEOUT: 'Half an hour was over.',
  VM_SCRIPT_CHANGED: 'The script on the host is another one.',
}

function ReceiptDialog({ receipt, onClose }: { readonly receipt: VmCleanupReceipt; readonly onClose: () => void }) {
  return (
    <CleanupReceiptDialog
      receipt={receipt}
      action={runVmCleanup}
      kinds={vmKinds}
      exceptions={receipt.exceptions.map((one) => ({ key: one.path, name: one.path, words: exceptionWords(one) }))}
      whyEnded={
        receipt.state === 'interrupted'
          ? 'The script was ended in the middle.'
          : (whyEnded[receipt.code ?? ''] ?? 'The script ended badly; the log of host-agent says how.')
      }
      manner="one object at a time, each looked at again"
      auditHref={paths.auditOf(receipt.requestId)}
      onClose={onClose}
    />
  )
}
