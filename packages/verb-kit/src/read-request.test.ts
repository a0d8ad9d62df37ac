import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { DaemonError } from './problem.ts'
import { assertHead, breakBody, readBody } from './read-request.ts'

type Head = { method?: string; url?: string; httpVersion?: string; headers?: readonly (readonly [string, string])[]; without?: string }
const usual = [
  ['Host', 'docker-proxy'],
  ['Content-Type', 'application/json'],
] as const

function headOf({ method = 'POST', url = '/v1/a', httpVersion = '1.1', headers = [], without }: Head): IncomingMessage {
  const all = [...usual, ...headers].filter(([name]) => name !== without)
  return {
    method,
    url,
    httpVersion,
    rawHeaders: all.flat(),
    // Of two, Node keeps the first.
    headers: Object.fromEntries(all.toReversed().map(([name, value]) => [name.toLowerCase(), value])),
  } as never
}
function judged(head: Head): string {
  try {
    assertHead(headOf(head), 100)
    return 'passes'
  } catch (error) {
    const { status, code } = error as DaemonError
    return `${status} ${code}`
  }
}
const many = (count: number) => Array.from({ length: count }, (_, at) => [`x-${at}`, ''] as const)
const named = (host: string): Head => ({ without: 'Host', headers: [['host', host]] })

describe('the head of a request', () => {
  it.each<[string, Head, string]>([
    ['the usual one', {}, 'passes'],
    ['a hundred headers', { headers: many(98) }, 'passes'],
    ['one more', { headers: many(99) }, '431 HEAD_TOO_LARGE'],
    ['a target as long as may be', { url: `/${'a'.repeat(8_191)}` }, 'passes'],
    ['one byte more', { url: `/${'a'.repeat(8_192)}` }, '414 HEAD_TOO_LARGE'],
    ['the version before', { httpVersion: '1.0' }, '505 REQUEST_INVALID'],
    ['another method', { method: 'GET' }, '405 METHOD_NOT_ALLOWED'],
    ['a target with a host', { url: 'http://engine/v1/a' }, '400 REQUEST_INVALID'],
    ['a target that ends in a slash only', { url: '*/' }, '400 REQUEST_INVALID'],
    ['no host', { without: 'Host' }, '400 REQUEST_INVALID'],
    ['two hosts', { headers: [['HOST', 'docker-proxy']] }, '400 REQUEST_INVALID'],
    ['a host of one letter', named('x'), 'passes'],
    ['a host as long as may be', named('a'.repeat(100)), 'passes'],
    ['a host of one letter more', named('a'.repeat(101)), '400 REQUEST_INVALID'],
    ['a host with a port', named('a:80'), '400 REQUEST_INVALID'],
    ['a host that begins oddly', named('-a'), '400 REQUEST_INVALID'],
    ['a host that ends oddly', named('a/'), '400 REQUEST_INVALID'],
    [
      'one confirmation and one token',
      {
        headers: [
          ['authorization', 'a'],
          ['x-grant', 'b'],
        ],
      },
      'passes',
    ],
    [
      'two tokens',
      {
        headers: [
          ['authorization', 'a'],
          ['Authorization', 'a'],
        ],
      },
      '400 REQUEST_INVALID',
    ],
    [
      'two confirmations',
      {
        headers: [
          ['x-grant', 'a'],
          ['X-Grant', 'a'],
        ],
      },
      '400 REQUEST_INVALID',
    ],
    [
      'a value that is the name of a header',
      {
        headers: [
          ['x-a', 'host'],
          ['x-b', 'authorization'],
          ['x-c', 'content-type'],
        ],
      },
      'passes',
    ],
    ['no type', { without: 'Content-Type' }, '415 CONTENT_TYPE_REFUSED'],
    ['two types', { headers: [['content-type', 'application/json']] }, '415 CONTENT_TYPE_REFUSED'],
    ['another type', { without: 'Content-Type', headers: [['content-type', 'text/plain']] }, '415 CONTENT_TYPE_REFUSED'],
    ['a compressed body', { headers: [['content-encoding', 'gzip']] }, '415 CONTENT_TYPE_REFUSED'],
    ['an expectation', { headers: [['expect', '']] }, '417 REQUEST_INVALID'],
    ['an upgrade', { headers: [['upgrade', 'h2c']] }, '400 REQUEST_INVALID'],
    ['chunks', { headers: [['transfer-encoding', 'chunked']] }, 'passes'],
    ['another coding', { headers: [['transfer-encoding', 'gzip, chunked']] }, '400 REQUEST_INVALID'],
    [
      'chunks and a length',
      {
        headers: [
          ['transfer-encoding', 'chunked'],
          ['content-length', '0'],
        ],
      },
      '400 REQUEST_INVALID',
    ],
    ['a body as long as may be', { headers: [['content-length', '100']] }, 'passes'],
    ['a body of one byte more', { headers: [['content-length', '101']] }, '413 BODY_TOO_LARGE'],
  ])('is judged: %s', (_, head, result) => {
    expect(judged(head)).toBe(result)
  })
})

