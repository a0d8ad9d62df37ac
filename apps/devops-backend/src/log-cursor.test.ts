import { describe, expect, it } from 'vitest'
import type { LogEvent } from './clients/docker-proxy.ts'
import { askFrom, cursorOf, type LogPlace, linesAfter, placeAfter, placesIn } from './log-cursor.ts'

const times = ['12:00:00.000', '12:00:00.000', '12:00:00.000', '12:00:00.500', '12:00:01.000', '12:00:01.000'].map(
  (time) => `2026-03-01T${time}Z`,
)
const lines: LogEvent[] = times.map((at, index) => ({ at, stream: 'out', text: `line ${index}` }))
async function* of(events: LogEvent[]): AsyncIterable<LogEvent> {
  yield* events
}
const textsAfter = async (place: LogPlace | null, events = lines) => {
  const seen: string[] = []
  for await (const event of linesAfter(place, of(events))) if ('text' in event) seen.push(event.text)
  return seen
}

describe('the cursor of a log', () => {
  it('goes on after any line, and neither loses one nor gives one twice, of one millisecond neither', async () => {
    let place: LogPlace | null = null
    for (const [index, at] of times.entries()) {
      place = placeAfter(place, at)
      const [back] = placesIn(cursorOf([place]), 1)
      expect(back).toEqual(place)
      expect(await textsAfter(back ?? null)).toEqual(lines.slice(index + 1).map((line) => ('text' in line ? line.text : '')))
    }
  })

  it('asks the engine for the whole second of the last line, and for as many lines as there may be', () => {
    expect(askFrom({ ms: 1_999, count: 1 }, 200, 5_000)).toEqual({ tail: 5_000, since: 1 })
    expect(askFrom(null, 200, 5_000)).toEqual({ tail: 200 })
  })

  it('holds the places of twenty containers in what a header may carry', () => {
    const places = Array.from({ length: 20 }, (_, n) => (n % 2 ? { ms: Date.parse('2099-12-31T23:59:59.999Z'), count: 99_999 } : null))
    const cursor = cursorOf(places)
    expect(cursor.length).toBeLessThan(400)
    expect(placesIn(cursor, 20)).toEqual(places)
  })

  it.each([undefined, '', 'x', '1.1_1.1', '1.', '.1', '-.1', 'zzzzzzzzzzzz.1', '1.1;', '../x'])(
    'begins anew with what is none of ours: %s',
    (cursor) => {
      expect(placesIn(cursor, 1)).toEqual([null])
    },
  )

  it('lets through what is no line', async () => {
    const seen: LogEvent[] = []
    for await (const event of linesAfter({ ms: Date.parse(times[5] ?? ''), count: 2 }, of([...lines, { skipped: 3 }, { ended: 'ended' }])))
      seen.push(event)
    expect(seen).toEqual([{ skipped: 3 }, { ended: 'ended' }])
  })

  it('stays where it is when a clock was set back', () => {
    const place = placeAfter(null, times[4] ?? '')
    expect(placeAfter(place, times[0] ?? '')).toEqual(place)
  })
})
