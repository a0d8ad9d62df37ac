'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { getContainer, getContainerStats } from '@console/contracts/docker/actions'
import type { Container, ContainerStats, ContainerDetail as Detail } from '@console/contracts/docker/schemas'
import { formatBytes, formatInstant } from '@console/ui/format.ts'
import { Facts } from '@console/ui/panel.tsx'
import { coresText } from '../../lib/metric-words.ts'
import type { Use } from './use-live-use.ts'

const measureMs = 5_000
type Item = Parameters<typeof Facts>[0]['items'][number]

/** What a container is made of and what it takes; read and measured only while its row is open. */
export function ContainerDetail({
  container,
  use,
  columns,
}: {
  readonly container: Container
  readonly use: Use | undefined
  readonly columns: number
}) {
  const params = { name: container.id }
  const detail = useRead(getContainer, { params })
  const stats = useRead(getContainerStats, { params }, { every: measureMs, enabled: container.state === 'running' })
  return (
    <tr className="open">
      <td colSpan={columns}>
        <QueryState query={detail} what="Details" />
        {detail.data && (
          <div className="detail">
            <Facts items={madeOf(container, detail.data.container)} />
            <Facts items={[...takes(container, use, stats.data, stats.error?.message), ...limits(detail.data.container)]} />
          </div>
        )}
      </td>
    </tr>
  )
}

function madeOf(container: Container, detail: Detail): Item[] {
  const mounts = container.mounts.map(({ destination, writable }) => `${destination}${writable ? '' : ' (read only)'}`)
  return [
    ['Id', mono(container.id.slice(0, 12))],
    ['Image', mono(container.image)],
    ['Project', container.project ?? 'none'],
    ['Made', formatInstant(container.createdAt)],
    ['User', mono(detail.user || 'root')],
    ['Networks', mono(container.networks.join(', ') || detail.networkMode)],
    ['Mounts', mono(mounts.join(', ') || 'none')],
  ]
}

function takes(container: Container, use: Use | undefined, stats: ContainerStats | undefined, trouble: string | undefined): Item[] {
  if (container.state !== 'running') return [['Takes', 'nothing while it does not run']]
  const missing = trouble ?? 'measuring'
  const bound = use?.memoryLimitBytes == null ? '' : ` of ${formatBytes(use.memoryLimitBytes)}`
  return [
    ['Processor', use?.cores == null ? 'no data' : `${coresText(use.cores)} cores`],
    ['Memory', use?.memoryBytes == null ? 'no data' : `${formatBytes(use.memoryBytes)}${bound}`],
    ['Network', stats ? `${formatBytes(stats.networkRxBytes)} in, ${formatBytes(stats.networkTxBytes)} out` : missing],
    ['Processes', stats ? String(stats.pids) : missing],
  ]
}

function limits({ restartPolicy, memoryLimitBytes, privileged, readonlyRootfs, failingStreak }: Detail): Item[] {
  const rights = [privileged ? 'privileged' : 'not privileged', readonlyRootfs ? 'root file system read only' : 'root file system writable']
  return [
    ['Memory limit', memoryLimitBytes === null ? 'none' : formatBytes(memoryLimitBytes)],
    ['Restarts', restartPolicy.name || 'never by itself'],
    ['Rights', rights.join(', ')],
    failingStreak > 0 ? ['Health', `${failingStreak} checks failed in a row`] : null,
  ]
}

const mono = (text: string) => <span className="mono small">{text}</span>
