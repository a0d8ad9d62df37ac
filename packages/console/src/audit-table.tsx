'use client'
import type { AuditRow } from '@console/contracts/audit/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { formatCount, formatDuration, formatInstant } from '@console/ui/format.ts'
import { Blank } from '@console/ui/states.tsx'
import { Status, type StatusKind } from '@console/ui/status.tsx'
import { ArrowRight, ChevronDown, ChevronRight } from 'lucide-react'
import { Fragment } from 'react'
import { Actor } from './actor.tsx'
import { AuditDetail } from './audit-detail.tsx'
import { type Folded, foldRows, namedRows } from './fold-rows.ts'
import { ListTable } from './list-table.tsx'
import type { Query } from './query-state.tsx'

const columns = 8
const kinds: Record<AuditRow['outcome'], StatusKind> = {
  started: 'running',
  done: 'ok',
  failed: 'bad',
  denied: 'denied',
  unknown: 'unknown',
}
type Page = { readonly items: readonly AuditRow[]; readonly nextCursor: string | null }
type Paging = { readonly cursor: string | null; readonly onPage: (cursor: string | null) => void }
type Props = Paging & {
  readonly query: Query & { readonly data: Page | undefined }
  /** The row that is open, as `log:seq`. */
  readonly open: string | null
  readonly onOpen: (row: string | null) => void
  readonly onRequest: (requestId: string) => void
}

/** Rows of audit logs, newest first, an intent folded with its outcome. */
export function AuditTable({ query, open, onOpen, onRequest, cursor, onPage }: Props) {
  const lines = foldRows(namedRows(query.data?.items ?? []))
  return (
    <ListTable
      label="Rows"
      query={query}
      what="Audit rows"
      className="stk"
      columns={columns}
      head={
        <>
          <th>
            <span className="vh">Details</span>
          </th>
          <th aria-sort="descending">Time, UTC</th>
          <th>Who</th>
          <th>Action</th>
          <th>On</th>
          <th>Intent and outcome</th>
          <th className="num m1">Took</th>
          <th className="num">Row</th>
        </>
      }
      empty={
        <Blank title="No row matches">
          <p>Take a filter away, or look further back.</p>
        </Blank>
      }
      rows={lines.map((line) => {
        const id = `${line.row.log}:${line.row.seq}`
        const isOpen = open === id
        return (
          <Fragment key={id}>
            <Line line={line} open={isOpen} onOpen={() => onOpen(isOpen ? null : id)} />
            {isOpen && <AuditDetail line={line} columns={columns} onRequest={onRequest} />}
          </Fragment>
        )
      })}
      footer={
        <Foot
          lines={lines.length}
          rows={query.data?.items.length ?? 0}
          next={query.data?.nextCursor ?? null}
          cursor={cursor}
          onPage={onPage}
        />
      }
    />
  )
}

function Line({ line, open, onOpen }: { readonly line: Folded; readonly open: boolean; readonly onOpen: () => void }) {
  const { row, intent, tookMs } = line
  return (
    <tr data-row className={open ? 'on' : ''}>
      <td className="m0">
        <button type="button" aria-expanded={open} aria-label={`Details of row ${row.seq} of ${row.log}`} onClick={onOpen}>
          {open ? <ChevronDown className="ic s" aria-hidden="true" /> : <ChevronRight className="ic s" aria-hidden="true" />}
        </button>
      </td>
      <td className="mono small nowrap c2" data-l="Time" title={formatInstant(row.at)}>
        {row.at.slice(5, 10)} {row.at.slice(11, 19)}
      </td>
      <td data-l="Who">
        <Actor actor={row.actor} />
      </td>
      <td className="t1">{row.action}</td>
      <td className="c2 cut obj" data-l="On" title={cleanLogText(row.target)}>
        {cleanLogText(row.target)}
      </td>
      <td className="t2">
        <Flow row={row} intent={intent} />
      </td>
      <td className="num c2 m1" data-l="Took">
        {tookMs === null ? '' : tookMs < 1_000 ? `${(tookMs / 1_000).toFixed(1)}\u00a0s` : formatDuration(tookMs)}
      </td>
      <td className="num mono small c3" data-l="Row" title={row.log}>
        {row.seq.toLocaleString('en-US')}
      </td>
    </tr>
  )
}

function Flow({ row, intent }: Pick<Folded, 'row' | 'intent'>) {
  const times = row.count && row.count > 1 ? ` ×${row.count}` : ''
  return (
    <span className="flow">
      {intent && (
        <>
          <Status kind="ok">intent</Status>
          <ArrowRight className="ic s c3" aria-hidden="true" />
        </>
      )}
      <Status kind={kinds[row.outcome]}>
        {row.outcome === 'started' ? 'started, outcome to come' : row.outcome}
        {row.code && row.code !== row.outcome && `: ${row.code}`}
        {times}
      </Status>
    </span>
  )
}

function Foot({
  lines,
  rows,
  next,
  cursor,
  onPage,
}: Paging & { readonly lines: number; readonly rows: number; readonly next: string | null }) {
  return (
    <>
      <span>
        {formatCount(rows, 'row')}, {formatCount(lines, 'line')}
      </span>
      <span className="row not-s" aria-hidden="true">
        <kbd>J</kbd> <kbd>K</kbd> move <kbd>Enter</kbd> details <kbd>Y</kbd> copy link
      </span>
      <span className="push row">
        {cursor && (
          <Button small onClick={() => onPage(null)}>
            Newest
          </Button>
        )}
        {next && (
          <Button small onClick={() => onPage(next)}>
            Older
          </Button>
        )}
      </span>
    </>
  )
}
