import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listVmSchedules } from '@console/contracts/vm/schedule-actions'
import type { ScheduledJob, VmSchedules } from '@console/contracts/vm/schedule-schemas'
import { formatDuration, formatInstant } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Blank, LoadingRows } from '@console/ui/states.tsx'
import { Status, toneOf } from '@console/ui/status.tsx'
import { Ago, useNow } from '@console/ui/time-text.tsx'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { needsLook } from '../../lib/job-words.ts'
import { labelOf, originOf, remarkOf, scheduleWords, verdictOf } from './cron-words.ts'

const everyMs = 60_000
const shows = ['all', 'look'] as const

/** What the machine does by itself: crontabs and timers of all accounts, the worst first. */
export function CronPanel() {
  const query = useRead(listVmSchedules, {}, { every: everyMs })
  const [show, setShow] = useQueryState('jobs', parseAsStringLiteral(shows).withDefault('all'))
  const { data, isPending } = query
  const worst = data?.jobs.filter(needsLook) ?? []
  const jobs = show === 'all' ? (data?.jobs ?? []) : worst
  return (
    <Panel
      title="Scheduled jobs"
      label={data && labelOf(data)}
      actions={
        data && (
          <Segmented
            small
            label="Which jobs"
            value={show}
            onChange={(next) => void setShow(next)}
            options={[
              { value: 'all', label: `All ${data.jobs.length}` },
              { value: 'look', label: `Need a look ${worst.length}` },
            ]}
          />
        )
      }
      footer={data && <Left schedules={data} />}
      className={data && query.error ? 'stale' : ''}
    >
      {!isPending && <QueryState query={query} what="Scheduled jobs" />}
      {data && jobs.length === 0 && (
        <Blank
          kind={show === 'all' ? 'unknown' : 'ok'}
          title={show === 'all' ? 'This machine has no crontab and no timer' : 'No job needs a look'}
        />
      )}
      {(isPending || jobs.length > 0) && (
        <table className="tbl two stk vmjobs" aria-busy={isPending}>
          <caption className="vh">Jobs, worst first</caption>
          <thead>
            <tr>
              <th>Last result</th>
              <th>Job</th>
              <th>Schedule</th>
              <th className="num">Last run</th>
              <th className="num">Took</th>
              <th className="num">Next</th>
            </tr>
          </thead>
          <tbody>
            {isPending && <LoadingRows columns={6} />}
            {jobs.map((job) => (
              <Row key={job.id} job={job} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function Row({ job }: { readonly job: ScheduledJob }) {
  const { kind, word } = verdictOf(job)
  const remark = remarkOf(job)
  const words = scheduleWords(job.schedule)
  const from = originOf(job)
  return (
    <tr data-row>
      <td className="t2">
        <Status kind={kind}>{word}</Status>
      </td>
      <td className="t1">
        <b className="mono brk">{job.name}</b>
        {remark && <span className={`sub ${toneOf(kind)} fg`}>{remark}</span>}
        {job.command.text !== '' && job.command.text !== job.name && (
          <span className="sub mono brk">
            {job.command.text}
            {job.command.cut && ' [cut]'}
          </span>
        )}
      </td>
      <td className="c2" data-l="Schedule">
        {words ?? <span className="mono brk">{job.schedule === '' ? '–' : job.schedule}</span>}
        <span className="sub brk">
          {from} {words && <span className="mono nowrap">{job.schedule}</span>}
        </span>
      </td>
      <td className="num c2" data-l="Last run">
        {job.lastAt ? <Ago at={job.lastAt} /> : '–'}
      </td>
      <td className="num c2" data-l="Took">
        {job.lastAt && job.endedAt ? formatDuration(Math.max(0, Date.parse(job.endedAt) - Date.parse(job.lastAt))) : '–'}
      </td>
      <td className="num c2" data-l="Next">
        {job.nextAt ? <In at={job.nextAt} /> : '–'}
      </td>
    </tr>
  )
}

/** How long it is until then. */
function In({ at }: { readonly at: string }) {
  const leftMs = Date.parse(at) - useNow()
  return (
    <time dateTime={at} title={formatInstant(at)} className="inline-time">
      {leftMs <= 0 ? 'due' : `in ${formatDuration(Math.max(1_000, leftMs))}`}
    </time>
  )
}

function Left({ schedules: { passedOver, left } }: { readonly schedules: VmSchedules }) {
  return (
    <>
      {passedOver.length > 0 && (
        <details>
          <summary>
            {passedOver.length} {passedOver.length === 1 ? 'thing was' : 'things were'} passed over
          </summary>
          <ul className="small">
            {passedOver.map(({ source, line, why }) => (
              <li key={`${source} ${line} ${why}`} className="brk">
                <span className="mono">
                  {source}
                  {line !== null && `:${line}`}
                </span>{' '}
                {why}
              </li>
            ))}
          </ul>
        </details>
      )}
      {left > 0 && <span>{left} more are not shown.</span>}
      <span className="push">Read only. Schedules are edited on the host.</span>
    </>
  )
}
