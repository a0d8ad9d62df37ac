import { request } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

export type Follow = { readonly bytes: () => number; readonly events: AsyncIterable<{ event: string; data: string }>; close(): void }

/** An event stream of an API as a browser reads it, counted on the wire and, where it is compressed, opened. @throws Error for another status than 200 */
export function follow(url: string, headers: Readonly<Record<string, string>>): Promise<Follow> {
  const { port, pathname, search } = new URL(url)
  return new Promise((resolve, reject) => {
    const call = request({
      host: '127.0.0.1',
      port,
      path: `${pathname}${search}`,
      headers: { host: `localhost:${port}`, 'accept-encoding': 'gzip', ...headers },
      agent: false,
    })
    call.once('error', reject)
    call.once('response', (reply) => {
      if (reply.statusCode !== 200) return reject(new Error(`${pathname}: ${reply.statusCode}`))
      let bytes = 0
      reply.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      const plain = reply.headers['content-encoding'] === 'gzip' ? reply.pipe(createGunzip({ finishFlush: 2 })) : reply
      resolve({ bytes: () => bytes, events: eventsOf(plain), close: () => call.destroy() })
    })
    call.end()
  })
}

async function* eventsOf(stream: Readable): AsyncIterable<{ event: string; data: string }> {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('error', () => undefined)
  for await (const chunk of stream) {
    rest += chunk
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const text = rest.slice(0, end)
      rest = rest.slice(end + 2)
      const event = /^event: (.*)$/m.exec(text)?.[1]
      if (event) yield { event, data: /^data: (.*)$/m.exec(text)?.[1] ?? '' }
    }
  }
}
