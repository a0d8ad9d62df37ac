import { cleanLogLines, cleanLogText } from '@console/log-text/clean-log-text'
import { formatInstant } from '@console/ui/format.ts'
import { Facts } from '@console/ui/panel.tsx'
import type { Folded } from './fold-rows.ts'

/** Everything that a row says, and of an intent and its outcome both. */
export function AuditDetail({
  line: { row, intent },
  columns,
  onRequest,
}: {
  readonly line: Folded
  readonly columns: number
  readonly onRequest: (requestId: string) => void
}) {
  const input = row.input ?? intent?.input ?? null
  return (
    <tr className="open">
      <td colSpan={columns}>
        <div className="detail">
          <Facts
            items={[
              ['Action', mono(row.action)],
              ['Who', `${row.actor.kind} ${cleanLogText(row.actor.id)}`],
              ['On', cleanLogText(row.target)],
              ['Risk', row.risk ?? '–'],
              intent ? ['Intended', `${formatInstant(intent.at)}, row ${intent.seq}`] : null,
              [intent ? 'Ended' : 'Time', formatInstant(row.at)],
              [
                'Fields',
                <pre key="fields" className="codebox">
                  {input ? cleanLogLines(JSON.stringify(input, null, 2)) : 'none recorded'}
                </pre>,
              ],
              row.details
                ? [
                    'Besides',
                    <pre key="besides" className="codebox">
                      {cleanLogLines(JSON.stringify(row.details, null, 2))}
                    </pre>,
                  ]
                : null,
            ]}
          />
          <Facts
            items={[
              ['Log', mono(row.log)],
              ['From', mono(cleanLogText(row.address ?? intent?.address ?? '–'))],
              [
                'Request',
                <button key="request" type="button" className="link mono" onClick={() => onRequest(row.requestId)}>
                  {cleanLogText(row.requestId)}
                </button>,
              ],
              ['Hash', mono(`${row.hash.slice(0, 16)}…`)],
            ]}
          />
        </div>
      </td>
    </tr>
  )
}

const mono = (text: string) => <span className="mono small">{text}</span>
