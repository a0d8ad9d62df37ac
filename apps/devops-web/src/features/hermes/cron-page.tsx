'use client'
import type { HermesJob, HermesTelemetry } from '@console/contracts/hermes/schemas'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { TelemetryPanels } from './telemetry-panels.tsx'

/** The jobs of each agent: when they run, how the last run went, and whether anything was delivered. */
export function CronPage() {
  return (
    <TelemetryPanels tab="cron" what="cron jobs" sectionOf={({ cron }) => cron}>
      {({ cron, ticker }) => ({
        shown: cron?.items.length ?? 0,
        table: <Table items={cron?.items ?? []} />,
        note: <Ticker ticker={ticker} />,
      })}
    </TelemetryPanels>
  )
}

function Ticker({ ticker }: Pick<HermesTelemetry, 'ticker'>) {
  return (
    <p className="pad c2 small">
      {ticker?.heartbeatAt ? (
        <>
          The scheduler looked for due jobs <Ago at={ticker.heartbeatAt} />
          {ticker.successAt && (
            <>
              , the last time without an error <Ago at={ticker.successAt} />
            </>
          )}
          .
        </>
      ) : (
        'It is not known when the scheduler last looked for due jobs.'
      )}
    </p>
  )
}

function Table({ items }: { readonly items: readonly HermesJob[] }) {
  return (
    <table className="tbl stk">
      <caption className="vh">Cron jobs</caption>
      <thead>
        <tr>
          <th>Job</th>
          <th>State</th>
          <th>Schedule</th>
          <th>Last run</th>
          <th>Next run</th>
          <th>Delivers to</th>
          <th className="num">Runs</th>
        </tr>
      </thead>
      <tbody>
        {items.map((job) => (
          <tr key={job.id}>
            <td className="t1">
              <b>{job.name}</b>
              <span className="sub mono">{job.id}</span>
            </td>
            <td className="t2">
              <Status kind={job.state === 'error' ? 'bad' : job.state === 'scheduled' ? 'ok' : 'queued'}>{job.state}</Status>
            </td>
            <td className="mono small">{job.schedule ?? '–'}</td>
            <td data-l="Last run">
              <LastRun {...job} />
            </td>
            <td data-l="Next run">{job.nextRunAt ? <Ago at={job.nextRunAt} /> : '–'}</td>
            <td data-l="Delivers to">{job.delivers ?? '–'}</td>
            <td className="num" data-l="Runs">
              {job.runs ? `${job.runs.completed} done, ${job.runs.failed} failed` : '–'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function LastRun({ lastRunAt, lastStatus, lastError, lastDeliveryError, failureStreak }: HermesJob) {
  if (lastRunAt === null) return <span className="c3">never</span>
  const failed = lastStatus !== null && lastStatus !== 'ok'
  return (
    <>
      <Status kind={failed ? 'bad' : lastDeliveryError !== null ? 'warn' : 'ok'}>
        <Ago at={lastRunAt} />
        {failed && `, ${lastStatus}`}
        {failureStreak !== null && failureStreak > 1 && `, ${failureStreak} in a row`}
      </Status>
      {lastError !== null && <span className="sub blk">{lastError}</span>}
      {lastDeliveryError !== null && <span className="sub blk">Delivered nothing: {lastDeliveryError}</span>}
    </>
  )
}
