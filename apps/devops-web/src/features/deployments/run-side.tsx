'use client'
import type { Run } from '@console/contracts/deployments/schemas'
import { formatClock, formatDuration } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { StatusChip } from '@console/ui/status.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { runStatus } from '../../lib/run-words.ts'

/** The steps that the script named with `::step …::`, with how long each took. */
export function ScriptSteps({ run }: { readonly run: Run }) {
  if (run.steps.length === 0) return null
  const end = run.exitedAt ?? run.endedAt
  return (
    <Panel title="Steps of the script">
      <ol className="feed padv">
        {run.steps.map((step, at) => {
          const until = run.steps[at + 1]?.at ?? end
          return (
            <li key={`${step.name} ${step.at}`} className="stepline">
              <time dateTime={step.at}>{formatClock(step.at, false)}</time>
              <span>{step.name}</span>
              <span className="c3 num">{until ? formatDuration(Date.parse(until) - Date.parse(step.at)) : 'now'}</span>
            </li>
          )
        })}
      </ol>
    </Panel>
  )
}

/** Who waits for this run to end. */
export function NextInLine({ run, open }: { readonly run: Run; readonly open: readonly Run[] }) {
  const waiting = open.filter((other) => other.id !== run.id && other.state === 'queued' && other.number > run.number)
  if (run.endedAt !== null || waiting.length === 0) return null
  return (
    <Panel title="Next in line">
      {waiting.map((next) => (
        <div className="minirun" key={next.id}>
          <div className="row between">
            <Link href={paths.deployment(next.id)}>
              <b>
                {next.serviceName} #{next.number}
              </b>
            </Link>
            <StatusChip kind="queued">{runStatus(next).word}</StatusChip>
          </div>
          <p className="small c2">
            “{next.reason}”, by {next.actor.name ?? next.actor.id}
          </p>
        </div>
      ))}
    </Panel>
  )
}
