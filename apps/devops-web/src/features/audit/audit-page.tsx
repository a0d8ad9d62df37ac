'use client'
import { useConsole } from '@console/console/console-provider.tsx'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { exportAuditRows, listAuditRows, verifyAudit } from '@console/contracts/audit/actions'
import type { AuditRow, ChainState } from '@console/contracts/audit/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { Status, type StatusKind } from '@console/ui/status.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { ChevronDown, ChevronRight, Download, Search, ShieldCheck } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'

const outcomes = ['started', 'done', 'failed', 'denied', 'unknown'] as const
const kinds: Record<AuditRow['outcome'], StatusKind> = {
  started: 'running',
  done: 'ok',
  failed: 'bad',
  denied: 'denied',
  unknown: 'unknown',
}

/** Who did what, what was denied, what failed; and whether every chain holds. */
export function AuditPage() {
  const [actor, setActor] = useQueryState('actor', parseAsString.withDefault(''))
  const [action, setAction] = useQueryState('action', parseAsString.withDefault(''))
  const [requestId, setRequestId] = useQueryState('requestId', parseAsString.withDefault(''))
  const [outcome, setOutcome] = useQueryState('outcome', parseAsStringLiteral(outcomes))
  const [cursor, setCursor] = useQueryState('cursor', parseAsString)
  const filter = {
    actor: actor || undefined,
    action: action || undefined,
    requestId: requestId || undefined,
    outcome: outcome ?? undefined,
  }
  const rows = useRead(listAuditRows, { query: { ...filter, limit: '100', cursor: cursor ?? undefined } }, cursor ? {} : { every: 10_000 })
  const chains = useRead(verifyAudit, {}, { every: 60_000 })
  const { client } = useConsole()
  const whyNot = useWhyNot()
  const toast = useToast()
  const broken = chains.data?.chains.filter(({ state }) => state === 'broken').length ?? 0
  const set =
    <T,>(change: (value: T | null) => unknown) =>
    (value: T | null): void => {
      change(value)
      void setCursor(null)
    }
  const download = async (format: 'csv' | 'ndjson'): Promise<void> => {
    try {
      const blob = await client.download(exportAuditRows, { query: { ...filter, format }, activity: true })
      const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: `audit.${format}` })
      link.click()
      URL.revokeObjectURL(link.href)
    } catch (error) {
      toast({ kind: 'bad', title: 'Nothing was downloaded', text: (error as Error).message })
    }
  }
  return (
    <>
      <PageHead
        title={broken > 0 ? `${broken} audit ${broken === 1 ? 'chain is' : 'chains are'} broken` : 'Audit'}
        sub="Four logs, each one chain, each witnessed by the others. Newest first, times in UTC."
        actions={(['csv', 'ndjson'] as const).map((format) => (
          <Button
            key={format}
            icon={<Download className="ic s" aria-hidden="true" />}
            disabledReason={whyNot(exportAuditRows)}
            reasonHidden
            onClick={() => void download(format)}
          >
            Download {format.toUpperCase()}, recorded
          </Button>
        ))}
      />
      <Seal chains={chains.data?.chains ?? []} onCheck={() => void chains.refetch()} busy={chains.isFetching} />
      <div className="tools2">
        <span className="search grow">
          <Search className="ic s" aria-hidden="true" />
          <input
            className="inp"
            type="search"
            aria-label="Filter by action"
            placeholder="Action, for example restart"
            value={action}
            onChange={(event) => set(setAction)(event.target.value || null)}
          />
        </span>
        <input
          className="inp msg"
          type="search"
          aria-label="Filter by person"
          placeholder="Person"
          value={actor}
          onChange={(event) => set(setActor)(event.target.value || null)}
        />
        <Segmented
          label="Outcome"
          value={outcome ?? 'all'}
          onChange={(next) => set(setOutcome)(next === 'all' ? null : next)}
          options={[
            { value: 'all', label: 'all' },
            { value: 'done', label: 'done' },
            { value: 'failed', label: 'failed' },
            { value: 'denied', label: 'denied' },
          ]}
        />
        {requestId && (
          <span className="filter">
            <span>
              <span className="k">request:</span> {requestId.slice(0, 8)}
            </span>
            <Button look="quiet" small aria-label="Clear request" onClick={() => set(setRequestId)(null)}>
              ×
            </Button>
          </span>
        )}
      </div>
      {rows.data && rows.data.away.length > 0 && (
        <div className="mb">
          <Note kind="warn" title={`Rows of ${rows.data.away.join(', ')} cannot be read now.`}>
            The log itself is where it was; shown is what was read before.
          </Note>
        </div>
      )}
      <Panel
        title="Rows"
        footer={
          <>
            <span>{rows.data?.items.length ?? 0} rows shown</span>
            <span className="push row">
              {cursor && (
                <Button small onClick={() => void setCursor(null)}>
                  Newest
                </Button>
              )}
              {rows.data?.nextCursor && (
                <Button small onClick={() => void setCursor(rows.data?.nextCursor ?? null)}>
                  Older
                </Button>
              )}
            </span>
          </>
        }
      >
        <QueryState query={rows} what="Audit rows" />
        {rows.data?.items.length === 0 && <Blank title="No row matches" />}
        {rows.data && rows.data.items.length > 0 && (
          <table className="tbl stk">
            <thead>
              <tr>
                <th>
                  <span className="vh">Details</span>
                </th>
                <th>Time, UTC</th>
                <th>Who</th>
                <th>Action</th>
                <th>On</th>
                <th>Outcome</th>
                <th className="m1">Log</th>
                <th className="num">Row</th>
              </tr>
            </thead>
            <tbody>
              {rows.data.items.map((row) => (
                <Row key={`${row.log} ${row.seq}`} row={row} onRequest={(id) => set(setRequestId)(id)} />
              ))}
            </tbody>
          </table>
        )}
      </Panel>
    </>
  )
}

