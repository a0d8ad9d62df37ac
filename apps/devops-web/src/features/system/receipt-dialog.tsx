import { CleanupReceiptDialog } from '@console/console/cleanup-receipts.tsx'
import { runCleanup } from '@console/contracts/docker/disk-actions'
import type { CleanupReceipt } from '@console/contracts/docker/disk-schemas'
import { paths } from '../../lib/paths.ts'
import { exceptionWords, kinds } from './disk-words.ts'

const whyEnded: Readonly<Record<string, string>> = {
  DOCKER_ENGINE_AWAY: 'The Docker engine stopped answering.',
  CLEANUP_TIMEOUT: 'Ten minutes were over.',
  AUDIT_UNAVAILABLE: 'The journal of docker-proxy could not be written.',
}

/** The plan of a cleanup of Docker beside what came of it. */
export function ReceiptDialog({ receipt, onClose }: { readonly receipt: CleanupReceipt; readonly onClose: () => void }) {
  const ended =
    receipt.state === 'interrupted'
      ? 'docker-proxy ended in the middle.'
      : (whyEnded[receipt.code ?? ''] ?? 'Something went wrong in docker-proxy; its log says what.')
  return (
    <CleanupReceiptDialog
      receipt={receipt}
      action={runCleanup}
      kinds={kinds}
      exceptions={receipt.exceptions.map((one) => ({
        key: `${one.kind} ${one.id}`,
        name: one.names.join(', ') || one.id.replace('sha256:', '').slice(0, 12),
        words: exceptionWords(one),
      }))}
      whyEnded={ended}
      manner="one object at a time, none by force"
      auditHref={paths.auditOf(receipt.requestId)}
      onClose={onClose}
    />
  )
}
