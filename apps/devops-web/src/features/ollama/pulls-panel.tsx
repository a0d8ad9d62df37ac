import { Actor } from '@console/console/actor.tsx'
import type { ModelPull } from '@console/contracts/ollama/schemas'
import { formatBytes, formatDuration } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { endOf } from './pull-words.ts'
import { useWhoPulled } from './use-who-pulled.ts'

const mostShown = 10

/** What came of the newest pulls. */
export function PullsPanel({ pulls }: { readonly pulls: readonly ModelPull[] }) {
  const whoPulled = useWhoPulled()
  return (
    <Panel title="Pulls">
      <table className="tbl two stk">
        <caption className="vh">Pulls that have ended</caption>
        <thead>
          <tr>
            <th>Model</th>
            <th>When</th>
            <th>By</th>
            <th>Result</th>
            <th className="num">Fetched</th>
            <th className="num">Took</th>
          </tr>
        </thead>
        <tbody>
          {pulls.slice(0, mostShown).map((pull) => {
            const { kind, text, why } = endOf(pull)
            const tookMs = Date.parse(pull.endedAt ?? pull.startedAt) - Date.parse(pull.startedAt)
            return (
              <tr key={pull.pullId} data-row>
                <td className="t1">
                  <Link className="link mono" href={paths.auditOf(pull.requestId)} title="Rows of this pull in the audit log">
                    {pull.name}
                  </Link>
                </td>
                <td className="c2" data-l="When">
                  <Ago at={pull.startedAt} />
                </td>
                <td className="c2" data-l="By">
                  <Actor actor={whoPulled(pull)} />
                </td>
                <td className="t2">
                  <Status kind={kind}>{text}</Status>
                  {why && <span className="sub">{why}</span>}
                </td>
                <td className="num" data-l="Fetched">
                  {formatBytes(pull.completedBytes)}
                </td>
                <td className="num" data-l="Took">
                  {formatDuration(tookMs)}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Panel>
  )
}
