import type { ServerResponse } from 'node:http'
import type { Caller } from './caller.ts'
import type { DaemonLimits } from './limits.ts'
import { DaemonError, problemText } from './problem.ts'

/** Marks an object that is whole lines of JSON already, written once for several readers; its `seq` or `at` is that of its last line. */
export const written = Symbol('written')

const pingMs = 15_000
const firstMs = 200

/** Counts open streams; the answer gives one place back. */
export function createFollows({ followsPerActor, follows }: DaemonLimits): { take(caller: Caller): () => void } {
  const open = new Map<string, number>()
  let all = 0
  return {
    take(caller) {
      const mine = open.get(caller.id) ?? 0
      if (caller.kind === 'person' && (mine >= followsPerActor || all >= follows))
        throw new DaemonError('STREAM_LIMIT', 429, 'Too many streams are open. Close another log.', { retryAfterSec: 5 })
      open.set(caller.id, mine + 1)
      all += 1
      return () => {
        all -= 1
        const left = (open.get(caller.id) ?? 1) - 1
        if (left > 0) open.set(caller.id, left)
        else open.delete(caller.id)
      }
    },
  }
}

type Lines = {
  readonly response: ServerResponse
  readonly source: AsyncIterable<object>
  readonly signal: AbortSignal
  readonly requestId: string
  /** How long the stream goes on, in milliseconds; null for as long as its source. */
  readonly mostMs: number | null
  readonly log: (level: 'error', msg: string, more?: object) => void
}

/**
 * One JSON object a line, at the reader's pace; a ping in silence. What fails before the first line is a plain problem. A stream whose
 * time is over ends with `{ended: "time", cursor}`, where the cursor is the `seq` or `at` of the last object, to go on from.
 */
export async function sendLines({ response, source, signal, requestId, mostMs, log }: Lines): Promise<void> {
  const iterator = source[Symbol.asyncIterator]()
  const end = createEnd(signal, mostMs)
  let next = iterator.next()
  let ping: NodeJS.Timeout | undefined
  let cursor: unknown = null
  try {
    await end.or(Promise.race([next, new Promise((resolve) => setTimeout(resolve, firstMs))]))
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'x-request-id': requestId })
    response.flushHeaders()
    ping = setInterval(() => response.writableNeedDrain || response.write('{"ping":true}\n'), pingMs)
    for (;;) {
      const step = await end.or(next)
      if (step === 'time') response.write(`${JSON.stringify({ ended: 'time', cursor })}\n`)
      if (step === 'time' || step === 'gone' || step.done) break
      const { seq, at } = step.value as { seq?: unknown; at?: unknown }
      cursor = seq ?? at ?? cursor
      const bytes = (step.value as { [written]?: Buffer })[written] ?? `${JSON.stringify(step.value)}\n`
      if (!response.write(bytes)) await end.or(new Promise((resolve) => response.once('drain', resolve)))
      next = iterator.next()
    }
  } catch (error) {
    if (!response.headersSent) throw error
    if (!(error instanceof DaemonError)) log('error', 'a stream failed', { requestId, error: String((error as Error).stack) })
    response.write(`${JSON.stringify({ ended: (JSON.parse(problemText(error, requestId).text) as { code: string }).code })}\n`)
  } finally {
    end.clear()
    clearInterval(ping)
    if (response.headersSent) response.end()
    next.catch(() => undefined)
    iterator.return?.().catch(() => undefined)
  }
}

/**
 * Waits for something, or for the end of the stream, over and over. Not Promise.race against one long promise: each call of that leaves a
 * reaction behind on the long one, and a busy stream would keep all of them until it ends.
 */
function createEnd(signal: AbortSignal, mostMs: number | null) {
  let over: 'gone' | 'time' | null = signal.aborted ? 'gone' : null
  let wake: (why: 'gone' | 'time') => void = () => undefined
  const finish = (why: 'gone' | 'time'): void => {
    over ??= why
    wake(over)
  }
  const onAbort = (): void => finish('gone')
  signal.addEventListener('abort', onAbort, { once: true })
  const timer = mostMs === null ? undefined : setTimeout(() => finish('time'), mostMs)
  return {
    or: <T>(what: Promise<T>): Promise<T | 'gone' | 'time'> =>
      new Promise((resolve, reject) => {
        if (over) return resolve(over)
        wake = resolve
        what.then(resolve, reject)
      }),
    clear(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    },
  }
}
