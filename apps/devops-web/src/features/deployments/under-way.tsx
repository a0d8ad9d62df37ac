'use client'
import { useWhyNot } from '@console/console/use-action.ts'
import { cancelDeployment } from '@console/contracts/deployments/actions'
import type { RefusedRun, Run } from '@console/contracts/deployments/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatDuration } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { RunSteps } from '@console/ui/run-steps.tsx'
import { Status, StatusChip } from '@console/ui/status.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { runStatus, stepOf } from '../../lib/run-words.ts'
import type { Asked } from './reason-dialog.tsx'
import { RefusedNotes } from './refused-notes.tsx'

type Props = {
  readonly runs: readonly Run[]
  readonly environmentOf: (serviceId: string) => string
  readonly onAsk: (asked: Asked) => void
}

/** Runs that hold the host now: how far, how long, and the way to end them. */
export function UnderWay({ runs, environmentOf, onAsk }: Props) {
  if (runs.length === 0) return null
  return (
    <Panel title="Under way" label="one run of a service at a time; others wait in line">
      {runs.map((run) => (
        <Way key={run.id} run={run} environment={environmentOf(run.serviceId)} onAsk={onAsk} />
      ))}
    </Panel>
  )
}

function Way({ run, environment, onAsk }: { readonly run: Run; readonly environment: string; readonly onAsk: Props['onAsk'] }) {
  const now = useNow()
  const { kind, word } = runStatus(run)
  const passed = run.checks.filter((check) => check.hits >= check.needed).length
  const step = run.state === 'verifying' ? `${passed} of ${run.checks.length} checks pass` : (run.steps.at(-1)?.name ?? 'the script')
  return (
    <div className="way" data-row>
      <div className="grow">
        <p className="ttl row gap3 w">
          <Link href={paths.deployment(run.id)}>
            <b>{run.serviceName}</b>
          </Link>
          <StatusChip kind={kind}>{word}</StatusChip>
        </p>
        <p className="small c2">
          <span className="mono">#{run.number}</span> “{run.reason}” · {environment && `${environment} · `}
          {run.actor.name ?? run.actor.id}
        </p>
      </div>
      <div className="wayst">
        <RunSteps at={stepOf(run)} label={`Step ${stepOf(run) + 1} of 4, ${word}`} />
        <p className="small c2">{step}</p>
      </div>
      <p className="num wayt">{now === 0 ? '' : formatDuration(now - Date.parse(run.startedAt ?? run.queuedAt))}</p>
      <span className="row">
        <CancelOf run={run} onAsk={onAsk} risk />
        <Link className="btn s" href={paths.deployment(run.id)}>
          Open
        </Link>
      </span>
    </div>
  )
}

/** Runs that wait for one before them, and what was refused and never got into the line. */
export function InLine({
  runs,
  ahead,
  refused,
  environmentOf,
  onAsk,
}: Props & { readonly ahead: readonly Run[]; readonly refused: readonly RefusedRun[] }) {
  const now = useNow()
  if (runs.length === 0) return <RefusedNotes refused={refused} />
  return (
    <Panel title="In line" label={`${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, oldest first`}>
      <table className="tbl two stk">
        <caption className="vh">Runs in line</caption>
        <thead>
          <tr>
            <th>State</th>
            <th>Service</th>
            <th>Reason</th>
            <th>Waits for</th>
            <th>By</th>
            <th className="num">Waited</th>
            <th>
              <span className="vh">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.toReversed().map((run) => {
            const before = ahead.filter((other) => other.serviceId === run.serviceId && other.number < run.number).at(0)
            return (
              <tr key={run.id} data-row>
                <td className="t2">
                  <Status kind="queued">queued</Status>
                </td>
                <td className="name t1">
                  <Link href={paths.deployment(run.id)}>
                    <b>{run.serviceName}</b>
                  </Link>
                  <span className="sub">
                    <span className="mono">#{run.number}</span> {environmentOf(run.serviceId)}
                  </span>
                </td>
                <td data-l="Reason">{run.reason}</td>
                <td className="c2" data-l="Waits for">
                  {before ? (
                    <Link className="link" href={paths.deployment(before.id)}>
                      run #{before.number}
                    </Link>
                  ) : (
                    'the host'
                  )}
                </td>
                <td className="c2 nowrap" data-l="By">
                  {run.actor.name ?? run.actor.id}
                </td>
                <td className="num" data-l="Waited">
                  {now === 0 ? '' : formatDuration(now - Date.parse(run.queuedAt))}
                </td>
                <td className="act">
                  <CancelOf run={run} onAsk={onAsk} />
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <RefusedNotes refused={refused} inside />
    </Panel>
  )
}

function CancelOf({ run, onAsk, risk = false }: { readonly run: Run; readonly onAsk: Props['onAsk']; readonly risk?: boolean }) {
  const whyNot = useWhyNot()
  return (
    <Button
      small
      look={risk ? 'risk' : 'outlined'}
      disabledReason={whyNot(cancelDeployment)}
      reasonHidden
      onClick={() => onAsk({ run, deed: 'cancel' })}
    >
      Cancel…
      <span className="vh">
        {' '}
        {run.serviceName} #{run.number}
      </span>
    </Button>
  )
}
