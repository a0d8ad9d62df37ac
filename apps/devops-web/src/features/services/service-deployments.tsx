'use client'
import { QueryState } from '@console/console/query-state.tsx'
import type { useRead } from '@console/console/use-action.ts'
import type { listDeployments } from '@console/contracts/deployments/actions'
import type { Run } from '@console/contracts/deployments/schemas'
import { Panel } from '@console/ui/panel.tsx'
import { Blank, LoadingRows, Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { RunCells } from '../../lib/run-cells.tsx'
import { runStatus } from '../../lib/run-words.ts'

/** The last deployments of a service, and above them what was refused. @param few shows the first five */
export function ServiceDeployments({
  runs,
  serviceId,
  few = false,
}: {
  readonly runs: ReturnType<typeof useRead<typeof listDeployments>>
  readonly serviceId: string
  readonly few?: boolean
}) {
  const items = (runs.data?.items ?? []).slice(0, few ? 5 : 10)
  return (
    <Panel
      title="Deployments"
      actions={
        <Link className="link small" href={`${paths.deployments}?serviceId=${encodeURIComponent(serviceId)}`}>
          All
        </Link>
      }
    >
      {!runs.isPending && <QueryState query={runs} what="Deployments" />}
      {runs.data?.refused.slice(0, 1).map((refused) => (
        <div className="pad" key={refused.requestId}>
          <Note
            kind={refused.code.startsWith('SCRIPT_') ? 'warn' : 'denied'}
            title={
              <>
                Refused <Ago at={refused.at} />: {refused.code}
              </>
            }
            action={
              <Link className="btn s" href={refused.code.startsWith('SCRIPT_') ? paths.scripts : paths.auditOf(refused.requestId)}>
                {refused.code.startsWith('SCRIPT_') ? 'Look at the script' : 'Audit rows'}
              </Link>
            }
          >
            Asked by {refused.actor.name ?? refused.actor.id}. It never became a run.
          </Note>
        </div>
      ))}
      {runs.data && items.length === 0 && <Blank title="Never deployed from here">A deployment is one run of its approved script.</Blank>}
      {(runs.isPending || items.length > 0) && (
        <table className="tbl two stk">
          <thead>
            <tr>
              <th>Run</th>
              <th>Result</th>
              <th>Reason</th>
              <th>By</th>
              <th>Started</th>
              <th className="num">Took</th>
              <th>Verdict</th>
            </tr>
          </thead>
          <tbody>
            {runs.isPending && <LoadingRows columns={7} rows={3} />}
            {items.map((run) => (
              <Row key={run.id} run={run} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function Row({ run }: { readonly run: Run }) {
  const { kind, word } = runStatus(run)
  return (
    <tr>
      <td className="t1">
        <Link className="link mono" href={paths.deployment(run.id)}>
          #{run.number}
        </Link>
      </td>
      <td className="t2">
        <Status kind={kind}>{word}</Status>
      </td>
      <RunCells run={run} />
    </tr>
  )
}
