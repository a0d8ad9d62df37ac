import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import type { ResultOf } from '@console/contracts/action'
import { getMetricHistory, getMetrics } from '@console/contracts/system/actions'
import type { MetricSeries } from '@console/contracts/system/schemas'
import { Panel } from '@console/ui/panel.tsx'
import { Sparkline } from '@console/ui/sparkline.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { fullestDisk, isFull, numberText } from '../../lib/metric-words.ts'
import { paths } from '../../lib/paths.ts'

type Metrics = ResultOf<typeof getMetrics>
type Vital = {
  readonly title: string
  readonly series: MetricSeries
  /** Which lines of the series make its sum. */
  readonly lines: readonly string[]
  readonly value: number | null
  readonly unit: string
  readonly warns?: boolean
}
const gib = 1_024 ** 3
const mib = 1_024 ** 2

/** How the host does, with its last hour. */
export function HostVitals({ name }: { readonly name: string | undefined }) {
  const metrics = useRead(getMetrics, {}, { every: 10_000 })
  const { data } = metrics
  return (
    <Panel
      title={name ?? 'Host'}
      label={
        data?.freshness === 'stale' ? (
          <>
            was so <Ago at={data.asOf} />
          </>
        ) : (
          'last hour'
        )
      }
      actions={
        <Link className="link small" href={paths.metrics}>
          Metrics
        </Link>
      }
    >
      <QueryState query={metrics} what="Metrics" />
      {data && vitalsOf(data).map((vital) => <VitalRow key={vital.title} vital={vital} />)}
    </Panel>
  )
}

function VitalRow({ vital: { title, series, lines, value, unit, warns = false } }: { readonly vital: Vital }) {
  const history = useRead(getMetricHistory, { query: { range: '1h', series } }, { every: 60_000 })
  const wanted = history.data?.lines.filter(({ name }) => lines.includes(name)) ?? []
  const values = (history.data?.at ?? []).map((_, at) => sumOf(wanted.map(({ mean }) => mean[at] ?? null)))
  return (
    <div className={`vit ${warns ? 'is-warn' : ''}`}>
      <span className="c2 cut">{title}</span>
      <Sparkline values={values} label={`${title}, last hour`} />
      <span className="v">
        {value === null ? <span className="c3">unknown</span> : <b className={warns ? 'fg' : ''}>{numberText(value)}</b>}{' '}
        {value !== null && <span className="small c3">{unit}</span>}
      </span>
    </div>
  )
}

function vitalsOf({ cpu, memory, disks, load, network }: Metrics): Vital[] {
  const disk = fullestDisk(disks)
  const traffic = 'unknown' in network ? null : sumOf([network.receivedPerSec, network.sentPerSec])
  return [
    {
      title: 'CPU',
      series: 'cpu',
      lines: ['user', 'system', 'steal'],
      value: 'unknown' in cpu ? null : cpu.busy,
      unit: 'unknown' in cpu ? '%' : `% of ${cpu.cores}`,
    },
    { title: 'Memory', series: 'memory', lines: ['used'], value: 'unknown' in memory ? null : memory.usedBytes / gib, unit: 'GiB' },
    {
      title: `Disk ${disk?.mount ?? ''}`,
      series: 'disk',
      lines: [disk?.mount ?? ''],
      value: disk?.percent ?? null,
      unit: '% full',
      warns: isFull(disk),
    },
    { title: 'Load 1 m', series: 'load', lines: ['1 min'], value: 'unknown' in load ? null : load.one, unit: '' },
    { title: 'Network', series: 'network', lines: ['in', 'out'], value: traffic === null ? null : traffic / mib, unit: 'MiB/s' },
  ]
}

/** Null where nothing is known. */
function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}
