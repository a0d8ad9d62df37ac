import type { LogEvent } from './clients/docker-proxy.ts'

/** Up to where a reader has the log of one container: the time of its last line, and how many lines of that time it has. */
export type LogPlace = { readonly ms: number; readonly count: number }

/** Places of several containers, in the order in which they were asked for; null for one of which nothing was read. */
export function cursorOf(places: readonly (LogPlace | null)[]): string {
  return places.map((place) => (place ? `${place.ms.toString(36)}.${place.count.toString(36)}` : '-')).join('_')
}

/** The places of a cursor, one a container; all null where it is none of ours for so many. */
export function placesIn(cursor: string | undefined, containers: number): (LogPlace | null)[] {
  const parts = (cursor ?? '').split('_').map((part) => /^(-|([0-9a-z]{1,9})\.([0-9a-z]{1,6}))$/.exec(part))
  if (parts.length !== containers || parts.includes(null)) return Array(containers).fill(null)
  return parts.map((part) => {
    const [, , ms, count] = part ?? []
    return ms && count ? { ms: Number.parseInt(ms, 36), count: Number.parseInt(count, 36) } : null
  })
}

/** The place after one more line. Lines of one container come in the order of their times, but for a clock that was set back. */
export function placeAfter(before: LogPlace | null, at: string): LogPlace {
  const ms = Date.parse(at)
  if (before && ms < before.ms) return before
  return before?.ms === ms ? { ms, count: before.count + 1 } : { ms, count: 1 }
}

/** The same for lines that came together: each time is read once, however many lines are of it. */
export function placeAfterAll(before: LogPlace | null, lines: readonly { readonly at: string }[]): LogPlace | null {
  let place = before
  for (let from = 0; from < lines.length; ) {
    const at = lines[from]?.at ?? ''
    let to = from + 1
    while (to < lines.length && lines[to]?.at === at) to += 1
    const next = placeAfter(place, at)
    if (next !== place) place = { ms: next.ms, count: next.count + to - from - 1 }
    from = to
  }
  return place
}

/** What to ask of the log again: the engine knows whole seconds only, so the rest is passed over by {@link linesAfter}. */
export function askFrom(place: LogPlace | null, tail: number, most: number): { tail: number; since?: number } {
  return place ? { tail: most, since: Math.floor(place.ms / 1_000) } : { tail }
}

/** The events after a place: lines that the reader has already are passed over. */
export async function* linesAfter(place: LogPlace | null, events: AsyncIterable<LogEvent>): AsyncIterable<LogEvent> {
  const known = createKnown(place)
  for await (const event of events) if (!('text' in event) || !known.has(event)) yield event
}

/** Tells lines up to a place from those after it; asked in the order of the log. `past` once none before it can come any more. */
export function createKnown(place: LogPlace | null): { has(line: { readonly at: string }): boolean; readonly past: boolean } {
  let left = place?.count ?? 0
  let past = place === null
  return {
    get past() {
      return past
    },
    has({ at }) {
      if (!place) return false
      const ms = Date.parse(at)
      if (ms < place.ms) return true
      if (ms > place.ms) past = true
      if (ms > place.ms || left === 0) return false
      left -= 1
      return true
    },
  }
}
