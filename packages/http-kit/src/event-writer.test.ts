import type { ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { crc32, createGunzip, gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventWriter, sharedEvent, takesGzip } from './event-writer.ts'
import { joined, sharedText } from './shared-text.ts'

/** What a reader is sent for some events, ended or not. */
const sent = (gzip: boolean, events: Parameters<ReturnType<typeof createEventWriter>['event']>[0][], ended = true): Buffer => {
  const stream = new PassThrough({ highWaterMark: 100_000_000 })
  const writer = createEventWriter(stream as unknown as ServerResponse, gzip)
  for (const event of events) writer.event(event)
  if (ended) writer.end()
  return (stream.read() as Buffer | null) ?? Buffer.alloc(0)
}

describe('the events of a reader', () => {
  it('are one whole gzip file that says the same as without, whatever is in them', () => {
    const event = fc.record({ text: fc.string({ unit: 'binary' }), times: fc.integer({ min: 1, max: 3_000 }), shared: fc.boolean() })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (all) => {
        const events = all.map(({ text, times, shared }, at) => {
          const data = { text: text.repeat(times) }
          return { ...(shared ? sharedEvent('lines', data) : { event: 'lines', data }), id: String(at) }
        })
        // gunzip itself refuses a wrong checksum or length at the end.
        expect(gunzipSync(sent(true, events)).equals(sent(false, events))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('can be read when they come, not only at the end', async () => {
    const gunzip = createGunzip()
    let text = ''
    gunzip.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    const events = [sharedEvent('lines', 'x'.repeat(10_000)), { event: 'tick', data: 1 }]
    await new Promise<void>((resolve) => gunzip.write(sent(true, events, false), () => resolve()))
    expect(text).toBe(sent(false, events, false).toString())
  })

  it('are written and compressed once, however many read them', () => {
    const event = sharedEvent('lines', 'y'.repeat(5_000))
    const { shared } = event
    const [before, bytes] = [shared?.deflated, shared?.bytes]
    for (let reader = 0; reader < 3; reader += 1) sent(true, [event])
    expect(shared?.deflated === before && shared?.bytes === bytes).toBe(true)
    expect(before?.length).toBeLessThan(1_000)
  })

  it('have the checksum of the whole from those of the parts', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => joined(crc32(a), sharedText(b).check) === crc32(a + b)),
      { numRuns: 300 },
    )
  })

  it('are compressed for whoever takes gzip', () => {
    for (const yes of ['gzip', 'deflate, gzip;q=0.5', 'GZIP', 'gzip, deflate, br, zstd', '*'])
      expect([yes, takesGzip(yes)]).toEqual([yes, true])
    for (const no of [undefined, '', 'br', 'gzip;q=0', 'gzip; q=0.000', 'xgzip', 'identity'])
      expect([no, takesGzip(no)]).toEqual([no, false])
  })
})
