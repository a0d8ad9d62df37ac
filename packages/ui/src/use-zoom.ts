'use client'
import { useEffect, useSyncExternalStore } from 'react'
import uPlot from 'uplot'
import { singleKeysOn } from './single-keys.ts'
import { type Span, type ZoomStep, zoomStep } from './zoom-steps.ts'

/** Fewer measured moments than this make no line worth looking at. */
const leastSteps = 6
const keys: Readonly<Record<string, ZoomStep>> = { '+': 'in', '=': 'in', '-': 'out', '[': 'earlier', ']': 'later', '0': 'all' }

const inView = new Map<string, Span | null>()
const listeners = new Set<() => void>()

/** What all charts of a group show of their time; null is all of it. Kept here, since a drag, a key and a button all change it. */
export function tellZoom(group: string, span: Span | null): void {
  const before = inView.get(group) ?? null
  if (before === span || (before && span && before[0] === span[0] && before[1] === span[1])) return
  inView.set(group, span)
  for (const listener of listeners) listener()
}

export function zoomOf(group: string): Span | null {
  return inView.get(group) ?? null
}

/**
 * The zoom of a group of charts, and a step of it; the same by single keys outside fields and dialogs.
 * @param of what the charts show: of something else all is shown again
 */
export function useZoom(group: string, of: string): { readonly span: Span | null; readonly step: (step: ZoomStep) => void } {
  const span = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => zoomOf(group),
    () => null,
  )
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const step = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined
      if (!step || event.ctrlKey || event.metaKey || event.altKey || !singleKeysOn() || isTaken(event)) return
      event.preventDefault()
      zoomCharts(group, step)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [group])
  useEffect(() => () => tellZoom(group, null), [group, of])
  return { span, step: (step) => zoomCharts(group, step) }
}

function zoomCharts(group: string, step: ZoomStep): void {
  const { plots } = uPlot.sync(group)
  const [first] = plots
  const at = first?.data[0] ?? []
  const [start, end] = [at[0], at.at(-1)]
  if (!first || start === undefined || end === undefined || start === end) return
  const now = zoomOf(group) ?? ([start, end] as const)
  const pointed = plots
    .map(({ cursor, data }) => (cursor.idx == null ? undefined : data[0][cursor.idx]))
    .find((moment) => moment !== undefined)
  const least = ((end - start) / (at.length - 1)) * leastSteps
  const next = zoomStep(step, { all: [start, end], now, centre: pointed ?? (now[0] + now[1]) / 2, least })
  for (const plot of plots) showSpan(plot, next)
}

/** Shows a part of a chart's time, or all of it. */
export function showSpan(plot: uPlot, span: Span | null): void {
  const at = plot.data[0]
  const [min, max] = span ?? [at[0] ?? 0, at.at(-1) ?? 0]
  plot.setScale('x', { min, max })
}

/** In a field a letter is text, and in a dialog or a menu it belongs to that. */
function isTaken({ target }: KeyboardEvent): boolean {
  const inField = target instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable)
  return inField || document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null
}
