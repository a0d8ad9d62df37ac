import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { getMetricHistory } from '@console/contracts/system/actions'
import { Button } from '@console/ui/button.tsx'
import { formatBytes } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Sparkline } from '@console/ui/sparkline.tsx'
import { Blank, LoadingRows } from '@console/ui/states.tsx'
import { coresText, type HistoryLine, type Range, rangeNames } from '../../lib/metric-words.ts'

const everyMs = 30_000
const listed = 10
const orders = [
  { value: 'cpu', label: 'CPU' },
  { value: 'memory', label: 'Memory' },
] as const
export type Order = (typeof orders)[number]['value']

const meanOf = ({ mean }: HistoryLine): number | null => {
  const known = mean.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

/** The containers that used most over the range; each opens its own charts. */
export function BusiestPanel({
  range,
  order,
  onOrder,
  onOpen,
}: {
  readonly range: Range
  readonly order: Order
  readonly onOrder: (order: Order) => void
  readonly onOpen: (container: string) => void
}) {
  const history = useRead(getMetricHistory, { query: { range, series: 'containers' } }, { every: everyMs })
  const span = rangeNames[range]
  const lineOf = (name: string, what: HistoryLine['what']): HistoryLine | undefined =>
    history.data?.lines.find((line) => line.name === name && line.what === what)
  const rows = [...new Set(history.data?.lines.map(({ name }) => name))]
    .map((name) => ({ name, cores: lineOf(name, 'cores'), memory: lineOf(name, 'memory') }))
    .map((row) => ({ ...row, meanCores: row.cores ? meanOf(row.cores) : null, meanMemory: row.memory ? meanOf(row.memory) : null }))
    .sort((a, b) => (order === 'cpu' ? (b.meanCores ?? -1) - (a.meanCores ?? -1) : (b.meanMemory ?? -1) - (a.meanMemory ?? -1)))
    .slice(0, listed)
  return (
    <Panel
      title="Busiest containers"
      label={`mean over ${span}${history.data && history.data.total > rows.length ? ` · ${rows.length} of ${history.data.total}` : ''}`}
      actions={<Segmented small label="Busiest by" value={order} options={orders} onChange={onOrder} />}
    >
      {!history.isPending && <QueryState query={history} what="Containers" />}
      {history.data && rows.length === 0 && (
        <Blank title="No container was measured in this range">Containers are measured from their cgroups while they run.</Blank>
      )}
      {(history.isPending || rows.length > 0) && (
        <table className="tbl stk" aria-busy={history.isPending}>
          <thead>
            <tr>
              <th>Container</th>
              <th>CPU, {span}</th>
              <th className="num">Cores</th>
              <th>Memory, {span}</th>
              <th className="num">Memory</th>
            </tr>
          </thead>
          <tbody>
            {history.isPending && <LoadingRows columns={5} />}
            {rows.map(({ name, cores, memory, meanCores, meanMemory }) => (
              <tr key={name} data-row>
                <td className="t1">
                  <Button look="quiet" small className="mono" onClick={() => onOpen(name)} aria-label={`Show charts of ${name}`}>
                    {name}
                  </Button>
                </td>
                <td data-l={`CPU, ${span}`}>
                  {cores && <Sparkline className="spark mini wide" values={cores.mean} label={`CPU of ${name}`} />}
                </td>
                <td className="num" data-l="Cores">
                  {meanCores === null ? <span className="c3">no data</span> : coresText(meanCores)}
                </td>
                <td data-l={`Memory, ${span}`}>
                  {memory && <Sparkline className="spark mini wide" values={memory.mean} label={`Memory of ${name}`} />}
                </td>
                <td className="num" data-l="Memory">
                  {meanMemory === null ? <span className="c3">no data</span> : formatBytes(meanMemory)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
