import { DaemonError } from '@console/verb-kit/problem'
import { containerGone, goneStatuses } from '../engine.ts'
import type { Model } from '../model.ts'
import { integer, list, object } from '../projection.ts'

type Sample = { readonly totalNs: number; readonly systemNs: number; readonly at: number }
const last = new Map<string, Sample>()
const mostSamples = 500

/** One measurement of one container: numbers only. The share of CPU needs two, so the first answers null. */
export async function measure(model: Model, ref: string): Promise<object> {
  const { container } = await model.inspected(ref)
  if (container.state !== 'running')
    throw new DaemonError('DOCKER_CONTAINER_STATE', 409, `${container.name} is ${container.state}, so there is nothing to measure.`)
  const path = `${model.prefix()}/containers/${container.id}/stats?stream=false&one-shot=true`
  const accept = [200, ...goneStatuses]
  const { status, body } = await model.engine.json({ method: 'GET', path, mostBytes: 262_144, timeoutMs: 4_000, accept })
  if (status !== 200) throw containerGone()
  const raw = object(body)
  const cpu = object(raw.cpu_stats)
  const memory = object(raw.memory_stats)
  const onlineCpus = integer(cpu.online_cpus) ?? 1
  const sample = { totalNs: number(object(cpu.cpu_usage).total_usage), systemNs: number(cpu.system_cpu_usage), at: Date.now() }
  const before = last.get(container.id)
  last.delete(container.id)
  last.set(container.id, sample)
  const [oldest] = last.keys()
  if (last.size > mostSamples && oldest !== undefined) last.delete(oldest)
  const limit = number(memory.limit)
  const networks = Object.values(object(raw.networks)).map(object)
  const blocks = list(object(raw.blkio_stats).io_service_bytes_recursive).map(object)
  const blockSum = (op: string): number =>
    blocks.filter((block) => String(block.op).toLowerCase() === op).reduce((sum, block) => sum + number(block.value), 0)
  return {
    readAt: new Date().toISOString(),
    cpuPercent:
      before && sample.systemNs > before.systemNs
        ? Math.max(0, ((sample.totalNs - before.totalNs) / (sample.systemNs - before.systemNs)) * onlineCpus * 100)
        : null,
    onlineCpus,
    memoryUsedBytes: Math.max(
      0,
      number(memory.usage) - number(object(memory.stats).inactive_file ?? object(memory.stats).total_inactive_file),
    ),
    memoryLimitBytes: limit > 0 && limit < 2 ** 60 ? limit : null,
    networkRxBytes: networks.reduce((sum, network) => sum + number(network.rx_bytes), 0),
    networkTxBytes: networks.reduce((sum, network) => sum + number(network.tx_bytes), 0),
    blockReadBytes: blockSum('read'),
    blockWriteBytes: blockSum('write'),
    pids: integer(object(raw.pids_stats).current) ?? 0,
  }
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}
