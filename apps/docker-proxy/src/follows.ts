import { createSplitter } from './demultiplex.ts'
import { type LogLine, logLine } from './log-lines.ts'
import type { Model } from './model.ts'

export type FollowEvent = LogLine | { skipped: number } | { ended: string }
type Viewer = { queue: LogLine[]; skipped: number; over: string | null; wake: () => void }
type Reader = { viewers: Set<Viewer>; recent: LogLine[]; stop: AbortController; started: Promise<void> }
/** One upstream reader a container, however many look at it; none when nobody does. */
export type Follows = {
  follow(id: string, tty: boolean, options: { tail: number; since: number | null }, signal: AbortSignal): AsyncIterable<FollowEvent>
  readonly readers: number
}

const mostQueued = 5_000
const kept = 5_000

export function createFollows(model: Model): Follows {
  const readers = new Map<string, Reader>()

  const open = (id: string, tty: boolean, tail: number, since: number | null): Reader => {
    const reader: Reader = { viewers: new Set(), recent: [], stop: new AbortController(), started: Promise.resolve() }
    readers.set(id, reader)
    const path = `${model.prefix()}/containers/${id}/logs?stdout=1&stderr=1&timestamps=1&tail=${tail}${since === null ? '' : `&since=${since}`}&follow=1`
    const opened = model.engine.stream({ method: 'GET', path, timeoutMs: 5_000 }, reader.stop.signal)
    reader.started = opened.then(() => undefined)
    opened
      .then(async (body) => {
        const splitter = createSplitter(tty)
        for await (const chunk of body as AsyncIterable<Buffer>) {
          for (const raw of splitter.push(chunk)) give(reader, logLine(raw))
          // Everybody is behind: reading on would only throw away more.
          if ([...reader.viewers].every(({ queue }) => queue.length >= mostQueued)) await new Promise((resolve) => setTimeout(resolve, 20))
        }
        for (const raw of splitter.end()) give(reader, logLine(raw))
        finish(reader, 'ended')
      })
      .catch(() => finish(reader, 'lost'))
      .finally(() => {
        if (readers.get(id) === reader) readers.delete(id)
      })
    return reader
  }

  return {
    get readers() {
      return readers.size
    },
    async *follow(id, tty, { tail, since }, signal) {
      const shared = readers.get(id)
      const reader = shared ?? open(id, tty, tail, since)
      const viewer: Viewer = { queue: shared ? shared.recent.slice(-tail) : [], skipped: 0, over: null, wake: () => undefined }
      reader.viewers.add(viewer)
      const onAbort = (): void => viewer.wake()
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        await reader.started
        yield* linesOf(viewer, signal)
      } finally {
        signal.removeEventListener('abort', onAbort)
        reader.viewers.delete(viewer)
        if (reader.viewers.size === 0) {
          reader.stop.abort()
          if (readers.get(id) === reader) readers.delete(id)
        }
      }
    },
  }
}

async function* linesOf(viewer: Viewer, signal: AbortSignal): AsyncIterable<FollowEvent> {
  while (!signal.aborted) {
    if (viewer.skipped > 0) {
      const { skipped } = viewer
      viewer.skipped = 0
      yield { skipped }
    }
    const line = viewer.queue.shift()
    if (line) yield line
    else if (viewer.over !== null) {
      yield { ended: viewer.over }
      return
    } else
      await new Promise<void>((resolve) => {
        viewer.wake = resolve
        if (signal.aborted) resolve()
      })
  }
}

/** A viewer that is too slow loses its oldest lines, and is told how many; the others lose nothing. */
function give(reader: Reader, line: LogLine): void {
  reader.recent.push(line)
  if (reader.recent.length > kept) reader.recent.splice(0, kept / 10)
  for (const viewer of reader.viewers) {
    viewer.queue.push(line)
    if (viewer.queue.length > mostQueued) viewer.skipped += viewer.queue.splice(0, mostQueued / 10).length
    viewer.wake()
  }
}

function finish(reader: Reader, why: string): void {
  for (const viewer of reader.viewers) {
    viewer.over = why
    viewer.wake()
  }
}
