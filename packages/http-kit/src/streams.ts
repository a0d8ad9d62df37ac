import { Readable } from 'node:stream'
import type { Action } from '@console/contracts/action'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { StreamEvent } from './bind.ts'
import type { Context } from './context.ts'
import { actorOf } from './context.ts'
import type { LimitTable } from './limits.ts'
import type { MountOptions } from './mount.ts'
import { AppError, problemOf } from './problem.ts'

type Deed = { request: FastifyRequest; reply: FastifyReply; action: Action; options: MountOptions }
export type StreamDesk = {
  send(deed: Deed, ctx: Context, source: AsyncIterable<StreamEvent> | AsyncIterable<string>): Promise<FastifyReply>
  readonly open: number
}
/** Whether the session that opened a stream still may have it; asked twice a second. */
export type Recheck = (request: FastifyRequest, action: Action) => Promise<boolean>

const pingMs = 15_000
const recheckMs = 500
/** A source that has said nothing by then gets its headers; what fails before is a plain problem. */
const firstMs = 250

/** Streams of a service: counted, re-authorised while they run, closed when their session ends. */
export function createStreamDesk(limits: LimitTable, recheck: Recheck): StreamDesk {
  const byActor = new Map<string, number>()
  let open = 0
  return {
    get open() {
      return open
    },
    async send(deed, ctx, source) {
      if (deed.action.success.file) return sendFile(deed, source as AsyncIterable<string>)
      const { actor } = ctx
      const isFeed = deed.action.id === 'events.change.stream'
      const key = `${isFeed ? 'feed' : 'stream'} ${actor.id}`
      const mine = byActor.get(key) ?? 0
      const most = isFeed ? limits.eventStreams : limits.streams
      const mostMine = isFeed ? 12 : limits.streamsPerActor
      if (mine >= mostMine || open >= most) {
        await source[Symbol.asyncIterator]().return?.()
        throw new AppError('STREAM_LIMIT', 429, 'Too many streams are open. Close another tab or log.', { headers: { 'retry-after': '5' } })
      }
      byActor.set(key, mine + 1)
      open += 1
      const done = (): void => {
        open -= 1
        const left = (byActor.get(key) ?? 1) - 1
        if (left > 0) byActor.set(key, left)
        else byActor.delete(key)
      }
      return sendEvents(deed, ctx, source as AsyncIterable<StreamEvent>, recheck).finally(done)
    },
  }
}

async function sendEvents(
  { request, reply, action, options }: Deed,
  ctx: Context,
  source: AsyncIterable<StreamEvent>,
  recheck: Recheck,
): Promise<FastifyReply> {
  const iterator = source[Symbol.asyncIterator]()
  let next = iterator.next()
  await Promise.race([next, new Promise((resolve) => setTimeout(resolve, firstMs))])
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value as string)
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    connection: 'keep-alive',
  })
  raw.write('retry: 2000\n\n')
  const ended = Promise.withResolvers<'gone' | 'session'>()
  ctx.signal.addEventListener('abort', () => ended.resolve('gone'), { once: true })
  const ping = setInterval(() => raw.write(': ping\n\n'), pingMs)
  const watch = setInterval(() => {
    recheck(request, action).then(
      (fine) => fine || ended.resolve('session'),
      () => ended.resolve('session'),
    )
  }, recheckMs)
  try {
    for (;;) {
      const step = await Promise.race([next, ended.promise])
      if (step === 'gone') break
      if (step === 'session') {
        raw.write(eventText({ event: 'end', data: { reason: 'session' } }))
        break
      }
      if (step.done) {
        raw.write(eventText({ event: 'end', data: { reason: 'done' } }))
        break
      }
      if (!raw.write(eventText(step.value))) await Promise.race([new Promise((resolve) => raw.once('drain', resolve)), ended.promise])
      next = iterator.next()
    }
  } catch (thrown) {
    const error = options.translate(thrown)
    if (!(error instanceof AppError))
      request.log.error({ err: error, requestId: request.id, actorId: actorOf(request).id }, 'stream failed')
    raw.write(eventText({ event: 'error', data: problemOf(error, request.id) }))
  } finally {
    clearInterval(ping)
    clearInterval(watch)
    raw.end()
    next.catch(() => undefined)
    await iterator.return?.()?.then(undefined, () => undefined)
  }
  return reply
}

/** One line a field, JSON on one line: nothing in a log line can begin another event. */
function eventText({ event, data, id }: StreamEvent): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

async function sendFile({ request, reply, action }: Deed, source: AsyncIterable<string>): Promise<FastifyReply> {
  const type = action.success.file ?? 'text/csv'
  const name = `${action.id}-${request.id}.${type === 'text/csv' ? 'csv' : 'ndjson'}`
  return reply
    .code(200)
    .type(`${type}; charset=utf-8`)
    .header('content-disposition', `attachment; filename="${name}"`)
    .send(Readable.from(source))
}
