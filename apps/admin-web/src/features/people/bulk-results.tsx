'use client'
import type { BulkResult } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { Status } from '@console/ui/status.tsx'
import { peopleCount } from './bulk-words.ts'
import type { Picked } from './use-selection.ts'

/** What came of each; it stays until it is closed. Those it was refused for come first, with the reason. */
export function BulkResults({
  people,
  results,
  onRetry,
  onClose,
}: {
  readonly people: readonly Picked[]
  readonly results: ReadonlyMap<string, BulkResult>
  readonly onRetry: (left: readonly Picked[]) => void
  readonly onClose: () => void
}) {
  const isDone = ({ id }: Picked): boolean => results.get(id)?.outcome === 'done'
  const refused = people.filter((one) => !isDone(one))
  const done = people.length - refused.length
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={
        refused.length === 0
          ? `Done for ${peopleCount(done)}`
          : `Done for ${done} of ${peopleCount(people.length)}, refused for ${refused.length}`
      }
      footer={
        <span className="push row">
          {refused.length > 0 && <Button onClick={() => onRetry(refused)}>Try the {refused.length} again…</Button>}
          <Button look="ink" onClick={onClose}>
            Close
          </Button>
        </span>
      }
    >
      <div className="results" tabIndex={0} role="region" aria-label="What came of each">
        <table className="tbl stk">
          <thead>
            <tr>
              <th>Person</th>
              <th>Result</th>
              <th>Why</th>
            </tr>
          </thead>
          <tbody>
            {[...refused, ...people.filter(isDone)].map((person) => (
              <tr key={person.id}>
                <td className="t1">
                  {cleanLogText(person.name)}
                  <span className="sub">{cleanLogText(person.email)}</span>
                </td>
                <td className="t2">{isDone(person) ? <Status kind="ok">done</Status> : <Status kind="bad">refused</Status>}</td>
                <td data-l="Why">
                  {results.get(person.id)?.detail ?? '–'}
                  {results.get(person.id)?.code && <span className="sub mono">{results.get(person.id)?.code}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Dialog>
  )
}
