import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { StreamEvent } from './bind.ts'
import { actorOf } from './context.ts'
import type { LimitTable } from './limits.ts'
import { AppError } from './problem.ts'
import { type Recheck, type StreamDeed, sendEvents } from './send-events.ts'

export type StreamDesk = {
  send(deed: StreamDeed, source: AsyncIterable<StreamEvent> | AsyncIterable<string | Uint8Array>): Promise<FastifyReply>
  readonly open: number
}

const minuteMs = 60_000

/** Streams of a service: counted, re-authorised while they run, closed when their session or their time ends. */
export function createStreamDesk(limits: LimitTable, recheck: Recheck): StreamDesk {
  const byActor = new Map<string, number>()
  // Each dashboard that is open has a feed: those must not take the places of logs.
  const open = { feed: 0, stream: 0 }
  return {
    get open() {
      return open.feed + open.stream
    },
    async send(deed, source) {
      if (deed.action.success.file) return sendFile(deed, source as AsyncIterable<string | Uint8Array>)
      const actor = actorOf(deed.request)
      const kind = deed.action.id === 'events.change.stream' ? 'feed' : 'stream'
      const key = `${kind} ${actor.id}`
      const mine = byActor.get(key) ?? 0
      const [most, mostMine] = kind === 'feed' ? [limits.eventStreams, 12] : [limits.streams, limits.streamsPerActor]
      if (mine >= mostMine || open[kind] >= most) {
        deed.gone.abort()
        await source[Symbol.asyncIterator]().return?.()
        throw new AppError('STREAM_LIMIT', 429, 'Too many streams are open. Close another tab or log.', { headers: { 'retry-after': '5' } })
      }
      byActor.set(key, mine + 1)
      open[kind] += 1
      const done = (): void => {
        open[kind] -= 1
        const left = (byActor.get(key) ?? 1) - 1
        if (left > 0) byActor.set(key, left)
        else byActor.delete(key)
      }
      const how = { recheck, mostMs: limits.streamMinutes * minuteMs }
      return sendEvents(deed, source as AsyncIterable<StreamEvent>, how).finally(done)
    },
  }
}

const endings = {
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/json': 'json',
  'text/plain': 'log',
  'text/plain; version=0.0.4': 'prom',
  'application/octet-stream': 'bin',
} as const

async function sendFile({ request, reply, action }: StreamDeed, source: AsyncIterable<string | Uint8Array>): Promise<FastifyReply> {
  const { format = '' } = (request.query ?? {}) as { format?: string }
  const type = action.success.formats?.[format] ?? action.success.file ?? 'text/csv'
  const name = `${action.id}-${request.id}.${endings[type]}`
  return reply
    .code(200)
    .type(type === 'application/octet-stream' ? type : `${type}; charset=utf-8`)
    .header('content-disposition', reply.getHeader('content-disposition') ?? `attachment; filename="${name}"`)
    .send(Readable.from(source))
}
