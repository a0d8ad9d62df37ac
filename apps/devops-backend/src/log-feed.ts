import type { LogLine } from '@console/contracts/docker/schemas'
import type { Block } from '@console/fan-out/block-queue'
import { createFanOut } from '@console/fan-out/fan-out'
import { createRecentBlocks } from '@console/fan-out/recent-blocks'
import type { StreamEvent } from '@console/http-kit/bind'
import { sharedEvent } from '@console/http-kit/event-writer'
import type { Line, LogEvent, MarkedEvent } from './clients/docker-proxy.ts'

/** Lines as one event, made once for all who see them. */
export type SharedLines = Block & { readonly event: StreamEvent; readonly items: readonly LogLine[] }
/** Lines up to a mark. */
type Reached = Block & { readonly seq: number; readonly items: readonly Line[] }

/** The log of one container as one reader of docker-proxy gives it, for all its viewers. */
export type LogFeed = {
  /** Everything after a mark of the reader; null where the feed cannot say what that is, or not soon. */
  joinAfter(seq: number, signal: AbortSignal): Promise<AsyncIterable<LogEvent | SharedLines> | null>
}
type Options = {
  readonly container: string
  readonly reader: string
  readonly open: (signal: AbortSignal) => Promise<AsyncIterable<MarkedEvent[]>>
  /** Nobody reads it any more, or it has ended. */
  readonly over: () => void
}

/** An event holds so much at most, and a line waits so long for others. */
const most = { lines: 1_000, chars: 131_072 }
const waitMs = 50
/** Lines of the past that are kept for those who come over a moment later. */
const recentBounds = { mostLines: 2_000, mostChars: Number.POSITIVE_INFINITY }
/** A viewer that is ahead of the feed waits so long for it; a feed that nobody came over to goes on so long, and one that was refused is asked for again after that. */
const patienceMs = 1_000
const againMs = 5_000

export function createLogFeed({ container, reader, open, over }: Options): LogFeed {
  const stop = new AbortController()
  const fan = createFanOut<SharedLines>(() => {
    stop.abort()
    over()
  })
  const batch = createBatch(container, fan.give)
  const waiting = new Set<() => void>()
  let recent = createRecentBlocks<Reached>(recentBounds)
  let seq: number | null = null
  /** Lines were lost since the last mark, so that nobody can join there. */
  let gap = false
  let ended: LogEvent | null = null
  let closed = false

  const reached = (to: number, lines: readonly Line[]): void => {
    // What came before the first mark is what this reader had printed before.
    if (seq !== null) {
      recent.add({ seq: to, items: lines, lines: lines.length, chars: 0 })
      batch.add(lines)
    }
    seq = to
    gap = false
    for (const wake of waiting) wake()
  }
  const read = async (): Promise<void> => {
    let fresh: Line[] = []
    for await (const events of await open(stop.signal)) {
      for (const event of events) {
        if ('text' in event) fresh.push(event)
        else if ('mark' in event) {
          const [name, to] = event.mark.split('.')
          if (name !== reader) throw new Error('another reader has taken its place')
          reached(Number(to), fresh)
          fresh = []
        } else if ('skipped' in event) {
          batch.skip(event.skipped)
          recent = createRecentBlocks(recentBounds)
          gap = true
        } else ended = event
      }
      batch.comeDue()
      for (let wait = fan.room(); wait; wait = fan.room()) {
        batch.flush()
        await wait
      }
    }
    batch.flush()
  }
  const close = (how?: { failed: unknown }): void => {
    closed = true
    batch.flush()
    fan.close(how)
    if (seq === null) setTimeout(over, againMs).unref()
    else over()
    for (const wake of waiting) wake()
  }
  read().then(
    () => close(),
    (failed: unknown) => close({ failed }),
  )

  /** Resolves with the next mark, or the end, or when it takes too long. */
  const further = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      waiting.add(wake)
    })
  return {
    async joinAfter(from, signal) {
      const end = performance.now() + patienceMs
      while (!closed && (seq === null || seq < from || gap) && !fan.full && performance.now() < end) await further(end - performance.now())
      const blocks = recent.all()
      const before = blocks[0] === undefined ? seq : blocks[0].seq - 1
      if (closed || signal.aborted || gap || seq === null || before === null || seq < from || before > from) {
        setTimeout(() => fan.viewers === 0 && stop.abort(), patienceMs).unref()
        return null
      }
      batch.flush()
      const missed = blocks.filter((block) => block.seq > from).flatMap(({ items }) => items)
      return eventsOf(missed, fan.join(signal), () => ended)
    },
  }
}

async function* eventsOf(
  missed: readonly Line[],
  source: AsyncIterable<SharedLines | { readonly skipped: number }>,
  ended: () => LogEvent | null,
): AsyncIterable<LogEvent | SharedLines> {
  const iterator = source[Symbol.asyncIterator]()
  try {
    yield* missed
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
    const end = ended()
    if (end) yield end
  } finally {
    await iterator.return?.()
  }
}

/** Puts lines together: the first goes out at once, what follows soon after waits a moment for more, so that a busy log is few events. */
function createBatch(container: string, give: (lines: SharedLines) => void) {
  let items: LogLine[] = []
  let chars = 0
  let skipped = 0
  let flushedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (items.length === 0 && skipped === 0) return
    const event = sharedEvent('lines', { items, skipped })
    give({ lines: items.length + skipped, chars: event.shared?.bytes.length ?? 0, event, items })
    items = []
    chars = 0
    skipped = 0
    flushedAt = performance.now()
  }
  return {
    flush,
    add(lines: readonly Line[]): void {
      for (const { at, stream, text, cut, masked } of lines) {
        items.push({ container, at, stream, text, ...(cut !== undefined && { cut }), ...(masked !== undefined && { masked }) })
        chars += text.length
        if (items.length >= most.lines || chars >= most.chars) flush()
      }
    },
    /** What was lost before this point comes after what was read before it. */
    skip(count: number): void {
      flush()
      skipped += count
    },
    comeDue(): void {
      if (items.length === 0 && skipped === 0) return
      const left = flushedAt + waitMs - performance.now()
      if (left <= 0) flush()
      else timer ??= setTimeout(flush, left)
    },
  }
}
