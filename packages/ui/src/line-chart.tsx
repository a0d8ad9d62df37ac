import { formatClock } from './format.ts'

export type ChartPoint = { readonly at: string; readonly value: number | null; readonly bad?: boolean }
export type ChartMark = { readonly at: string; readonly label: string }

/**
 * One measured value over time: from zero, gaps stay gaps, spans in which it was bad as a band, events as dashed lines with their name.
 * @param stepMs the distance of two points; a larger one is a gap
 */
export function LineChart({
  points,
  marks = [],
  stepMs,
  unit,
  label,
}: {
  readonly points: readonly ChartPoint[]
  readonly marks?: readonly ChartMark[]
  readonly stepMs: number
  readonly unit: (value: number) => string
  readonly label: string
}) {
  const from = Date.parse(points[0]?.at ?? '')
  const to = Date.parse(points.at(-1)?.at ?? '')
  if (!(to > from)) return null
  const top = niceTop(Math.max(...points.map(({ value }) => value ?? 0), 1))
  const x = (iso: string): number => ((Date.parse(iso) - from) / (to - from)) * 100
  const y = (value: number): number => 100 - (value / top) * 100
  const times = [0, 1, 2, 3, 4].map((part) => new Date(from + ((to - from) * part) / 4).toISOString())
  return (
    <div className="chart" role="img" aria-label={label}>
      <div className="chart-y" aria-hidden="true">
        <span>{unit(top)}</span>
        <span>{unit(top / 2)}</span>
        <span>0</span>
      </div>
      <svg className="chart-plot" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
        {[0, 50, 100].map((at) => (
          <line key={at} className="g" x1="0" x2="100" y1={at} y2={at} vectorEffect="non-scaling-stroke" />
        ))}
        {spans(points, stepMs).map(([start, end]) => (
          <rect key={start} className="bad" x={x(start)} width={Math.max(0.6, x(end) - x(start))} y="0" height="100" />
        ))}
        {marks
          .filter(({ at }) => x(at) >= 0 && x(at) <= 100)
          .map(({ at, label: name }) => (
            <line key={name} className="m" x1={x(at)} x2={x(at)} y1="0" y2="100" vectorEffect="non-scaling-stroke">
              <title>{name}</title>
            </line>
          ))}
        {lines(points, stepMs).map((line) => (
          <polyline
            key={line[0]?.at}
            points={line.map(({ at, value }) => `${x(at).toFixed(2)},${y(value ?? 0).toFixed(2)}`).join(' ')}
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <div className="chart-x" aria-hidden="true">
        {times.map((at) => (
          <span key={at}>{formatClock(at, false).slice(0, 5)}</span>
        ))}
      </div>
    </div>
  )
}

/** 1, 2 or 5 times a power of ten, at or above the value. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power
}

/** Runs of points without a hole between them. */
function lines(points: readonly ChartPoint[], stepMs: number): ChartPoint[][] {
  const all: ChartPoint[][] = []
  let last: string | null = null
  for (const point of points) {
    const joins = last !== null && Date.parse(point.at) - Date.parse(last) <= stepMs * 1.5
    if (point.value === null) last = null
    else {
      if (joins) all.at(-1)?.push(point)
      else all.push([point])
      last = point.at
    }
  }
  return all.filter((line) => line.length > 1)
}

/** From the first to the last of neighbouring bad points. */
function spans(points: readonly ChartPoint[], stepMs: number): [string, string][] {
  const all: [string, string][] = []
  let open = false
  for (const { at, bad = false } of points) {
    const last = all.at(-1)
    if (bad && open && last && Date.parse(at) - Date.parse(last[1]) <= stepMs * 1.5) last[1] = at
    else if (bad) all.push([at, at])
    open = bad
  }
  return all
}
