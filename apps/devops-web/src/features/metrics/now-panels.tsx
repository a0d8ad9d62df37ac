import type { ResultOf } from '@console/contracts/action'
import type { getMetrics } from '@console/contracts/system/actions'
import { formatBytes } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Glyph } from '@console/ui/status.tsx'
import type { ReactNode } from 'react'
import { numberText, percentText, shareOf } from '../../lib/metric-words.ts'

type Metrics = ResultOf<typeof getMetrics>
type Known<T> = Exclude<T, { unknown: string }>
const full = 90

/** What no chart shows: disks with their inodes, what leads out, and which processes use most. */
export function NowPanels({ metrics: { disks, network, processes, temperatures } }: { readonly metrics: Metrics }) {
  return (
    <div className="cols c-2">
      <div className="stack">
        <Panel title="File systems" label="now">
          {'unknown' in disks ? <Missing why={disks.unknown} /> : <DiskRows items={disks.items} />}
        </Panel>
        <Panel title="Interfaces" label={'left' in network && network.left > 0 ? `now · ${network.left} of containers left out` : 'now'}>
          {'unknown' in network ? <Missing why={network.unknown} /> : <InterfaceRows items={network.items} />}
        </Panel>
        <Panel title="Temperatures" label="now">
          {'unknown' in temperatures ? (
            <Missing why={temperatures.unknown} />
          ) : (
            <Table
              heads={['Sensor', '°C']}
              rows={temperatures.items.map(({ name, celsius }, at) => ({ key: `${at} ${name}`, cells: [name, numberText(celsius)] }))}
            />
          )}
        </Panel>
      </div>
      <Panel title="Processes" label={'count' in processes ? `busiest of ${processes.count}` : 'now'}>
        {'unknown' in processes ? <Missing why={processes.unknown} /> : <ProcessRows processes={processes} />}
      </Panel>
    </div>
  )
}

function DiskRows({ items }: { readonly items: Known<Metrics['disks']>['items'] }) {
  const rows = items.map((disk) => {
    if ('unknown' in disk) return { key: disk.unknown, cells: [<span className="c3">unknown: {disk.unknown}</span>, '–', '–', '–'] }
    const used = shareOf(disk.usedBytes, disk.usedBytes + disk.availableBytes)
    const inodes = shareOf(disk.inodesUsed, disk.inodes)
    return {
      key: disk.mount,
      cells: [
        <span className="mono">{disk.mount}</span>,
        <Share value={used} />,
        formatBytes(disk.availableBytes),
        disk.inodes === 0 ? '–' : <Share value={inodes} />,
      ],
    }
  })
  return <Table heads={['Mount', 'Full', 'Free', 'Inodes']} rows={rows} />
}

function Share({ value }: { readonly value: number }) {
  return value < full ? (
    percentText(value)
  ) : (
    <span className="is-warn fg">
      <Glyph kind="warn" /> {percentText(value)}
    </span>
  )
}

function ProcessRows({ processes: { busiest, largest } }: { readonly processes: Known<Metrics['processes']> }) {
  const seen = new Set(busiest.map(({ pid }) => pid))
  const all = [...busiest, ...largest.filter(({ pid }) => !seen.has(pid))].slice(0, 10)
  const rows = all.map(({ pid, name, user, cores, memoryBytes }) => ({
    key: String(pid),
    cells: [
      <>
        <span className="mono">{name}</span> <span className="c3">{pid}</span>
      </>,
      user,
      cores === null ? '–' : numberText(cores),
      formatBytes(memoryBytes),
    ],
  }))
  return <Table heads={['Process', 'User', 'Cores', 'Memory']} rows={rows} texts={2} />
}

function InterfaceRows({ items }: { readonly items: Known<Metrics['network']>['items'] }) {
  const rate = (value: number | null): string => (value === null ? '–' : `${formatBytes(Math.round(value))}/s`)
  const rows = items.map(({ name, receivedPerSec, sentPerSec, errors, dropped }) => ({
    key: name,
    cells: [<span className="mono">{name}</span>, rate(receivedPerSec), rate(sentPerSec), `${errors} / ${dropped}`],
  }))
  return <Table heads={['Interface', 'In', 'Out', 'Errors / dropped']} rows={rows} />
}

/** @param texts how many columns are words; the others are numbers */
function Table({
  heads,
  rows,
  texts = 1,
}: {
  readonly heads: readonly string[]
  readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[]
  readonly texts?: number
}) {
  return (
    <table className="tbl stk">
      <thead>
        <tr>
          {heads.map((head, at) => (
            <th key={head} className={at < texts ? '' : 'num'}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {cells.map((cell, at) => (
              <td key={heads[at]} className={at === 0 ? 't1' : at < texts ? '' : 'num'} data-l={at === 0 ? undefined : heads[at]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Missing({ why }: { readonly why: string }) {
  return (
    <p className="pad row is-void">
      <span className="fg">
        <Glyph kind="unknown" />
      </span>
      unknown: {why}
    </p>
  )
}
