import fc from 'fast-check'
import { describe, it } from 'vitest'
import { readEvents } from './read-events.ts'

const text = ': ping\n\nretry: 2000\n\nid: 7\nevent: lines\ndata: {"a":"é\\n🦊"}\n\nevent: x\ndata: 1\r\ndata: 2\r\n\r\ndata: unfinished'
const bytes = new TextEncoder().encode(text)
const bodyOf = (cuts: number[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      let from = 0
      for (const cut of [...new Set(cuts)].sort((a, b) => a - b)) {
        controller.enqueue(bytes.slice(from, cut))
        from = cut
      }
      controller.enqueue(bytes.slice(from))
      controller.close()
    },
  })

describe('readEvents', () => {
  it('reads the same events however the bytes are cut', async () => {
    const expected = [
      { event: 'lines', data: '{"a":"é\\n🦊"}', id: '7' },
      { event: 'x', data: '1\n2', id: '7' },
    ]
    const cuts = fc.array(fc.nat(bytes.length))
    const same = async (at: number[]) => JSON.stringify(await Array.fromAsync(readEvents(bodyOf(at)))) === JSON.stringify(expected)
    await fc.assert(fc.asyncProperty(cuts, same))
  })
})
