'use client'
import { useEffect, useEffectEvent, useRef } from 'react'
import uPlot from 'uplot'
import { type ChartLine, type ChartLook, chartOptions } from './draw-chart.ts'
import { showSpan, tellZoom, zoomOf } from './use-zoom.ts'

export type { ChartLine } from './draw-chart.ts'

/**
 * Up to four lines over one axis of time; gaps stay gaps. A drag zooms all charts of its group, a double click shows all again. Those who do not see it
 * read `label`, and the table that stands beside it.
 * @param at seconds since 1970, ascending, one a value
 */
export function TimeChart({
  at,
  lines,
  label,
  top = null,
  tick,
  group,
  marks = [],
  bands = [],
  onPoint,
}: {
  readonly at: readonly number[]
  readonly lines: readonly ChartLine[]
  readonly label: string
  readonly top?: number | null
  readonly tick: (value: number) => string
  readonly group: string
  readonly marks?: readonly number[]
  readonly bands?: readonly (readonly [number, number])[]
  readonly onPoint?: (index: number | null) => void
}) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const drawn = useRef<readonly ChartLine[]>([])
  const pointed = useEffectEvent((index: number | null) => onPoint?.(index))
  const events = useEffectEvent(() => ({ marks, bands }))
  const build = useEffectEvent((element: HTMLElement): uPlot => {
    const look: ChartLook = {
      lines,
      top,
      tick,
      group,
      events: () => events(),
      pointed: (index) => pointed(index),
      zoomed: (span) => ready && tellZoom(group, span),
    }
    drawn.current = lines
    const size = { width: Math.max(120, element.clientWidth), height: element.clientHeight }
    // A chart that is drawn anew, or comes later, joins what the others show; until then it shows all, which is no step of anybody.
    let ready = false
    const made = new uPlot(chartOptions(look, size), dataOf(at, lines), element)
    const span = zoomOf(group)
    if (span) showSpan(made, span)
    queueMicrotask(() => {
      ready = true
    })
    return made
  })
  const names = lines.map((line) => line.label).join('\n')

  useEffect(() => {
    const element = box.current
    if (!element) return
    const draw = (): void => {
      plot.current?.destroy()
      plot.current = build(element)
    }
    draw()
    const resized = new ResizeObserver(() => {
      if (plot.current && Math.abs(plot.current.width - element.clientWidth) > 1) draw()
    })
    resized.observe(element)
    // Colours are drawn, not styled: another theme is another drawing.
    const themed = new MutationObserver(draw)
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    return () => {
      resized.disconnect()
      themed.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
  }, [names, top])

  useEffect(() => {
    const chart = plot.current
    if (!chart || drawn.current === lines) return
    drawn.current = lines
    // What somebody zoomed into stays in view while new values come.
    const zoomed = zoomOf(group) !== null
    chart.setData(dataOf(at, lines), !zoomed)
    if (zoomed) chart.redraw()
  }, [at, lines, group])

  return <div className="tplot" ref={box} role="img" aria-label={label} />
}

function dataOf(at: readonly number[], lines: readonly ChartLine[]): uPlot.AlignedData {
  return [[...at], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData
}
