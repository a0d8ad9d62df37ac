/** A line without axes; the figure beside it is the message. Gaps stay gaps. */
export function Sparkline({
  values,
  label,
  className = 'spark',
}: {
  readonly values: readonly (number | null)[]
  readonly label: string
  readonly className?: string
}) {
  const top = Math.max(1, ...values.map((value) => value ?? 0))
  const runs: string[][] = [[]]
  for (const [at, value] of values.entries()) {
    if (value === null) runs.push([])
    else runs.at(-1)?.push(`${((at / Math.max(1, values.length - 1)) * 100).toFixed(2)},${(96 - (value / top) * 92).toFixed(2)}`)
  }
  return (
    <svg className={className} viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={label}>
      {runs
        .filter((run) => run.length > 1)
        .map((run) => (
          <polyline key={run[0]} points={run.join(' ')} vectorEffect="non-scaling-stroke" />
        ))}
    </svg>
  )
}