function Row({ row, onRequest }: { readonly row: AuditRow; readonly onRequest: (id: string) => void }) {
  const [open, setOpen] = useState(false)
  const who = cleanLogText(row.actor.name ?? row.actor.id)
  return (
    <>
      <tr>
        <td className="m0">
          <button type="button" aria-expanded={open} aria-label={`Details of row ${row.seq} of ${row.log}`} onClick={() => setOpen(!open)}>
            {open ? <ChevronDown className="ic s" aria-hidden="true" /> : <ChevronRight className="ic s" aria-hidden="true" />}
          </button>
        </td>
        <td className="mono small nowrap c2" data-l="Time" title={formatInstant(row.at)}>
          {row.at.slice(5, 10)} {row.at.slice(11, 19)}
        </td>
        <td data-l="Who">{who}</td>
        <td className="t1">{row.action}</td>
        <td className="c2 obj" data-l="On">
          {cleanLogText(row.target)}
        </td>
        <td className="t2">
          <Status kind={kinds[row.outcome]}>
            {row.outcome}
            {row.code && `: ${row.code}`}
            {row.count && row.count > 1 ? ` ×${row.count}` : ''}
          </Status>
        </td>
        <td className="small c2 m1" data-l="Log">
          {row.log}
        </td>
        <td className="num mono small c3" data-l="Row">
          {row.seq}
        </td>
      </tr>
      {open && (
        <tr className="open">
          <td colSpan={8}>
            <div className="detail">
              <Facts
                items={[
                  ['Time', formatInstant(row.at)],
                  ['Who', `${row.actor.kind} ${row.actor.id}`],
                  ['From', row.address ?? '–'],
                  ['Risk', row.risk ?? '–'],
                  [
                    'Request',
                    <button key="q" type="button" className="link mono" onClick={() => onRequest(row.requestId)}>
                      {row.requestId}
                    </button>,
                  ],
                  row.of !== null ? ['Closes', `row ${row.of}`] : null,
                  [
                    'Hash',
                    <span key="h" className="mono small">
                      {row.hash.slice(0, 16)}…
                    </span>,
                  ],
                ]}
              />
              <pre className="codebox">{row.input ? cleanLogText(JSON.stringify(row.input, null, 2)) : 'no input recorded'}</pre>
            </div>
          </td>
        </tr>
      )}
    </>
  )
}

function Seal({ chains, onCheck, busy }: { readonly chains: readonly ChainState[]; readonly onCheck: () => void; readonly busy: boolean }) {
  return (
    <section className="panel seal" aria-label="Chains">
      <ShieldCheck className="ic l" aria-hidden="true" />
      <div className="row w gap4">
        {chains.length === 0 && <span className="c2">Checking the chains</span>}
        {chains.map((chain) => (
          <span
            key={chain.log}
            title={chain.problem ?? `${chain.rows} rows, ${chain.unanchored} after the last checkpoint that another log holds`}
          >
            <Status kind={chain.state === 'valid' ? 'ok' : chain.state === 'away' ? 'unknown' : 'bad'}>
              {chain.log}:{' '}
              {chain.state === 'valid'
                ? `valid, ${chain.rows} rows`
                : chain.state === 'away'
                  ? 'away'
                  : `broken at row ${chain.firstBadSeq}`}
            </Status>
          </span>
        ))}
      </div>
      <span className="push">
        <Button small busy={busy} onClick={onCheck}>
          Check again
        </Button>
      </span>
    </section>
  )
}
