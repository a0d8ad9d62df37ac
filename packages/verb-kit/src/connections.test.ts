import { until } from '@console/testkit/daemon-harness'
import { exchange } from '@console/testkit/raw-socket'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestDaemon, type TestDaemon } from './daemon.fake.ts'

describe('connections of a daemon', () => {
  let test: TestDaemon
  const send = (bytes: string | readonly string[]) => exchange({ socketPath: test.kit.socketPath, bytes, quietMs: 5_000 })
  const good = (container: string): string => test.kit.bytesOf('things.touch', { container }, { as: 'operator' })
  const deniedRows = async () => (await test.rows()).filter(({ outcome }) => outcome === 'denied')
  const whenDenied = (code: string) =>
    until(`a denied row ${code}`, async () => (await deniedRows()).find((row) => row.code === code), 15_000)

  beforeEach(async () => {
    test = await startTestDaemon()
  })
  afterEach(() => test.stop())

  const refused: [string, number, () => string][] = [
    ['a length that is no number', 400, () => test.kit.bytesOf('things.touch', {}, { headers: { 'content-length': '+2' } })],
    ['a length told twice', 400, () => test.kit.bytesOf('things.touch', {}, { headers: { 'Content-Length': '2' } })],
    ['a length and chunks', 400, () => test.kit.bytesOf('things.touch', {}, { headers: { 'transfer-encoding': 'chunked' } })],
    [
      'a coding that is not chunked',
      400,
      () =>
        test.kit.bytesOf(
          'things.touch',
          {},
          { headers: { 'content-length': null, 'transfer-encoding': 'identity, chunked' }, body: '2\r\n{}\r\n0\r\n\r\n' },
        ),
    ],
    ['another method', 405, () => test.kit.bytesOf('things.touch', {}, { method: 'GET' })],
    ['another path', 404, () => test.kit.bytesOf('things.touch', {}, { path: '/v1/things.touch/' })],
    ['no host', 400, () => test.kit.bytesOf('things.touch', {}, { headers: { host: null } })],
    ['an upgrade', 400, () => test.kit.bytesOf('things.touch', {}, { headers: { connection: 'upgrade', upgrade: 'h2c' } })],
    ['an expectation', 417, () => test.kit.bytesOf('things.touch', {}, { headers: { expect: '100-continue' } })],
    ['another expectation', 417, () => test.kit.bytesOf('things.touch', {}, { headers: { expect: 'x' } })],
    ['a tunnel', 405, () => 'CONNECT engine:80 HTTP/1.1\r\nhost: docker-proxy\r\n\r\n'],
    ['a body that is no JSON', 400, () => test.kit.bytesOf('things.touch', {}, { as: 'operator', body: 'x' })],
    [
      'a bad chunk',
      400,
      () =>
        test.kit.bytesOf(
          'things.touch',
          {},
          { as: 'operator', headers: { 'content-length': null, 'transfer-encoding': 'chunked' }, body: 'zz\r\n{}\r\n0\r\n\r\n' },
        ),
    ],
    ['an argument that is not one', 400, () => test.kit.bytesOf('things.touch', { container: 5 }, { as: 'operator' })],
    ['nobody', 401, () => test.kit.bytesOf('things.touch', { container: 'a' }, { as: 'nobody' })],
  ]
  it.each(refused)('serves nothing that follows on %s, and ends the connection with a row', async (_, status, bytes) => {
    for (const sent of [`${bytes()}${good('smuggled')}`, [bytes(), good('smuggled')]]) {
      const answer = await send(sent)
      expect({ status: answer.status, answers: answer.answers, closed: answer.closed }).toEqual({ status, answers: 1, closed: true })
      expect(JSON.parse(answer.body)).toMatchObject({ status })
    }
    expect(test.touched).toEqual([])
    await until('both are on record', async () => (await deniedRows()).length === 2, 15_000)
  })

  it('answers requests that come together one after the other, in order', async () => {
    const answer = await send(`${good('one')}${good('two')}${test.kit.bytesOf('no.verb', {})}${good('three')}`)
    expect(answer.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404'])
    expect(test.touched).toEqual(['one', 'two'])
  })

  it('answers what came before bytes that are no request', async () => {
    const answer = await send(`${good('one')}nonsense\r\n\r\n${good('two')}`)
    expect(answer.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400'])
    expect(test.touched).toEqual(['one'])
  })

  it('closes a connection on which too much waits', async () => {
    const answer = await send(good('one').repeat(40))
    expect(answer.closed).toBe(true)
    expect(test.touched.length).toBeLessThanOrEqual(3)
  })

  it('refuses a body over the limit, told or not, and never reads it as an empty one', async () => {
    const body = `{"container":"${'a'.repeat(1_048_577)}"}`
    const chunked = { 'content-length': null, 'transfer-encoding': 'chunked' }
    for (const bytes of [
      test.kit.bytesOf('things.touch', {}, { body }),
      test.kit.bytesOf('things.touch', {}, { headers: chunked, body: `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` }),
    ])
      expect((await send(bytes)).status).toBe(413)
    await whenDenied('BODY_TOO_LARGE')
  })

  it('writes down who was refused what: by verb where one was named, else as a request', async () => {
    await send(test.kit.bytesOf('things.touch', { container: 'a' }, { as: 'viewer' }))
    await send(test.kit.bytesOf('no.verb', {}, { path: '/v1/no.verb?token=abc' }))
    const [first, second] = (await deniedRows()) as unknown as { details?: unknown }[]
    expect(first).toMatchObject({ action: 'things.touch', risk: 'change', code: 'AUTH_FORBIDDEN', actor: { kind: 'person', id: 'user-1' } })
    expect(second).toMatchObject({
      action: 'daemon.request.refused',
      code: 'ROUTE_NOT_FOUND',
      actor: { kind: 'anonymous' },
      details: { method: 'POST', path: '/v1/no.verb' },
    })
  })

  it('is served as before when it keeps its connection and asks again', async () => {
    const answer = await exchange({
      socketPath: test.kit.socketPath,
      bytes: [good('one'), good('two'), good('three')],
      quietMs: 15_000,
      timeoutMs: 15_000,
      enough: (text) => (text.match(/"ok":true/g)?.length ?? 0) === 3,
    })
    expect([answer.answers, test.touched]).toEqual([3, ['one', 'two', 'three']])
  })
})

describe('a flood of refusals', () => {
  it('is a few rows and one with a count', async () => {
    const test = await startTestDaemon({ limits: { refusalsPerMinute: 5 } })
    try {
      const bytes = test.kit.bytesOf('no.verb', {})
      for (let sent = 0; sent < 40; sent += 1) await exchange({ socketPath: test.kit.socketPath, bytes })
      const denied = await until(
        'every one of them is counted',
        async () => {
          const rows = (await test.rows()).filter(({ outcome }) => outcome === 'denied')
          return rows.reduce((sum, { count = 1 }) => sum + count, 0) === 40 && rows
        },
        30_000,
      )
      expect(denied.length).toBeLessThanOrEqual(10)
      expect(denied.every(({ action, code }) => action === 'daemon.request.refused' && code === 'ROUTE_NOT_FOUND')).toBe(true)
    } finally {
      await test.stop()
    }
  }, 60_000)
})
