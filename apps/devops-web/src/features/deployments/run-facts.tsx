'use client'
import type { Run } from '@console/contracts/deployments/schemas'
import { formatClock, formatDuration, formatInstant } from '@console/ui/format.ts'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Status } from '@console/ui/status.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'

/** What ran, as whom, with what, and where its record stands. */
export function RunFacts({ run }: { readonly run: Run }) {
  const limitMs = run.deadlineAt && run.startedAt ? Date.parse(run.deadlineAt) - Date.parse(run.startedAt) : null
  return (
    <Panel title="Run">
      <div className="pad">
        <Facts
          items={[
            ['Reason', run.reason],
            ['By', run.actor.name ?? run.actor.id],
            ['Queued', <Moment key="q" at={run.queuedAt} />],
            run.startedAt ? ['Started', <Moment key="s" at={run.startedAt} />] : null,
            run.endedAt ? ['Ended', <Moment key="e" at={run.endedAt} />] : null,
            ['Script', <Script key="c" run={run} />],
            ['Runs', `as ${run.user ?? '–'}${run.unit ? `, unit ${run.unit}` : ', in a process group'}`],
            limitMs === null ? null : ['At most', `${formatDuration(limitMs)}, then it is ended`],
            run.exitCode === null && run.signal === null ? null : ['Exit', run.signal ? `ended by ${run.signal}` : String(run.exitCode)],
            run.variableNames.length > 0
              ? [
                  'Gets',
                  <span key="v" className="mono small">
                    {run.variableNames.join(' ')}
                  </span>,
                ]
              : null,
            run.cancelledBy ? ['Cancelled', `by ${run.cancelledBy}`] : null,
            run.rerunOf
              ? [
                  'Repeats',
                  <Link key="r" className="link" href={paths.deployment(run.rerunOf)}>
                    an earlier run
                  </Link>,
                ]
              : null,
            [
              'Audit',
              <Link key="a" className="link" href={paths.auditOf(run.requestId)}>
                its rows
              </Link>,
            ],
          ]}
        />
      </div>
    </Panel>
  )
}

function Moment({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={formatInstant(at)}>
      {at.slice(0, 10)} {formatClock(at, false)} UTC
    </time>
  )
}

function Script({ run }: { readonly run: Run }) {
  return (
    <>
      <Link className="link mono" href={paths.approveScript(run.scriptId)}>
        {run.scriptId}
      </Link>
      {run.scriptSha256 && (
        <>
          <br />
          <Status kind="ok">
            <span className="small">
              approved{' '}
              <span className="mono" title={run.scriptSha256}>{`${run.scriptSha256.slice(0, 8)}…${run.scriptSha256.slice(-4)}`}</span>
            </span>
          </Status>
        </>
      )}
    </>
  )
}
