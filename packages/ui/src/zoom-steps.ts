export type Span = readonly [from: number, to: number]
export type ZoomStep = 'in' | 'out' | 'earlier' | 'later' | 'all'

const factor = 2
/** A step aside leaves a half in view, so that one sees what it followed on. */
const aside = 0.5

/**
 * Where a step leads, within all that there is; null is all of it. A step in stops at `least`, so that a line is left to be drawn.
 * @param centre what stays where it is in view: the moment under the cursor, or the middle
 */
export function zoomStep(
  step: ZoomStep,
  { all, now, centre, least }: { readonly all: Span; readonly now: Span; readonly centre: number; readonly least: number },
): Span | null {
  if (step === 'all') return null
  const [start, end] = all
  const span = now[1] - now[0]
  if (step === 'earlier' || step === 'later') {
    const way = (step === 'earlier' ? -1 : 1) * span * aside
    return within(all, now[0] + Math.max(start - now[0], Math.min(end - now[1], way)), span)
  }
  const wide = Math.max(step === 'in' ? span / factor : span * factor, Math.min(least, end - start))
  const share = span > 0 ? Math.min(1, Math.max(0, (centre - now[0]) / span)) : 0.5
  return within(all, Math.min(end - wide, Math.max(start, centre - share * wide)), wide)
}

function within([start, end]: Span, from: number, span: number): Span | null {
  return span >= end - start ? null : [from, from + span]
}
