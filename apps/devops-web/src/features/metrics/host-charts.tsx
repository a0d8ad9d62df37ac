import type { ResultOf } from '@console/contracts/action'
import type { getMetrics } from '@console/contracts/system/actions'
import { formatBytes } from '@console/ui/format.ts'
import type { Range } from '../../lib/metric-words.ts'
import { ChartPanel } from './chart-panel.tsx'
import type { Happenings } from './use-happenings.ts'

const cpuLines = ['user', 'system', 'waiting', 'steal']
const memoryLines = ['used', 'cache', 'swap']
const networkLines = ['in', 'out']
const loadLines = ['1 min', '5 min', '15 min']
const consoleLines = ['p50', 'p95', 'p99']
const pressureLines = ['cpu', 'memory', 'io']

/** The charts of the host, and of the console on it. */
export function HostCharts({
  range,
  happenings,
  now,
}: {
  readonly range: Range
  readonly happenings: Happenings
  readonly now: ResultOf<typeof getMetrics> | undefined
}) {
  const cores = now && 'cores' in now.cpu ? now.cpu.cores : null
  const memory = now && 'totalBytes' in now.memory ? now.memory.totalBytes : null
  const shared = { range, happenings }
  return (
    <div className="cols c-2">
      <ChartPanel
        {...shared}
        wish={{
          title: 'CPU',
          series: 'cpu',
          unit: 'percent',
          label: cores === null ? '%' : `% of ${cores} cores`,
          first: cpuLines,
          top: 100,
        }}
      />
      <ChartPanel
        {...shared}
        wish={{
          title: 'Memory',
          series: 'memory',
          unit: 'bytes',
          ...(memory !== null && { label: `of ${formatBytes(memory)}` }),
          first: memoryLines,
          top: memory,
        }}
      />
      <ChartPanel {...shared} wish={{ title: 'Disk', series: 'disk', unit: 'percent', label: '% full', top: 100 }} />
      <ChartPanel {...shared} wish={{ title: 'Network', series: 'network', unit: 'bytes a second', first: networkLines }} />
      <ChartPanel {...shared} wish={{ title: 'Load', series: 'load', unit: 'number', label: 'runnable tasks', first: loadLines }} />
      <ChartPanel
        {...shared}
        wish={{ title: 'Console API latency', series: 'console', unit: 'number', label: 'ms', first: consoleLines }}
      />
      <ChartPanel
        {...shared}
        wish={{ title: 'Pressure', series: 'pressure', unit: 'percent', label: '% of time in which tasks waited', first: pressureLines }}
      />
      {now && 'items' in now.temperatures && (
        <ChartPanel {...shared} wish={{ title: 'Temperature', series: 'temperature', unit: 'number', label: '°C' }} />
      )}
    </div>
  )
}
