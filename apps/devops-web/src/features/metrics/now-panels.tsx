import type { ResultOf } from '@console/contracts/action'
import type { getMetrics } from '@console/contracts/system/actions'
import { formatBytes } from '@console/ui/format.ts'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Glyph } from '@console/ui/status.tsx'
import type { ReactNode } from 'react'
import { percentText, shareOf } from './metric-words.ts'

type Metrics = ResultOf<typeof getMetrics>

/** The newest figures, and why one is missing. */
export function NowPanels({ metrics: { cpu, memory, disks, load, pressure } }: { readonly metrics: Metrics }) {
  return (
    <div className="cols c-2">
      <Panel title="CPU" label={'cores' in cpu ? `% of ${cpu.cores} cores` : undefined}>
        {'unknown' in cpu ? (
          <Missing why={cpu.unknown} />
        ) : (
          <>
            <p className="figure pad">{percentText(cpu.busy)}</p>
            <Facts
              boxed
              items={[
                ['user', percentText(cpu.user)],
                ['system', percentText(cpu.system)],
                ['waiting for disks', percentText(cpu.iowait)],
                ['steal', percentText(cpu.steal)],
              ]}
            />
          </>
        )}
      </Panel>
      <Panel title="Memory" label={'totalBytes' in memory ? `of ${formatBytes(memory.totalBytes)}` : undefined}>
        {'unknown' in memory ? (
          <Missing why={memory.unknown} />
        ) : (
          <>
            <p className="figure pad">{formatBytes(memory.usedBytes)}</p>
            <Facts
              boxed
              items={[
                ['available', formatBytes(memory.availableBytes)],
                ['cache', formatBytes(memory.cacheBytes)],
                [
                  'swap',
                  memory.swapTotalBytes === 0 ? 'none' : `${formatBytes(memory.swapUsedBytes)} of ${formatBytes(memory.swapTotalBytes)}`,
                ],
              ]}
            />
          </>
        )}
      </Panel>
      <Panel title="Disk" label="% full">
        {'unknown' in disks ? (
          <Missing why={disks.unknown} />
        ) : (
          <Facts
            boxed
            items={disks.items.map((disk): readonly [string, ReactNode] =>
              'unknown' in disk
                ? [disk.unknown, 'unknown']
                : [
                    disk.mount,
                    `${percentText(shareOf(disk.usedBytes, disk.usedBytes + disk.availableBytes))}, ${formatBytes(disk.availableBytes)} free, ${percentText(shareOf(disk.inodesUsed, disk.inodes))} of inodes`,
                  ],
            )}
          />
        )}
      </Panel>
      <Panel title="Load" label="runnable tasks">
        {'unknown' in load ? (
          <Missing why={load.unknown} />
        ) : (
          <Facts
            boxed
            items={[
              ['1 min', load.one.toFixed(2)],
              ['5 min', load.five.toFixed(2)],
              ['15 min', load.fifteen.toFixed(2)],
              ['stalled, 10 s', stalled(pressure)],
            ]}
          />
        )}
      </Panel>
    </div>
  )
}

function stalled(pressure: Metrics['pressure']): string {
  const words = (['cpu', 'memory', 'io'] as const).flatMap((what) => {
    const one = pressure[what]
    return 'unknown' in one ? [] : [`${what} ${percentText(one.some.avg10)}`]
  })
  return words.length === 0 ? 'this kernel measures no pressure' : words.join(', ')
}

function Missing({ why }: { readonly why: string }) {
  return (
    <p className="pad is-void">
      <span className="fg">
        <Glyph kind="unknown" />
      </span>{' '}
      unknown: {why}
    </p>
  )
}
