import uPlot from 'uplot'

export type ChartLine = { readonly label: string; readonly values: readonly (number | null)[] }
export type ChartLook = {
  readonly lines: readonly ChartLine[]
  /** The end of the axis, where it is known; else it follows the values. It always begins at zero. */
  readonly top: number | null
  /** What stands at the axis. */
  readonly tick: (value: number) => string
  /** Charts of one group share the cursor and the zoom. */
  readonly group: string
  /** Seconds since 1970: when something was deployed, and from when to when something was broken. */
  readonly events: () => { readonly marks: readonly number[]; readonly bands: readonly (readonly [number, number])[] }
  /** The moment under the cursor, as its place among all; null when it leaves. */
  readonly pointed: (index: number | null) => void
  /** What is in view of the time; null is all of it. */
  readonly zoomed: (span: readonly [number, number] | null) => void
}

/** Told apart by dash and by the label at the end, and by colour last. */
const dashes: readonly number[][] = [[], [6, 3], [2, 3], [1, 2]]
const colours = ['--s1', '--s2', '--s3', '--s4'] as const
const daySec = 86_400
const labelGap = 13
const narrowest = 300

/** What uPlot needs to draw it, in the colours that the tokens have now. */
export function chartOptions(look: ChartLook, { width, height }: { readonly width: number; readonly height: number }): uPlot.Options {
  const styles = getComputedStyle(document.documentElement)
  const token = (name: string): string => styles.getPropertyValue(name).trim()
  const colourOf = (line: number): string => token(colours[line % colours.length] ?? '--s1')
  const font = `11.5px ${token('--sans')}`
  const axis = { stroke: token('--text-3'), font, grid: { stroke: token('--grid'), width: 1 }, ticks: { show: false } }
  const longest = Math.max(...look.lines.map(({ label }) => label.length), 0)
  return {
    width,
    height,
    padding: [10, width < narrowest ? 8 : Math.min(110, 14 + longest * 6.6), 0, 0],
    legend: { show: false },
    tzDate: (sec) => uPlot.tzDate(new Date(sec * 1_000), 'Etc/UTC'),
    cursor: { y: false, sync: { key: look.group, scales: ['x', null] }, drag: { x: true, y: false }, points: { size: 6 } },
    scales: { x: { time: true }, y: { range: (_, __, max) => [0, look.top ?? roomAbove(max)] } },
    axes: [
      { ...axis, size: 26, space: 70, values: (plot, splits) => splits.map((sec) => timeTick(sec, plot)) },
      { ...axis, size: 46, space: 32, values: (_, splits) => splits.map(look.tick) },
    ],
    series: [
      {},
      ...look.lines.map(({ label }, at) => ({
        label,
        stroke: colourOf(at),
        width: 1.5,
        dash: dashes[at % dashes.length] ?? [],
        points: { show: false },
        spanGaps: false,
        ...(at === 0 && { fill: `color-mix(in oklch, ${colourOf(0)} 8%, transparent)` }),
      })),
    ],
    hooks: {
      drawClear: [(plot) => drawEvents(plot, look.events(), { mark: token('--live'), band: token('--bad-wash') })],
      draw: [(plot) => width >= narrowest && drawLabels(plot, look.lines, { colourOf, font })],
      setScale: [(plot, key) => key === 'x' && look.zoomed(spanInView(plot))],
      setCursor: [(plot) => look.pointed(plot.cursor.idx ?? null)],
    },
  }
}

function spanInView({ scales, data: [at] }: uPlot): readonly [number, number] | null {
  const { min, max } = scales.x ?? {}
  if (min == null || max == null) return null
  return min <= (at[0] ?? min) && max >= (at.at(-1) ?? max) ? null : [min, max]
}

function roomAbove(max: number | null): number {
  return max === null || !(max > 0) ? 1 : max * 1.1
}

function timeTick(sec: number, { scales }: uPlot): string {
  const iso = new Date(sec * 1_000).toISOString()
  const span = (scales.x?.max ?? 0) - (scales.x?.min ?? 0)
  return span > 2 * daySec ? iso.slice(5, 10) : iso.slice(11, 16)
}

type Events = ReturnType<ChartLook['events']>

/** Behind the lines: what was broken as bands, deploys as ticks at the foot. */
function drawEvents(plot: uPlot, { marks, bands }: Events, colour: { readonly mark: string; readonly band: string }): void {
  const { ctx, bbox } = plot
  const inside = (sec: number): number => Math.min(bbox.left + bbox.width, Math.max(bbox.left, plot.valToPos(sec, 'x', true)))
  ctx.save()
  ctx.fillStyle = colour.band
  for (const [from, to] of bands) ctx.fillRect(inside(from), bbox.top, inside(to) - inside(from), bbox.height)
  ctx.fillStyle = colour.mark
  const ratio = uPlot.pxRatio
  for (const mark of marks) {
    const x = plot.valToPos(mark, 'x', true)
    if (x >= bbox.left && x <= bbox.left + bbox.width) ctx.fillRect(x - ratio, bbox.top + bbox.height - 6 * ratio, 2 * ratio, 6 * ratio)
  }
  ctx.restore()
}

/** The name of each line where it ends, moved apart where two end at one height. */
function drawLabels(
  plot: uPlot,
  lines: readonly ChartLine[],
  { colourOf, font }: { readonly colourOf: (line: number) => string; readonly font: string },
): void {
  const { ctx, bbox } = plot
  const ratio = uPlot.pxRatio
  const ends = lines
    .map(({ label, values }, at) => ({ label, at, value: values.findLast((value) => value !== null) ?? null }))
    .flatMap(({ label, at, value }) => (value === null ? [] : [{ label, at, y: plot.valToPos(value, 'y', true) }]))
    .sort((a, b) => a.y - b.y)
  ctx.save()
  ctx.font = font.replace(/^[0-9.]+/, (size) => String(Number(size) * ratio))
  ctx.textAlign = 'left'
  ctx.textBaseline = 'middle'
  // From the bottom up, so that none is pushed out of the chart.
  let below = bbox.top + bbox.height + labelGap * ratio
  for (const { label, at, y } of ends.reverse()) {
    below = Math.min(y, below - labelGap * ratio)
    ctx.fillStyle = colourOf(at)
    ctx.fillText(label, bbox.left + bbox.width + 6 * ratio, below)
  }
  ctx.restore()
}
