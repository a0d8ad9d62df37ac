'use client'
import type { BackupRun } from '@console/contracts/backups/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { formatDuration } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { ProgressBar } from '@console/ui/progress-bar.tsx'
import { Note } from '@console/ui/states.tsx'
import { Status, type StatusKind } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { useState } from 'react'
import { Actor } from './actor.tsx'
import type { HistoryEntry } from './backup-history.ts'

const kinds: Readonly<Record<BackupRun['kind'], { readonly name: string; readonly goesOn: string }>> = {
  backup: { name: 'Backup', goesOn: 'A backup is being made' },
  'restore-drill': { name: 'Restore drill', goesOn: 'A restore drill is under way' },
  restore: { name: 'Restore', goesOn: 'A restore is under way' },
}
const states: Readonly<Record<BackupRun['state'], StatusKind>> = {
  running: 'running',
  succeeded: 'ok',
  failed: 'bad',
  interrupted: 'interrupted',
}
/** As many as are looked at without being asked for. */
const shownFirst = 5

/** What is under way: its step, how far that is, and who began it. */
export function BackupUnderWay({ run }: { readonly run: BackupRun }) {
  const { kind, steps, done, of, startedAt, actor } = run
  return (
    <Note kind="running" role="status" title={`${kinds[kind].goesOn}: ${steps.at(-1)?.name ?? ''}`}>
      Since <Ago at={startedAt} />, by {cleanLogText(actor.name ?? actor.id)}
      {of === null
        ? done > 0 && `, ${done.toLocaleString('en-US')} objects so far`
        : of > 0 && <ProgressBar ratio={done / of} label={`${done.toLocaleString('en-US')} of ${of.toLocaleString('en-US')} objects`} />}
    </Note>
  )
}

type Props = {
  readonly entries: readonly HistoryEntry[]
  /** What is not among them, and why, in sentences. */
  readonly missing: readonly string[]
}

/** Every backup, drill and restore of any service that was begun, newest first, and what came of it. */
export function BackupRuns({ entries, missing }: Props) {
  const [all, setAll] = useState(false)
  if (entries.length === 0) return null
  const rest = entries.length - shownFirst
  return (
    <Panel
      title="Runs"
      label="of both services and of the whole console: what was begun, by whom, and what came of it"
      footer={missing.length > 0 && <span>{missing.join(' ')}</span>}
      actions={
        rest > 0 && (
          <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? `Newest ${shownFirst}` : `All ${entries.length}`}
          </button>
        )
      }
    >
      <table className="tbl stk">
        <caption className="vh">Runs, newest first</caption>
        <thead>
          <tr>
            <th>State</th>
            <th>Run</th>
            <th>Of</th>
            <th>By</th>
            <th>Started</th>
            <th className="num">Took</th>
            <th>Outcome</th>
          </tr>
        </thead>
        <tbody>
          {(all ? entries : entries.slice(0, shownFirst)).map((entry) => (
            <Row key={`${entry.service} ${entry.id}`} entry={entry} />
          ))}
        </tbody>
      </table>
    </Panel>
  )
}

function Row({ entry }: { readonly entry: HistoryEntry }) {
  const { kind, service, state, actor, reason, startedAt, endedAt, outcome, backupId, step, auditHref } = entry
  return (
    <tr>
      <td className="t2">
        <Status kind={states[state]}>{state}</Status>
      </td>
      <td className="t1 nowrap">
        {auditHref === null ? (
          kinds[kind].name
        ) : (
          <Link className="link" href={auditHref} title={`Audit rows of this run, of ${backupId}`}>
            {kinds[kind].name}
          </Link>
        )}
      </td>
      <td className="c2 small nowrap" data-l="Of">
        {service}
      </td>
      <td className="c2" data-l="By">
        <Actor actor={actor} />
      </td>
      <td className="c2 nowrap" data-l="Started">
        <Ago at={startedAt} />
      </td>
      <td className="num" data-l="Took">
        {endedAt === null ? '–' : formatDuration(Math.max(1_000, Date.parse(endedAt) - Date.parse(startedAt)))}
      </td>
      <td className="c2 small brk" data-l="Outcome">
        {reason !== null && `${cleanLogText(reason)}: `}
        {cleanLogText(outcome ?? step ?? '–')}
      </td>
    </tr>
  )
}
