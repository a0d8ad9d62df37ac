import { UptimeBar } from './uptime-bar.tsx'

const marks = [
  ['up', 'up'],
  ['degraded', 'degraded, cut at the top'],
  ['down', 'outage, split'],
  ['none', 'no data'],
  ['maintenance', 'maintenance'],
] as const

/** What the marks of an uptime bar mean, between its first and its last day. */
export function UptimeLegend({ from }: { readonly from: string }) {
  return (
    <div className="row w between label axis grow">
      <span>{from}</span>
      <span className="row w gap3 not-s">
        {marks.map(([state, words]) => (
          <span className="row" key={state}>
            <span aria-hidden="true">
              <UptimeBar size="lg" days={[{ day: words, state }]} label={words} />
            </span>
            {words}
          </span>
        ))}
      </span>
      <span>today</span>
    </div>
  )
}
