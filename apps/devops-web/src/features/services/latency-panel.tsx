'use client'
import type { ResultOf } from '@console/contracts/action'
import type { Run } from '@console/contracts/deployments/schemas'
import type { getHealthHistory } from '@console/contracts/health/actions'
import { Button } from '@console/ui/button.tsx'
import { formatClock, formatLatency } from '@console/ui/format.ts'
import { LineChart } from '@console/ui/line-chart.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Table2 } from 'lucide-react'
import { useState } from 'react'

type History = ResultOf<typeof getHealthHistory>

/** p95 latency of the last 24 hours with the deploys below it and what was down behind it; the same as a table. */
export function LatencyPanel({ history, runs }: { readonly history: History; readonly runs: readonly Run[] }) {
  const [table, setTable] = useState(false)
  const measured = history.points.filter(({ p95Ms }) => p95Ms !== null)
  if (measured.length < 2) return null
  const marks = runs.flatMap(({ endedAt, number }) => (endedAt ? [{ at: endedAt, label: `deploy #${number}` }] : []))
  return (
    <Panel
      title="Latency p95, 24 h"
      label={`now ${history.health.latencyP95Ms === null ? 'no data' : formatLatency(history.health.latencyP95Ms)}`}
      actions={
        <Button
          look="quiet"
          small
          icon={<Table2 className="ic s" aria-hidden="true" />}
          aria-pressed={table}
          onClick={() => setTable(!table)}
        >
          {table ? 'Show as chart' : 'Show as table'}
        </Button>
      }
    >
      {table ? (
        <div className="scrollbox" tabIndex={0} role="region" aria-label="Latency as a table">
          <table className="tbl tight">
            <thead>
              <tr>
                <th>From, UTC</th>
                <th>State</th>
                <th className="num">p50</th>
                <th className="num">p95</th>
              </tr>
            </thead>
            <tbody>
              {history.points.toReversed().map(({ at, state, p50Ms, p95Ms }) => (
                <tr key={at}>
                  <td className="mono">{formatClock(at, false)}</td>
                  <td>{state}</td>
                  <td className="num">{p50Ms === null ? 'no data' : formatLatency(p50Ms)}</td>
                  <td className="num">{p95Ms === null ? 'no data' : formatLatency(p95Ms)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div className="pad">
          <LineChart
            points={history.points.map(({ at, p95Ms, state }) => ({ at, value: p95Ms, bad: state === 'down' }))}
            marks={marks}
            stepMs={history.bucketSec * 1_000}
            unit={formatLatency}
            label={`p95 latency over 24 hours; highest ${formatLatency(Math.max(...measured.map(({ p95Ms }) => p95Ms ?? 0)))}`}
          />
        </div>
      )}
    </Panel>
  )
}