describe('the body of a request', () => {
  const sent = (...chunks: readonly (string | Buffer)[]) => {
    const body = Object.assign(new PassThrough(), { complete: false }) as PassThrough & IncomingMessage
    for (const chunk of chunks) body.write(chunk)
    return body
  }
  const whole = (...chunks: readonly (string | Buffer)[]) => {
    const body = sent(...chunks)
    body.complete = true
    body.end()
    return body
  }
  it('is put together and read as strict JSON', async () => {
    expect(await readBody(whole('{"a', '":"é', '"}'), 100)).toEqual({ a: 'é' })
    expect(await readBody(whole('["', '1234567', '"]'), 11)).toEqual(['1234567'])
  })

  it.each<[string, readonly (string | Buffer)[], number, string]>([
    ['a name twice', ['{"":1,"":1}'], 400, 'REQUEST_INVALID'],
    ['no JSON', ['{'], 400, 'REQUEST_INVALID'],
    ['no UTF-8', [Buffer.from([0x22, 0xff, 0x22])], 400, 'REQUEST_INVALID'],
    ['a mark before it', ['\uFEFF{}'], 400, 'REQUEST_INVALID'],
    ['one byte too much', ['["', '12345678', '"]'], 413, 'BODY_TOO_LARGE'],
    ['too much in the middle', ['["', '1'.repeat(50), '', '"]'], 413, 'BODY_TOO_LARGE'],
  ])('is refused: %s', async (_, chunks, status, code) => {
    await expect(readBody(whole(...chunks), 11)).rejects.toMatchObject({ status, code })
  })

  it('says which it was: no UTF-8, or no JSON', async () => {
    await expect(readBody(whole(Buffer.from([0xff])), 11)).rejects.toThrow('not UTF-8')
    await expect(readBody(whole('x'), 11)).rejects.not.toThrow('not UTF-8')
  })

  it('is refused when the connection says that it is none, before it is read or while', async () => {
    const why = new DaemonError('REQUEST_INVALID', 400, 'no chunk')
    const [before, during] = [sent('{'), sent('{')]
    breakBody(before, why)
    await expect(readBody(before, 11)).rejects.toBe(why)
    const reading = readBody(during, 11)
    breakBody(during, why)
    await expect(reading).rejects.toBe(why)
  })

  it('is refused when its sender goes away or its stream fails', async () => {
    const [gone, failed] = [sent('{}'), sent('{}')]
    const both = [readBody(gone, 11), readBody(failed, 11)]
    const results = Promise.allSettled(both)
    gone.destroy()
    failed.destroy(new Error('reset'))
    expect(await results).toMatchObject([
      { status: 'rejected', reason: { message: 'the body ended early' } },
      { status: 'rejected', reason: { message: 'reset' } },
    ])
  })
})
