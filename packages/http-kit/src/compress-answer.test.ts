import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { bind } from './bind.ts'
import { read, startToy, type Toy } from './toy-service.fake.ts'

describe('a long answer', () => {
  let toy: Toy
  afterEach(() => toy?.app.close())
  const ask = (path: string, accepted: string) =>
    new Promise<{ headers: Record<string, unknown>; bytes: Buffer }>((resolve, reject) => {
      const call = request({ port: toy.port, path: `/api${path}`, headers: { 'accept-encoding': accepted } }, (reply) => {
        const chunks: Buffer[] = []
        reply.on('data', (chunk: Buffer) => chunks.push(chunk))
        reply.once('end', () => resolve({ headers: reply.headers, bytes: Buffer.concat(chunks) }))
      })
      call.once('error', reject)
      call.end()
    })

  it('of a read is compressed for whoever takes that, and says the same', async () => {
    const long = 'a long answer '.repeat(500)
    toy = await startToy({
      bound: (actions) =>
        actions.map((one) =>
          one.action.id === read.id ? bind(read, async ({ params }) => ({ id: params.id === 'long' ? long : 'x' })) : one,
        ),
    })
    const [small, packed, plain] = [
      await ask('/things/x', 'gzip'),
      await ask('/things/long', 'gzip'),
      await ask('/things/long', 'identity'),
    ]
    expect([small, packed, plain].map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip', undefined])
    expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true)
    expect(JSON.parse(plain.bytes.toString())).toEqual({ id: long })
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 10)
    expect(packed.headers['content-length']).toBe(String(packed.bytes.length))
    for (const { headers } of [packed, plain]) expect(String(headers.vary)).toContain('Accept-Encoding')
  })
})
