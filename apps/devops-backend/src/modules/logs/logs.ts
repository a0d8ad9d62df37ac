import type { LogLine } from '@console/contracts/docker/schemas'
import { batchLines } from '@console/http-kit/batch-lines'
import { type StreamEvent, timeIsOver } from '@console/http-kit/bind'
import { mergeStreams } from '@console/http-kit/merge-streams'
import { cursorOf, placeAfter, placeAfterAll, placesIn } from '../../log-cursor.ts'
import type { HubEvent } from '../../log-hub.ts'

type Named = { name: string; value: HubEvent } | { name: string; failed: unknown }
type Source = { readonly name: string; readonly stream: AsyncIterable<HubEvent> }
const batch = { waitMs: 50, most: 500 }

/** Opens each; one that cannot be opened is told in its place, but where none can be the first refusal is the answer. */
export async function openAll(
  names: readonly string[],
  open: (name: string, at: number) => Promise<AsyncIterable<HubEvent>>,
): Promise<Source[]> {
  const opened = await Promise.allSettled(names.map(open))
  const [first] = opened
  if (first?.status === 'rejected' && opened.every(({ status }) => status === 'rejected')) throw first.reason
  return opened.map((one, at) => ({ name: names[at] ?? '', stream: one.status === 'fulfilled' ? one.value : failed(one.reason) }))
}

// biome-ignore lint/correctness/useYield: it has nothing to say but why it failed
async function* failed(reason: unknown): AsyncIterable<never> {
  throw reason
}

/** Logs of one or several containers as events: batches of lines, and the end of each. The first failure of a lone one is the answer. Each batch says where to go on. */
export async function* lineEvents(
  sources: readonly Source[],
  endedOf: (ended: { container: string; reason: string }) => object,
  cursor?: string,
): AsyncIterable<StreamEvent> {
  const places = placesIn(cursor, sources.length)
  const indexOf = new Map(sources.map(({ name }, at) => [name, at]))
  const merged = mergeStreams(sources)
  const batches = batchLines<Named, LogLine>({
    source: merged,
    lineOf: (event) => ('value' in event && 'text' in event.value ? { container: event.name, ...event.value } : null),
    skippedOf: (event) => ('value' in event && 'skipped' in event.value ? event.value.skipped : 0),
    ...batch,
  })
  for await (const { items, skipped, others } of batches) {
    for (const { container, at } of items) {
      const index = indexOf.get(container) ?? 0
      places[index] = placeAfter(places[index] ?? null, at)
    }
    if (items.length > 0 || skipped > 0) yield { event: 'lines', data: { items, skipped }, id: cursorOf(places) }
    for (const other of others as Named[]) {
      if ('failed' in other) {
        if (sources.length === 1) throw other.failed
        yield { event: 'ended', data: endedOf({ container: other.name, reason: (other.failed as { code?: string }).code ?? 'lost' }) }
      } else if ('event' in other.value) {
        const { event, items: shared } = other.value
        const index = indexOf.get(other.name) ?? 0
        places[index] = placeAfterAll(places[index] ?? null, shared)
        yield { ...event, id: cursorOf(places) }
      } else if ('ended' in other.value && other.value.ended === 'time') {
        yield timeIsOver
        return
      } else if ('ended' in other.value) yield { event: 'ended', data: endedOf({ container: other.name, reason: other.value.ended }) }
    }
  }
}
