'use client'
import { QueryState } from '@console/console/query-state.tsx'
import type { useRead } from '@console/console/use-action.ts'
import type { listParts } from '@console/contracts/console/actions'
import { isFinal } from '@console/contracts/deployments/run-states'
import type { Run } from '@console/contracts/deployments/schemas'
import { formatAgo, formatDuration } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { RunSteps } from '@console/ui/run-steps.tsx'
import { Glyph, StatusChip, type StatusKind, toneOf } from '@console/ui/status.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { runStatus, stepOf } from '../../lib/run-words.ts'

/** Runs that have not ended yet, with how far they are. */
export function InProgress({ runs }: { readonly runs: readonly Run[] }) {
  const now = useNow()
  const open = runs.filter((run) => !isFinal(run.state))
  return (
    <Panel
      title="In progress"
      actions={
        <Link className="link small" href={paths.deployments}>
          Deployments
        </Link>
      }
    >
      {open.length === 0 && <p className="pad c2">No deployment is under way.</p>}
      {open.map((run) => {
        const { kind, word } = runStatus(run)
        return (
          <div className="minirun" key={run.id}>
            <div className="row between">
              <Link href={paths.deployment(run.id)}>
                <b>{run.serviceName}</b>
              </Link>
              <StatusChip kind={kind}>{word}</StatusChip>
            </div>
            <p className="small c2">
              #{run.number} · {run.actor.name ?? run.actor.id}
              {now !== 0 && ` · ${formatDuration(now - Date.parse(run.startedAt ?? run.queuedAt))}`}
              {run.position ? ` · ${run.position} before it` : ''}
            </p>
            {run.state !== 'queued' && <RunSteps at={stepOf(run)} label={`${word}, step ${stepOf(run) + 1} of 4`} />}
          </div>
        )
      })}
    </Panel>
  )
}

const partKinds: Record<'up' | 'degraded' | 'away', StatusKind> = { up: 'ok', degraded: 'warn', away: 'bad' }

/** The parts of the console itself; one that is away says so in the list of what needs somebody. */
export function Parts({ parts }: { readonly parts: ReturnType<typeof useRead<typeof listParts>> }) {
  return (
    <Panel
      title="Parts of the console"
      actions={
        <Link className="link small" href={paths.privileges}>
          Privileges
        </Link>
      }
    >
      <QueryState query={parts} what="Parts" />
      {parts.data && (
        <ul className="feed padv">
          {parts.data.parts.map(({ part, state, detail }) => (
            <li key={part} className="wide2">
              <span className={`fg ${toneOf(partKinds[state])}`}>
                <Glyph kind={partKinds[state]} />
              </span>
              <span>
                {state === 'up' ? <span className="c2">{part}</span> : <b>{part}</b>}
                <span className={state === 'up' ? 'vh' : 'c2'}> {state === 'up' ? 'answers' : detail}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

/** What ended lately, newest first. */
export function Lately({ runs }: { readonly runs: readonly Run[] }) {
  const now = useNow()
  const ended = runs
    .filter((run) => run.endedAt !== null)
    .toSorted((a, b) => (b.endedAt ?? '').localeCompare(a.endedAt ?? ''))
    .slice(0, 6)
  return (
    <Panel title="Lately">
      {ended.length === 0 && <p className="pad c2">Nothing was deployed yet.</p>}
      <ul className={ended.length > 0 ? 'feed padv' : ''}>
        {ended.map((run) => {
          const { kind, word } = runStatus(run)
          const at = run.endedAt ?? run.queuedAt
          return (
            <li key={run.id} className={`wide ${toneOf(kind)}`}>
              <time dateTime={at} title={at}>
                {now === 0 ? '' : formatAgo(at, now)}
              </time>
              <span className="fg">
                <Glyph kind={kind} />
              </span>
              <span>
                <Link href={paths.deployment(run.id)}>
                  Deploy #{run.number} of <b>{run.serviceName}</b> {word}
                </Link>
              </span>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}
