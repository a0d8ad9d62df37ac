import type { Socket } from 'node:net'
import { until } from '@console/testkit/daemon-harness'
import { afterEach, describe, expect, it } from 'vitest'
import { type ConnectionsRig, call, say, startConnections, statuses } from './connections.fake.ts'
import { DaemonError } from './problem.ts'
import { readBody } from './read-request.ts'

const uuid = /^[0-9a-f-]{36}$/

describe('connections, whatever is served on them', () => {
  let rig: ConnectionsRig
  afterEach(() => rig.stop())

  it('have the limits of time and size that stand here, and not those that Node has by itself', async () => {
    rig = await startConnections(async (_request, response) => say(response, 'ok'))
    const { headersTimeout, requestTimeout, keepAliveTimeout, maxConnections } = rig.server
    expect({ headersTimeout, requestTimeout, keepAliveTimeout, maxConnections }).toEqual({
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5_000,
      maxConnections: 2_000,
    })
    expect(await rig.untilClosed(`POST /v1/x HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(17_000)}\r\n\r\n`)).toMatchObject({ status: 431 })
    expect(rig.refused).toEqual([[expect.stringMatching(uuid), 'HEAD_TOO_LARGE']])
  })

  it('serve sixteen that wait, and end with the seventeenth, of which none is begun any more', async () => {
    const begun: string[] = []
    let go = (): void => undefined
    const held = new Promise<void>((resolve) => {
      go = resolve
    })
    rig = await startConnections(async ({ url = '' }, response) => {
      begun.push(url)
      await held
      say(response, 'ok')
    })
    const sixteen = rig.talk(call('/first').repeat(16), 16)
    await until('the first is begun', () => begun.length === 1, 15_000)
    const many = rig.untilClosed(call('/second').repeat(17))
    expect(await many).toMatchObject({ text: '', closed: true })
    go()
    expect(statuses((await sixteen).text)).toEqual(Array.from({ length: 16 }, () => '200'))
    expect(begun.filter((url) => url === '/second').length).toBeLessThan(2)
  })

  it('serve any number that come one after the other', async () => {
    rig = await startConnections(async (_request, response) => say(response, 'ok'))
    expect(
      (
        await rig.talk(
          Array.from({ length: 20 }, () => call()),
          20,
        )
      ).answers,
    ).toBe(20)
  })

  it('take the id of a request from its head where it has the shape of one, else give one', async () => {
    rig = await startConnections(async (_request, response, requestId) => say(response, requestId))
    const answerTo = async (id: string): Promise<string> => (await rig.talk(call('/v1/x', `x-request-id: ${id}\r\n`), 1)).body
    expect(await answerTo('A-z0'.repeat(16))).toBe('A-z0'.repeat(16))
    for (const strange of [`${'a'.repeat(65)}`, 'a b', '"a', 'a;']) expect(await answerTo(strange)).toMatch(uuid)
    expect((await rig.talk(call(), 1)).body).toMatch(uuid)
  })

  it('answer what a verb refuses in its words, and what it did not expect with the id alone, which is logged', async () => {
    rig = await startConnections(async ({ url }) => {
      throw url === '/known' ? new DaemonError('BUSY', 429, 'Later.', { retryAfterSec: 7 }) : new Error('planted 4711')
    })
    const known = await rig.untilClosed(`${call('/known', 'x-request-id: id-1\r\n')}${call('/never')}`)
    expect([known.answers, known.closed, known.headers]).toEqual([
      1,
      true,
      expect.objectContaining({
        'content-type': 'application/problem+json',
        'content-length': String(known.body.length),
        'x-request-id': 'id-1',
        connection: 'close',
        'retry-after': '7',
      }),
    ])
    expect([JSON.parse(known.body), rig.logged]).toEqual([expect.objectContaining({ code: 'BUSY', requestId: 'id-1' }), []])
    const fault = await rig.untilClosed(call('/fault', 'x-request-id: id-2\r\n'))
    expect([fault.status, fault.text.includes('4711')]).toEqual([500, false])
    expect(rig.logged).toEqual([
      ['error', 'a call failed', { requestId: 'id-2', url: '/fault', error: expect.stringMatching(/planted 4711\n +at /) }],
    ])
  })

  it('end in the middle of an answer that fails, rather than give two', async () => {
    rig = await startConnections(async (_request, response) => {
      await new Promise((sent) => response.writeHead(200, { 'content-length': 100 }).write('half', sent))
      throw new DaemonError('BUSY', 429, 'Later.')
    })
    const told = await rig.untilClosed(`${call()}${call()}`)
    expect([statuses(told.text), told.closed, told.text.includes('BUSY')]).toEqual([['200'], true, false])
  })

  it('log nothing of a request whose sender left before its end', async () => {
    const ended: unknown[] = []
    const begun = Promise.withResolvers<void>()
    rig = await startConnections(async (request) => {
      begun.resolve()
      await readBody(request, 1_000).catch((error: unknown) => {
        ended.push(error)
        throw error
      })
    })
    const half = 'POST /v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{'
    const sender = rig.stubborn(half)
    await begun.promise
    sender.destroy()
    await until('its end was noticed', () => ended.length === 1, 15_000)
    await until('the connection is closed', () => rig.sockets.every(({ destroyed }) => destroyed), 15_000)
    expect([rig.logged, rig.refused]).toEqual([[], []])
  })

  const parserCodes: [string, number, string][] = [
    ['HPE_HEADER_OVERFLOW', 431, 'HEAD_TOO_LARGE'],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413, 'BODY_TOO_LARGE'],
    ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'REQUEST_TIMEOUT'],
    ['HPE_INVALID_METHOD', 400, 'REQUEST_INVALID'],
  ]
  it.each(parserCodes)('tell whoever sent what the parser calls %s', async (code, status, told) => {
    rig = await startConnections(async (_request, response) => say(response, 'ok'))
    const answer = rig.untilClosed('')
    await until('it is connected', () => rig.sockets.length === 1, 15_000)
    for (const _ of [1, 2]) rig.server.emit('clientError', Object.assign(new Error(code), { code }), rig.sockets[0] as Socket)
    const { text, body, headers, closed } = await answer
    expect([statuses(text), closed, headers]).toEqual([
      [String(status)],
      true,
      {
        'content-type': 'application/problem+json',
        'content-length': String(body.length),
        'x-request-id': expect.stringMatching(uuid),
        connection: 'close',
      },
    ])
    const { detail, requestId, ...rest } = JSON.parse(body) as Record<string, unknown>
    expect(rest).toMatchObject({ status, code: told })
    expect([String(detail).endsWith('.'), requestId, rig.refused]).toEqual([true, headers['x-request-id'], [[requestId, told]]])
  })

  it.each(['ECONNRESET', 'EPIPE'])('say nothing to one whose connection ended with %s', async (code) => {
    rig = await startConnections(async (_request, response) => say(response, 'ok'))
    const answer = rig.untilClosed('')
    await until('it is connected', () => rig.sockets.length === 1, 15_000)
    rig.server.emit('clientError', Object.assign(new Error(code), { code }), rig.sockets[0] as Socket)
    expect([await answer, rig.refused]).toMatchObject([{ text: '', closed: true }, []])
  })

  it('say nothing on a connection that nothing can be written to any more', async () => {
    rig = await startConnections(async (_request, response) => say(response, 'ok'))
    const answer = rig.untilClosed('')
    await until('it is connected', () => rig.sockets.length === 1, 15_000)
    const socket = rig.sockets[0] as Socket
    socket.end()
    rig.server.emit('clientError', Object.assign(new Error('x'), { code: 'HPE_INVALID_METHOD' }), socket)
    expect([await answer, rig.refused]).toMatchObject([{ text: '', closed: true }, []])
    await until('the connection is given up', () => socket.destroyed, 15_000)
  })

  it('refuse a body that turns out to be none as the request it belongs to, once', async () => {
    rig = await startConnections(async (request, response) => say(response, String(await readBody(request, 1_000))))
    const told = await rig.untilClosed('POST /v1/x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nnonsense')
    expect([statuses(told.text), told.closed, rig.refused]).toEqual([['400'], true, []])
  })

  it('end without a word where such a body waits behind another request', async () => {
    let begun = 0
    rig = await startConnections(async () => {
      begun += 1
      await new Promise(() => undefined)
    })
    const told = await rig.untilClosed(`${call()}POST /v1/y HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nnonsense`)
    expect([told.text, told.closed, rig.refused]).toEqual(['', true, []])
    expect(begun).toBeLessThan(2)
  })
})
