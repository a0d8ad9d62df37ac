import type { ServerResponse } from 'node:http'
import type { StreamEvent } from './bind.ts'
import { joined, type SharedText, sharedText } from './shared-text.ts'

/** Events of one reader, compressed where it takes that; each is on its way when `event` returns, and false means that the reader is behind. */
export type EventWriter = { event(event: StreamEvent): boolean; text(text: string): boolean; end(): void }

/** The head of a gzip file without a name or a time (RFC 1952, 2.3), and the empty block that ends its data. */
const gzipHead = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
const lastBlock = Buffer.from([3, 0])

/** Whether a reader takes gzip, by its Accept-Encoding (RFC 9110, 12.5.3). */
export function takesGzip(accepted: string | undefined): boolean {
  return (accepted ?? '').split(',').some((part) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(part))
}

/**
 * Writes the events of one reader. One gzip file a stream, not one an event: browsers stop at the end of the first. It is put together from
 * blocks that need nothing of each other, so that what many readers get is compressed once.
 */
export function createEventWriter(raw: ServerResponse, gzip: boolean): EventWriter {
  let crc = 0
  let length = 0
  if (gzip) raw.write(gzipHead)
  const write = (shared: SharedText): boolean => {
    if (!gzip) return raw.write(shared.bytes)
    crc = joined(crc, shared.check)
    length += shared.bytes.length
    return raw.write(shared.deflated)
  }
  return {
    event(event) {
      const { shared, id } = event
      if (!shared) return write(sharedText(`${idText(id)}${eventText(event)}`))
      raw.cork()
      if (id !== undefined) write(sharedText(idText(id)))
      const room = write(shared)
      raw.uncork()
      return room
    },
    text: (text) => write(sharedText(text)),
    end() {
      if (gzip) {
        const tail = Buffer.alloc(8)
        tail.writeUInt32LE(crc, 0)
        tail.writeUInt32LE(length % 2 ** 32, 4)
        raw.write(lastBlock)
        raw.write(tail)
      }
      raw.end()
    },
  }
}

/** An event that several readers get: its text is made once. */
export function sharedEvent(event: string, data: unknown): StreamEvent {
  return { event, data, shared: sharedText(eventText({ event, data })) }
}

const idText = (id: string | undefined): string => (id === undefined ? '' : `id: ${id}\n`)

/** One line a field, JSON on one line: nothing in a log line can begin another event. */
function eventText({ event, data }: StreamEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
