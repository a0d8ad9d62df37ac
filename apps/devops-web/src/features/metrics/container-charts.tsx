import { Button } from '@console/ui/button.tsx'
import { useEffect, useRef } from 'react'
import type { Range } from '../../lib/metric-words.ts'
import { ChartPanel } from './chart-panel.tsx'
import type { Happenings } from './use-happenings.ts'

const cores = ['cores'] as const
const memory = ['memory'] as const
const blocks = ['read', 'written'] as const

/** CPU, memory and disk of one container over the range. */
export function ContainerCharts({
  container,
  range,
  happenings,
  close,
}: {
  readonly container: string
  readonly range: Range
  readonly happenings: Happenings
  readonly close: () => void
}) {
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => head.current?.focus(), [container])
  const shared = { range, happenings }
  const of = { series: 'containers', container } as const
  return (
    <section className="stack" aria-label={`Charts of ${container}`}>
      <div className="row">
        <h2 ref={head} tabIndex={-1} className="mono">
          {container}
        </h2>
        <span className="push">
          <Button look="quiet" small onClick={close}>
            Close charts of this container
          </Button>
        </span>
      </div>
      <div className="cols c-3">
        <ChartPanel {...shared} wish={{ ...of, title: 'Cores used', what: cores, unit: 'number', label: 'cores' }} />
        <ChartPanel {...shared} wish={{ ...of, title: 'Memory used', what: memory, unit: 'bytes' }} />
        <ChartPanel {...shared} wish={{ ...of, title: 'Disk traffic', what: blocks, unit: 'bytes a second' }} />
      </div>
    </section>
  )
}
