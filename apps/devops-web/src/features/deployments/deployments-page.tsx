'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listDeployments } from '@console/contracts/deployments/actions'
import { isFinal, runStates } from '@console/contracts/deployments/run-states'
import type { Run } from '@console/contracts/deployments/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatDuration } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago, useNow } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { paths } from '../../lib/paths.ts'
import { runStatus } from '../../lib/run-words.ts'

/** What is under way, what waits, and what was. */
export function DeploymentsPage() {
  const [serviceId, setServiceId] = useQueryState('serviceId', parseAsString.withDefault(''))
  const [state, setState] = useQueryState('state', parseAsStringLiteral([...runStates, 'open'] as const))
  const runs = useRead(
    listDeployments,
    { query: { limit: '100', serviceId: serviceId || undefined, state: state ?? undefined } },
    { every: 5_000 },
  )
  const items = runs.data?.items ?? []
  const open = items.filter((run) => !isFinal(run.state))
  const past = items.filter((run) => isFinal(run.state))
  return (
    <>
      <PageHead
        title={open.length > 0 ? `${open.length} ${open.length === 1 ? 'deployment is' : 'deployments are'} under way` : 'Deployments'}
        sub="What was deployed, by whom and why, and whether it got healthy."
      />
      {(serviceId !== '' || state !== null) && (
        <div className="tools2">
          {serviceId !== '' && <Chip name="service" value={serviceId} onClear={() => void setServiceId(null)} />}
          {state !== null && <Chip name="state" value={state} onClear={() => void setState(null)} />}
        </div>
      )}
      <div className="stack">
        {open.length > 0 && (
          <Panel title="Under way">
            {open.map((run) => (
              <UnderWay key={run.id} run={run} />
            ))}
          </Panel>
        )}
        <Panel title="History">
          <QueryState query={runs} what="Deployments" />
          {runs.data?.refused.slice(0, 5).map((refused) => (
            <div className="pad" key={refused.requestId}>
              <Note
                kind="denied"
                title={
                  <>
                    {refused.serviceId} refused <Ago at={refused.at} />: {refused.code}
                  </>
                }
                action={
                  <Link className="btn s" href={paths.auditOf(refused.requestId)}>
                    Audit rows
                  </Link>
                }
              >
                Asked by {refused.actor.name ?? refused.actor.id}. It never became a run.
              </Note>
            </div>
          ))}
          {runs.data && past.length === 0 && (
            <Blank
              title={state || serviceId ? 'No deployment matches' : 'Nothing was deployed yet'}
              actions={
                <Link className="btn" href={paths.services}>
                  Open services
                </Link>
              }
            >
              A deployment is one run of a service’s approved script.
            </Blank>
          )}
          {past.length > 0 && (
            <table className="tbl two stk">
              <thead>
                <tr>
                  <th>Run</th>
                  <th>State</th>
                  <th>Reason</th>
                  <th>By</th>
                  <th className="num">Took</th>
                  <th>When</th>
                </tr>
              </thead>
              <tbody>
                {past.map((run) => (
                  <Past key={run.id} run={run} />
                ))}
              </tbody>
            </table>
          )}
        </Panel>
      </div>
    </>
  )
}

function Past({ run }: { readonly run: Run }) {
  const { kind, word } = runStatus(run)
  return (
    <tr>
      <td className="name t1">
        <Link href={paths.deployment(run.id)}>
          <b>
            {run.serviceName} #{run.number}
          </b>
        </Link>
      </td>
      <td className="t2">
        <Status kind={kind}>{word}</Status>
        {run.exitCode !== null && run.exitCode !== 0 && <span className="sub">exit {run.exitCode}</span>}
      </td>
      <td data-l="Reason">{run.reason}</td>
      <td data-l="By">{run.actor.name ?? run.actor.id}</td>
      <td className="num" data-l="Took">
        {run.endedAt && run.startedAt ? formatDuration(Date.parse(run.endedAt) - Date.parse(run.startedAt)) : '–'}
      </td>
      <td data-l="When">
        <Ago at={run.queuedAt} />
      </td>
    </tr>
  )
}

function UnderWay({ run }: { readonly run: Run }) {
  const now = useNow()
  const { kind, word } = runStatus(run)
  const since = run.startedAt ?? run.queuedAt
  return (
    <div className="way">
      <div>
        <p className="ttl">
          <Link href={paths.deployment(run.id)}>
            <b>
              {run.serviceName} #{run.number}
            </b>
          </Link>
        </p>
        <p className="small c2">
          “{run.reason}”, by {run.actor.name ?? run.actor.id}
        </p>
      </div>
      <div className="wayst">
        <Status kind={kind}>
          {word}
          {run.position ? `, ${run.position} before it` : ''}
        </Status>
      </div>
      <span className="wayt">{now === 0 ? '' : formatDuration(now - Date.parse(since))}</span>
      <span className="row">
        <Link className="btn s" href={paths.deployment(run.id)}>
          Watch
        </Link>
      </span>
    </div>
  )
}

function Chip({ name, value, onClear }: { readonly name: string; readonly value: string; readonly onClear: () => void }) {
  return (
    <span className="filter">
      <span>
        <span className="k">{name}:</span> {value}
      </span>
      <Button look="quiet" small aria-label={`Clear ${name}`} onClick={onClear}>
        ×
      </Button>
    </span>
  )
}
