import { request } from 'node:http'

/** An event as a browser would hand it to a page. */
export type SentEvent = { readonly event: string; readonly data: string; readonly id: string | null }
export type EventStream = {
  readonly status: number
  /** The body of an answer that is no stream. */
  readonly refusal: string
  /** Resolves when the stream is over, whoever ended it. */
  readonly over: Promise<void>
  close(): void
}
type Asked = {
  readonly port: number
  readonly path: string
  readonly lastEventId: string | null
  /** Who asks: the cookies of a browser, or the secret of an API token. */
  readonly cookie?: string
  readonly bearer?: string
}

/** Opens a stream of events on a connection of its own, as a tab does, and hands over each event as it comes. */
export function openEvents({ port, path, cookie, bearer, lastEventId }: Asked, take: (event: SentEvent) => void): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const headers = {
      host: `localhost:${port}`,
      ...(cookie !== undefined && { cookie }),
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(lastEventId !== null && { 'last-event-id': lastEventId }),
    }
    const call = request({ host: '127.0.0.1', port, path, headers, agent: false })
    call.on('error', reject)
    call.once('response', (reply) => {
      let rest = ''
      const over = new Promise<void>((done) => {
        reply.once('close', done)
        reply.on('error', () => done())
      })
      const stream = (refusal: string): EventStream => ({ status: reply.statusCode ?? 0, refusal, over, close: () => call.destroy() })
      reply.setEncoding('utf8')
      if (reply.statusCode !== 200) {
        reply.on('data', (chunk: string) => {
          rest += chunk
        })
        reply.once('close', () => resolve(stream(rest)))
        return
      }
      reply.on('data', (chunk: string) => {
        const blocks = `${rest}${chunk}`.split('\n\n')
        rest = blocks.pop() ?? ''
        for (const event of blocks.map(eventOf)) if (event) take(event)
      })
      resolve(stream(''))
    })
    call.end()
  })
}

/** Null for a block that carries no data: a ping, or the time after which to try again. */
function eventOf(block: string): SentEvent | null {
  const lines = block.split('\n')
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null
  const data = field('data')
  return data === null ? null : { event: field('event') ?? 'message', data, id: field('id') }
}
