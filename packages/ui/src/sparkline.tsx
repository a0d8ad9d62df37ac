/** A line without axes; the figure beside it is the message. Gaps stay gaps. `mark` is a level that is drawn across, dashed. */
export function Sparkline({
  values,
  label,
  className = 'spark',
  mark,
}: {
  readonly values: readonly (number | null)[]
  readonly label: string
  readonly className?: string
  readonly mark?: number
}) {
  const top = Math.max(1, (mark ?? 0) * 1.2, ...values.map((value) => value ?? 0))
  const heightOf = (value: number): string => (96 - (value / top) * 92).toFixed(2)
  const runs: string[][] = [[]]
  for (const [at, value] of values.entries()) {
    if (value === null) runs.push([])
    else runs.at(-1)?.push(`${((at / Math.max(1, values.length - 1)) * 100).toFixed(2)},${heightOf(value)}`)
  }
  return (
    <svg className={className} viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={label}>
      {mark !== undefined && (
        <polyline className="mk" points={`0,${heightOf(mark)} 100,${heightOf(mark)}`} vectorEffect="non-scaling-stroke" />
      )}
      {runs
        .filter((run) => run.length > 1)
        .map((run) => (
          <polyline key={run[0]} points={run.join(' ')} vectorEffect="non-scaling-stroke" />
        ))}
    </svg>
  )
}
