const marks: Record<string, { className: string; top: number }> = {
  up: { className: 'k-ok', top: 0 },
  degraded: { className: 'k-warn', top: 7 },
  down: { className: 'k-bad', top: 0 },
  maintenance: { className: 'k-rest', top: 5 },
  unknown: { className: 'k-void', top: 1 },
  none: { className: 'k-void', top: 1 },
}

/** One mark a day, oldest first. Degraded is cut at the top, an outage is split; a day without measurements is dashed, never drawn as up or down. */
export function UptimeBar({
  days,
  label,
  size = 'mini',
}: {
  readonly days: readonly { readonly day: string; readonly state: string }[]
  readonly label: string
  readonly size?: 'mini' | 'tall' | 'lg'
}) {
  const width = 6
  return (
    <svg className={`ticks ${size}`} viewBox={`0 0 ${days.length * width} 22`} preserveAspectRatio="none" role="img" aria-label={label}>
      {days.map(({ day, state }, at) => {
        const mark = marks[state] ?? { className: 'k-void', top: 1 }
        if (state === 'down')
          return (
            <g key={day} className={mark.className}>
              <title>{`${day}: down`}</title>
              <rect x={at * width + 0.5} width={width - 2} height={9} />
              <rect x={at * width + 0.5} y={13} width={width - 2} height={9} />
            </g>
          )
        return (
          <rect
            key={day}
            className={mark.className}
            x={at * width + 0.5}
            y={mark.top}
            width={width - 2}
            height={22 - mark.top * (state === 'degraded' ? 1 : 2)}
          >
            <title>{`${day}: ${state === 'none' ? 'no data' : state}`}</title>
          </rect>
        )
      })}
    </svg>
  )
}
