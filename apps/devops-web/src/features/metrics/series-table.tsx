import { formatInstant } from '@console/ui/format.ts'
import { type History, numberText, type Shape } from '../../lib/metric-words.ts'

/** The numbers of a chart, the newest first: the mean of each step, and its highest where that is another. */
export function SeriesTable({ title, history, shape }: { readonly title: string; readonly history: History; readonly shape: Shape }) {
  const rows = history.at.map((sec, index) => ({ sec, index })).filter(({ index }) => shape.lines.some(({ mean }) => mean[index] !== null))
  return (
    <div className="scrollbox" tabIndex={0} role="region" aria-label={`${title} as a table`}>
      <table className="tbl tight">
        <thead>
          <tr>
            <th>From</th>
            {shape.lines.map(({ name }) => (
              <th key={name} className="num">
                {name}
                {shape.unit && `, ${shape.unit}`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.toReversed().map(({ sec, index }) => (
            <tr key={sec}>
              <td className="mono nowrap">{formatInstant(new Date(sec * 1_000).toISOString())}</td>
              {shape.lines.map(({ name, mean, max }) => (
                <td key={name} className="num">
                  <Value mean={mean[index] ?? null} max={max[index] ?? null} size={shape.size} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Value({ mean, max, size }: { readonly mean: number | null; readonly max: number | null; readonly size: number }) {
  if (mean === null) return <span className="c3">no data</span>
  const [shown, top] = [numberText(mean / size), numberText((max ?? mean) / size)]
  return (
    <>
      {shown}
      {top !== shown && <span className="c3"> to {top}</span>}
    </>
  )
}
