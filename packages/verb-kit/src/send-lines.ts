import type { ServerResponse } from 'node:http'
import type { Caller } from './caller.ts'
import type { DaemonLimits } from './limits.ts'
import { DaemonError, problemText } from './problem.ts'

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

/** One JSON object a line, at the reader's pace; a ping in silence. What fails before the first line is a plain problem. */
export async function sendLines(
  response: ServerResponse,
  source: AsyncIterable<object>,
  signal: AbortSignal,
  requestId: string,
  log: (level: 'error', msg: string, more?: object) => void,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]()
  const gone = new Promise<'gone'>((resolve) => {
    if (signal.aborted) resolve('gone')
    signal.addEventListener('abort', () => resolve('gone'), { once: true })
  })
  let next = iterator.next()
  let ping: NodeJS.Timeout | undefined
  try {
    await Promise.race([next, gone, new Promise((resolve) => setTimeout(resolve, firstMs))])
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'x-request-id': requestId })
    response.flushHeaders()
    ping = setInterval(() => response.write('{"ping":true}\n'), pingMs)
    for (;;) {
      const step = await Promise.race([next, gone])
      if (step === 'gone' || step.done) break
      if (!response.write(`${JSON.stringify(step.value)}\n`))
        await Promise.race([new Promise((resolve) => response.once('drain', resolve)), gone])
      next = iterator.next()
    }
  } catch (error) {
    if (!response.headersSent) throw error
    if (!(error instanceof DaemonError)) log('error', 'a stream failed', { requestId, error: String((error as Error).stack) })
    response.write(`${JSON.stringify({ ended: (JSON.parse(problemText(error, requestId).text) as { code: string }).code })}\n`)
  } finally {
    clearInterval(ping)
    response.end()
    next.catch(() => undefined)
    iterator.return?.().catch(() => undefined)
  }
}
