import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { getMetricHistory } from '@console/contracts/system/actions'
import type { MetricSeries } from '@console/contracts/system/schemas'
import { Button } from '@console/ui/button.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { TimeChart } from '@console/ui/time-chart.tsx'
import { ChartLine as ChartIcon, Table2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import {
  chartLines,
  chartSentence,
  figureAt,
  type HistoryLine,
  momentText,
  numberText,
  type Range,
  shapeOf,
} from '../../lib/metric-words.ts'
import { SeriesTable } from './series-table.tsx'
import type { Happenings } from './use-happenings.ts'

type Wish = {
  readonly title: string
  readonly series: MetricSeries
  /** Of one container, and which of its lines. */
  readonly container?: string
  readonly what?: readonly HistoryLine['what'][]
  readonly unit: 'percent' | 'bytes' | 'bytes a second' | 'number'
  /** Beside the title; the unit itself where it is not given. */
  readonly label?: string
  readonly first?: readonly string[]
  /** In what was measured. */
  readonly top?: number | null
}
const freshMs = 10_000
const coarseMs = 60_000
const whatNames: Readonly<Record<HistoryLine['what'], string | null>> = {
  value: null,
  cores: 'cores',
  memory: 'memory',
  read: 'read',
  written: 'written',
}

/** One series over the range: as a chart, or as a table of the same numbers. */
export function ChartPanel({ wish, range, happenings }: { readonly wish: Wish; readonly range: Range; readonly happenings: Happenings }) {
  const { title, series, container, what, unit, first, top = null } = wish
  const query = { range, series, ...(container !== undefined && { container }) }
  const history = useRead(getMetricHistory, { query }, { every: range === '1h' ? freshMs : coarseMs })
  const [table, setTable] = useState(false)
  const [pointed, setPointed] = useState<number | null>(null)
  const { data } = history
  const shape = useMemo(() => {
    const lines = data?.lines.flatMap((line) =>
      what && !what.includes(line.what) ? [] : [{ ...line, name: whatNames[line.what] ?? line.name }],
    )
    return shapeOf(data && { ...data, lines: lines ?? [] }, unit, first ?? [])
  }, [data, unit, first, what])
  const lines = useMemo(() => chartLines(shape), [shape])
  const measured = shape.lines.some(({ mean }) => mean.some((value) => value !== null))
  const newest = data ? data.at.findLastIndex((_, index) => figureAt(shape, index) !== '') : -1
  const shown = pointed !== null && data?.at[pointed] !== undefined ? pointed : newest
  return (
    <Panel
      title={title}
      label={wish.label ?? shape.unit}
      actions={
        <>
          {data && shown >= 0 && !table && (
            <span className="small c2">
              {momentText(data.at[shown] ?? 0, range)} <b>{figureAt(shape, shown)}</b>
            </span>
          )}
          <Button
            look="quiet"
            small
            icon={table ? <ChartIcon className="ic s" aria-hidden="true" /> : <Table2 className="ic s" aria-hidden="true" />}
            aria-label={`Show ${title} as ${table ? 'chart' : 'table'}`}
            onClick={() => setTable(!table)}
          />
        </>
      }
    >
      <QueryState query={history} what={title} />
      {data && !measured && (
        <Blank kind="unknown" title="Nothing was measured in this range">
          The first figures come within a minute of the start.
        </Blank>
      )}
      {data && measured && table && <SeriesTable title={title} history={data} shape={shape} />}
      {data && measured && !table && (
        <div className="plotpad">
          <TimeChart
            at={data.at}
            lines={lines}
            label={chartSentence(title, range, shape)}
            top={top === null ? null : top / shape.size}
            tick={numberText}
            group="metrics"
            marks={happenings.marks}
            bands={happenings.bands}
            onPoint={setPointed}
          />
        </div>
      )}
    </Panel>
  )
}
