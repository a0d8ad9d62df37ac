import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import type { ResultOf } from '@console/contracts/action'
import { getApm } from '@console/contracts/apm/actions'
import { Button } from '@console/ui/button.tsx'
import { formatBytes, formatDuration } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Blank, LoadingRows } from '@console/ui/states.tsx'
import { Glyph } from '@console/ui/status.tsx'
import { useState } from 'react'
import { coresText, numberText } from '../../lib/metric-words.ts'

type Apm = ResultOf<typeof getApm>
const everyMs = 10_000
const fewest = 8
const windows = [
  { value: '5m', label: '5 min' },
  { value: '15m', label: '15 min' },
  { value: '1h', label: '1 h' },
] as const
export const windowNames = ['5m', '15m', '1h'] as const
export type Window = (typeof windowNames)[number]

/** How fast the console's own APIs answered, by action, and what its services use. */
export function ConsolePanel({ window, onWindow }: { readonly window: Window; readonly onWindow: (window: Window) => void }) {
  const apm = useRead(getApm, { query: { window } }, { every: everyMs })
  const [all, setAll] = useState(false)
  const { data } = apm
  const shown = all ? data?.actions : data?.actions.slice(0, fewest)
  return (
    <>
      <Panel
        title="Console API by action"
        label={data ? totalWords(data) : 'slowest first'}
        actions={<Segmented small label="Console API over" value={window} options={windows} onChange={onWindow} />}
      >
        {!apm.isPending && <QueryState query={apm} what="The console’s own figures" />}
        {data?.actions.length === 0 && <Blank title="Nothing was asked in this time">Figures come within ten seconds of a request.</Blank>}
        {(apm.isPending || (shown && shown.length > 0)) && (
          <table className="tbl stk" aria-busy={apm.isPending}>
            <thead>
              <tr>
                <th>Action</th>
                <th className="num">p50, ms</th>
                <th className="num">p95, ms</th>
                <th className="num">p99, ms</th>
                <th className="num">A minute</th>
                <th className="num">Requests</th>
                <th className="num">Refused</th>
                <th className="num">Failed</th>
              </tr>
            </thead>
            <tbody>
              {apm.isPending && <LoadingRows columns={8} />}
              {shown?.map((row) => (
                <ActionRow key={`${row.service} ${row.action}`} row={row} />
              ))}
            </tbody>
          </table>
        )}
        {data && data.actions.length > fewest && (
          <footer>
            <Button look="quiet" small aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? `Show the ${fewest} slowest` : `Show all ${data.actions.length} actions`}
            </Button>
          </footer>
        )}
      </Panel>
      {data && (
        <Panel title="Processes of the console" label="now">
          <ProcessTable processes={data.processes} />
        </Panel>
      )}
    </>
  )
}

/** `1,204 requests, 20 a minute, p95 41 ms`, and how much was measured where that is less than was asked for. */
function totalWords({ total, coveredSec, window }: Apm): string {
  const asked = { '5m': 300, '15m': 900, '1h': 3_600 }[window]
  const rate = `${total.requests.toLocaleString('en')} requests, ${numberText(total.perMinute)} a minute`
  const slow = total.p95Ms === null ? '' : `, p95 ${numberText(total.p95Ms)} ms`
  return `${rate}${slow}${coveredSec < asked - 20 ? `, measured for ${formatDuration(coveredSec * 1_000)}` : ''} · slowest first`
}

function ActionRow({ row }: { readonly row: Apm['actions'][number] }) {
  const { action, service, p50Ms, p95Ms, p99Ms, perMinute, requests, refused, failed } = row
  const time = (value: number | null) => (value === null ? <span className="c3">open</span> : numberText(value))
  return (
    <tr data-row>
      <td className="t1">
        <span className="mono">{action === 'none' ? 'no action' : action}</span> <span className="c3 small">{service}</span>
      </td>
      <td className="num" data-l="p50, ms">
        {time(p50Ms)}
      </td>
      <td className="num" data-l="p95, ms">
        {time(p95Ms)}
      </td>
      <td className="num" data-l="p99, ms">
        {time(p99Ms)}
      </td>
      <td className="num" data-l="A minute">
        {numberText(perMinute)}
      </td>
      <td className="num" data-l="Requests">
        {requests.toLocaleString('en')}
      </td>
      <td className="num" data-l="Refused">
        {refused}
      </td>
      <td className="num" data-l="Failed">
        {failed === 0 ? (
          0
        ) : (
          <span className="is-bad fg">
            <Glyph kind="bad" /> {failed}
          </span>
        )}
      </td>
    </tr>
  )
}

function ProcessTable({ processes }: { readonly processes: Apm['processes'] }) {
  return (
    <table className="tbl stk">
      <thead>
        <tr>
          <th>Process</th>
          <th className="num">Cores</th>
          <th className="num">Memory</th>
          <th className="num">Heap</th>
          <th className="num">Event loop late, p99 / most</th>
          <th className="num">Up</th>
        </tr>
      </thead>
      <tbody>
        {processes.map((one) =>
          'unknown' in one ? (
            <tr key={one.service}>
              <td className="t1 mono">{one.service}</td>
              <td colSpan={5} className="c3">
                unknown: {one.unknown}
              </td>
            </tr>
          ) : (
            <tr key={one.service}>
              <td className="t1 mono">{one.service}</td>
              <td className="num" data-l="Cores">
                {one.cores === null ? '–' : coresText(one.cores)}
              </td>
              <td className="num" data-l="Memory">
                {formatBytes(one.memoryBytes)}
              </td>
              <td className="num" data-l="Heap">
                {formatBytes(one.heapBytes)}
              </td>
              <td className="num" data-l="Event loop late">
                {one.lagMs === null ? '–' : `${numberText(one.lagMs.p99)} / ${numberText(one.lagMs.max)} ms`}
              </td>
              <td className="num" data-l="Up">
                {formatDuration(one.upSec * 1_000)}
              </td>
            </tr>
          ),
        )}
      </tbody>
    </table>
  )
}
