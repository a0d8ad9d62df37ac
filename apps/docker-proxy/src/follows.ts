import { setTimeout as pause } from 'node:timers/promises'
import { createSplitter } from './demultiplex.ts'
import { createLineQueue, type LineQueue } from './line-queue.ts'
import { type LogLine, logLine } from './log-lines.ts'
import type { Model } from './model.ts'

export type FollowEvent = LogLine | { skipped: number } | { ended: string }
type Viewer = { queue: LineQueue; over: string | null; wake: () => void }
type Reader = { viewers: Set<Viewer>; recent: LineQueue; stop: AbortController; started: Promise<unknown> }
/** One upstream reader a container, however many look at it; none when nobody does. */
export type Follows = {
  /** Resolves when the engine has begun to answer. */
  follow(
    id: string,
    tty: boolean,
    options: { tail: number; since: number | null },
    signal: AbortSignal,
  ): Promise<AsyncIterable<FollowEvent>>
  readonly readers: number
}

const behindMs = 20

export function createFollows(model: Pick<Model, 'prefix' | 'engine'>): Follows {
  const readers = new Map<string, Reader>()

  const open = (id: string, tty: boolean, tail: number, since: number | null): Reader => {
    const stop = new AbortController()
    const path = `${model.prefix()}/containers/${id}/logs?stdout=1&stderr=1&timestamps=1&tail=${tail}${since === null ? '' : `&since=${since}`}&follow=1`
    const opened = model.engine.stream({ method: 'GET', path, timeoutMs: 5_000 }, stop.signal)
    const reader: Reader = { viewers: new Set(), recent: createLineQueue(), stop, started: opened }
    readers.set(id, reader)
    const finish = (why: string): void => {
      if (readers.get(id) === reader) readers.delete(id)
      for (const viewer of reader.viewers) {
        viewer.over = why
        viewer.wake()
      }
    }
    opened
      .then((body) => readAll(reader, body, tty))
      .then(
        () => finish('ended'),
        () => finish('lost'),
      )
    return reader
  }

  return {
    get readers() {
      return readers.size
    },
    async follow(id, tty, { tail, since }, signal) {
      const shared = readers.get(id)
      const reader = shared ?? open(id, tty, tail, since)
      const known = shared?.recent.last(tail).filter(({ at }) => since === null || Date.parse(at) >= since * 1_000)
      const viewer: Viewer = { queue: createLineQueue(known), over: null, wake: () => undefined }
      reader.viewers.add(viewer)
      const leave = (): void => {
        signal.removeEventListener('abort', leave)
        reader.viewers.delete(viewer)
        viewer.wake()
        if (reader.viewers.size > 0) return
        reader.stop.abort()
        if (readers.get(id) === reader) readers.delete(id)
      }
      signal.addEventListener('abort', leave, { once: true })
      try {
        await reader.started
      } catch (error) {
        leave()
        throw error
      }
      return linesOf(viewer, signal, leave)
    },
  }
}

async function readAll(reader: Reader, body: AsyncIterable<Buffer>, tty: boolean): Promise<void> {
  const splitter = createSplitter(tty)
  for await (const chunk of body) {
    give(reader, splitter.push(chunk).map(logLine))
    // The slow never hold up the quick. Only where all are behind the engine waits: reading on would throw lines away.
    while (reader.viewers.size > 0 && [...reader.viewers].every(({ queue }) => queue.behind)) await pause(behindMs)
  }
  give(reader, splitter.end().map(logLine))
}

/** A viewer that is too slow loses its oldest lines, and is told how many; the others lose nothing. */
function give({ recent, viewers }: Reader, lines: readonly LogLine[]): void {
  for (const line of lines) {
    recent.push(line)
    for (const { queue } of viewers) queue.push(line)
  }
  for (const viewer of viewers) viewer.wake()
}

async function* linesOf(viewer: Viewer, signal: AbortSignal, leave: () => void): AsyncIterable<FollowEvent> {
  try {
    while (!signal.aborted) {
      const skipped = viewer.queue.takeSkipped()
      if (skipped > 0) yield { skipped }
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
  } finally {
    leave()
  }
}
