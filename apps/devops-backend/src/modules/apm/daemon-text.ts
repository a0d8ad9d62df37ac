import type { SelfFigures } from '@console/contracts/apm/schemas'

/**
 * What a daemon says of its process, in the text format of Prometheus, under the names that the services have from prom-client:
 * https://prometheus.io/docs/instrumenting/exposition_formats/. A daemon has no outside dependency, and so does not write it itself.
 */
export function daemonText(service: string, { startedAtMs, process: used }: SelfFigures): string {
  const { cpuSec, memoryBytes, heapBytes, lagMs } = used
  const family = (name: string, type: 'gauge' | 'counter', help: string, value: number): string =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name}{service="${service}"} ${value}\n`
  return [
    family('process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent in seconds.', cpuSec),
    family(
      'process_start_time_seconds',
      'gauge',
      'Start time of the process since unix epoch in seconds.',
      Math.round(startedAtMs / 1_000),
    ),
    family('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', memoryBytes),
    family('nodejs_heap_size_used_bytes', 'gauge', 'Process heap size used from Node.js in bytes.', heapBytes),
    ...(lagMs
      ? [family('nodejs_eventloop_lag_p99_seconds', 'gauge', 'The 99th percentile of the recorded event loop delays.', lagMs.p99 / 1_000)]
      : []),
  ].join('\n')
}
