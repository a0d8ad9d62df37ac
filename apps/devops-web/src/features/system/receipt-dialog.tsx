import { Actor } from '@console/console/actor.tsx'
import type { CleanupReceipt } from '@console/contracts/docker/disk-schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { formatBytes, formatDuration, formatInstant } from '@console/ui/format.ts'
import { Facts } from '@console/ui/panel.tsx'
import { ProgressBar } from '@console/ui/progress-bar.tsx'
import { Note } from '@console/ui/states.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { exceptionWords, freedBytes, kinds } from './disk-words.ts'
import { useWhoBegan } from './receipts-panel.tsx'

const whyEnded: Readonly<Record<string, string>> = {
  DOCKER_ENGINE_AWAY: 'The Docker engine stopped answering.',
  CLEANUP_TIMEOUT: 'Ten minutes were over.',
  AUDIT_UNAVAILABLE: 'The journal of docker-proxy could not be written.',
}

/** The plan beside what came of it: while it goes on its progress, afterwards what was removed, what was not and why. */
export function ReceiptDialog({ receipt, onClose }: { readonly receipt: CleanupReceipt; readonly onClose: () => void }) {
  const who = useWhoBegan()(receipt)
  const { state, planned, reached, startedAt, endedAt, reason, requestId, digest, exceptions, exceptionCount } = receipt
  const removed = receipt.kinds.reduce((sum, one) => sum + one.removed, 0)
  const running = state === 'running'
  const title = running
    ? `Deleting: ${reached} of ${planned} objects looked at`
    : `${removed} of ${planned} ${planned === 1 ? 'object' : 'objects'} deleted, ${formatBytes(freedBytes(receipt))} freed`
  const ended =
    state === 'interrupted'
      ? 'docker-proxy ended in the middle.'
      : (whyEnded[receipt.code ?? ''] ?? 'Something went wrong in docker-proxy; its log says what.')
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      sub={running ? 'It goes on when this is closed.' : `Ended ${endedAt ? formatInstant(endedAt) : ''}`}
      footer={
        <span className="push">
          <Button look="ink" onClick={onClose}>
            {running ? 'Close' : 'Done'}
          </Button>
        </span>
      }
    >
      {running && (
        <div className="is-live fg" role="status">
          <ProgressBar ratio={planned === 0 ? 0 : reached / planned} label={`${reached} of ${planned} objects looked at`} />
        </div>
      )}
      {!running && state !== 'done' && (
        <Note kind="bad" title={`The cleanup ended early. ${ended}`}>
          What was not reached is still there. Plan again when it is put right.
        </Note>
      )}
      {exceptions.length > 0 && (
        <section className="objs" aria-label="What did not simply go">
          <ul className="scroll exc" tabIndex={0}>
            {exceptions.map((one) => (
              <li key={`${one.kind} ${one.id}`} className="small">
                <span className="mono brk">{one.names.join(', ') || one.id.replace('sha256:', '').slice(0, 12)}</span>{' '}
                <span className="c2">{exceptionWords(one)}</span>
              </li>
            ))}
            {exceptionCount > exceptions.length && <li className="small c3">and {exceptionCount - exceptions.length} more</li>}
          </ul>
        </section>
      )}
      <Facts
        boxed
        items={[
          ...kinds.flatMap(({ kind, title: name }) => {
            const sum = receipt.kinds.find((one) => one.kind === kind)
            return sum ? [[name, `${sum.removed} of ${sum.planned}, ${formatBytes(sum.freedBytes)}`] as const] : []
          }),
          endedAt ? ['Took', `${formatDuration(Date.parse(endedAt) - Date.parse(startedAt))}, one object at a time, none by force`] : null,
          ['By', <Actor key="by" actor={who} />],
          reason === null ? null : ['Reason', reason],
          [
            'Audit',
            <span key="audit">
              <Link className="link" href={paths.auditOf(requestId)}>
                Rows of this cleanup
              </Link>
              , plan <span className="mono">{digest.slice(0, 8)}</span>
            </span>,
          ],
        ]}
      />
    </Dialog>
  )
}
