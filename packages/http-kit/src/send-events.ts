import type { ServerResponse } from 'node:http'
import type { Action } from '@console/contracts/action'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type StreamEvent, timeIsOver } from './bind.ts'
import { actorOf } from './context.ts'
import { createEnding, type Ending } from './ending.ts'
import { createEventWriter, type EventWriter, takesGzip } from './event-writer.ts'
import { AppError, problemOf } from './problem.ts'

/** One request that is answered by a stream. `gone` ends what feeds it. */
export type StreamDeed = {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly action: Action
  readonly translate: (error: unknown) => unknown
  readonly gone: AbortController
}
/** Whether the session that opened a stream still may have it; asked twice a second. */
export type Recheck = (request: FastifyRequest, action: Action) => Promise<boolean>
type End = 'gone' | 'session' | 'time'

const pingMs = 15_000
const recheckMs = 500
/** A source that has said nothing by then gets its headers; what fails before is a plain problem. */
const firstMs = 250
/** A reader that takes nothing for so long holds a place that others could have. */
const stalledMs = 30_000
/** The last event of a stream has this long to reach a slow reader. */
const lingerMs = 1_000

/**
 * Sends events until the source, the reader, the session or the time ends. The last event says why, and after `time` where to go on:
 * its `cursor` is the id of the last event that had one, for `Last-Event-ID`.
 */
export async function sendEvents(
  deed: StreamDeed,
  source: AsyncIterable<StreamEvent>,
  { recheck, mostMs }: { readonly recheck: Recheck; readonly mostMs: number },
): Promise<FastifyReply> {
  const { request, reply, action, gone } = deed
  const iterator = source[Symbol.asyncIterator]()
  const ending = createEnding<End>()
  const first = iterator.next()
  await soon(first)
  const { raw } = reply
  const writer = begin(request, reply)
  gone.signal.addEventListener('abort', () => ending.end('gone'), { once: true })
  if (gone.signal.aborted) ending.end('gone')
  const limit = setTimeout(() => ending.end('time'), mostMs)
  const ping = setInterval(() => writer.text(': ping\n\n'), pingMs)
  let asking = false
  const watch = setInterval(() => {
    if (asking) return
    asking = true
    recheck(request, action)
      .then(
        (fine) => fine || ending.end('session'),
        () => ending.end('session'),
      )
      .finally(() => {
        asking = false
      })
  }, recheckMs)
  try {
    const { cursor } = await copy({ iterator, first, raw, writer, ending })
    if (ending.reason !== 'gone') {
      const reason = ending.reason ?? 'done'
      writer.event({ event: 'end', data: { reason, ...(reason === 'time' && { cursor }) } })
    }
  } catch (thrown) {
    writer.event({ event: 'error', data: problemOf(toldError(deed, thrown), request.id) })
  } finally {
    clearTimeout(limit)
    clearInterval(ping)
    clearInterval(watch)
    finish(raw, writer)
    // What feeds the stream must not wait for a reader that does not read.
    gone.abort()
    iterator.return?.()?.then(undefined, () => undefined)
  }
  return reply
}

type Copy = {
  readonly iterator: AsyncIterator<StreamEvent>
  readonly first: Promise<IteratorResult<StreamEvent>>
  readonly raw: ServerResponse
  readonly writer: EventWriter
  readonly ending: Ending<End>
}

async function copy({ iterator, first, raw, writer, ending }: Copy): Promise<{ cursor: string | null }> {
  let cursor: string | null = null
  for (let next = first; ; next = iterator.next()) {
    const step = await ending.orEnd(next)
    if (step === null || step.value.done) return { cursor }
    const event = step.value.value
    if (event === timeIsOver) {
      ending.end('time')
      return { cursor }
    }
    const room = writer.event(event)
    if (event.id !== undefined) cursor = event.id
    if (!room && (await ending.orEnd(drained(raw, ending))) === null) return { cursor }
  }
}

function drained(raw: ServerResponse, ending: Ending<End>): Promise<void> {
  return new Promise((resolve) => {
    const stalled = setTimeout(() => {
      ending.end('gone')
      raw.destroy()
    }, stalledMs)
    const over = (): void => {
      clearTimeout(stalled)
      raw.off('drain', over)
      raw.off('close', over)
      resolve()
    }
    raw.once('drain', over)
    raw.once('close', over)
  })
}

/** Waits for a first word for a moment; a failure in that moment is thrown. */
async function soon(first: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, firstMs)
  })
  await Promise.race([first, late]).finally(() => clearTimeout(timer))
}

function begin(request: FastifyRequest, reply: FastifyReply): EventWriter {
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value as string)
  const gzip = takesGzip(request.headers['accept-encoding'])
  raw.appendHeader('vary', 'Accept-Encoding')
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    ...(gzip && { 'content-encoding': 'gzip' }),
  })
  const writer = createEventWriter(raw, gzip)
  writer.text('retry: 2000\n\n')
  return writer
}

function finish(raw: ServerResponse, writer: EventWriter): void {
  writer.end()
  const cut = setTimeout(() => raw.writableFinished || raw.destroy(), lingerMs)
  raw.once('close', () => clearTimeout(cut))
}

function toldError({ request, translate }: StreamDeed, thrown: unknown): unknown {
  const error = translate(thrown)
  if (!(error instanceof AppError)) request.log.error({ err: error, requestId: request.id, actorId: actorOf(request).id }, 'stream failed')
  return error
}
