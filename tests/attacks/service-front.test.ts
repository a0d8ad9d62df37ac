import { attackCase } from '@console/testkit/attack'
import { aService } from '@console/testkit/people'
import { exchange, type RawAnswer } from '@console/testkit/raw-socket'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { pageHeaders } from './raw-asking.ts'

const patience = { quietMs: 20_000, timeoutMs: 20_000 }

describe('the front of a service, in exact bytes', () => {
  let parts: RunningParts
  let admin: Person
  let made = 0
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'devops-backend'] })
    admin = await parts.setUp()
  }, 120_000)
  afterAll(() => parts?.stop())

  const send = (bytes: string | string[]): Promise<RawAnswer> => exchange({ port: parts.backendPort, bytes, ...patience })
  const cookie = () => admin.devops.cookiesFor('/api/devops/services')
  const host = 'Host: localhost\r\n'
  /** A read by a person who is signed in; it closes the connection, so that nothing is waited for. */
  const get = (target: string, { head = host, version = 'HTTP/1.1', method = 'GET' } = {}) =>
    `${method} ${target} ${version}\r\n${head}Cookie: ${cookie()}\r\nConnection: close\r\n\r\n`
  const headersOfPage = () =>
    pageHeaders(admin, 'devops', { target: '/api/devops/services' })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
  const post = (body: string, { framing = `Content-Length: ${Buffer.byteLength(body)}\r\n`, headers = headersOfPage() } = {}) =>
    `POST /api/devops/services HTTP/1.1\r\n${host}${headers}${framing}Connection: close\r\n\r\n${Buffer.from(body).toString('latin1')}`
  const service = () => {
    made += 1
    return JSON.stringify(aService(`front-${made}`))
  }
  const rows = () => parts.rows('devops-backend').filter(({ action }) => action.startsWith('services.'))
  const services = async () => (await admin.devops.get('/services')).body.items as unknown as { name: string }[]
  const reads = async () => expect((await send(get('/api/devops/services'))).status).toBe(200)
  const writes = async () => expect((await send(post(service()))).status).toBe(201)
  /** What was refused changed nothing and was not even intended. */
  const untouched = (before: { rows: number; services: number }) => async () => {
    expect({ rows: rows().length, services: (await services()).length }).toEqual(before)
  }
  const now = async () => ({ rows: rows().length, services: (await services()).length })

  attackCase('P1', 'paths with dots and doubled slashes', async (it) => {
    const before = await now()
    await it.attack('none is tidied into a route', async () => {
      for (const target of [
        '/api/devops//services',
        '//api/devops/services',
        '/api//devops/services',
        '/api/devops/./services',
        '/api/devops/x/../services',
        '/api/devops/services/../services',
        '/api/devops/services/',
        '/API/devops/services',
        '/api/devops/services;x=1',
      ])
        expect([target, (await send(get(target))).status]).toEqual([target, expect.toBeOneOf([400, 404])])
    })
    await it.row('none', untouched(before))
    await it.control('the path as it is', reads)
  })

  attackCase('P2', 'encoded dots and slashes in a parameter', async (it) => {
    const before = await now()
    await it.attack('what they spell is no id', async () => {
      for (const id of ['%2e%2e', '.%2e', '%2e%2e%2f%2e%2e', '..%2f..', '%252e%252e', '%5c', '%00', '%0d%0a', '%', '%zz', '%c0%ae', '%ff'])
        expect([id, (await send(get(`/api/devops/services/${id}`))).status]).toEqual([id, expect.toBeOneOf([400, 404])])
    })
    await it.row('none', untouched(before))
    await it.control('an id', async () => {
      await writes()
      expect((await send(get(`/api/devops/services/front-${made}`))).status).toBe(200)
    })
  })

  attackCase('P6', 'targets that are no path, and requests that are none', async (it) => {
    const before = await now()
    await it.attack('absolute form, authority form, asterisk, unknown methods and versions', async () => {
      for (const [line, bytes] of Object.entries({
        absolute: get('http://localhost/api/devops/services'),
        foreign: get('http://evil.test/api/devops/services'),
        connect: get('localhost:80', { method: 'CONNECT' }),
        asterisk: get('*', { method: 'OPTIONS' }),
        foo: get('/api/devops/services', { method: 'FOO' }),
        trace: get('/api/devops/services', { method: 'TRACE' }),
        patch: get('/api/devops/services', { method: 'PATCH' }),
        two: get('/api/devops/services', { version: 'HTTP/2.0' }),
        none: `GET /api/devops/services\r\n\r\n`,
        preface: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      })) {
        const answer = await send(bytes)
        expect([line, answer.status === 0 ? 400 : answer.status]).toEqual([line, expect.toBeOneOf([400, 404, 405, 505])])
      }
    })
    await it.row('none', untouched(before))
    await it.control('origin form', reads)
  })

  attackCase('P10', 'a second request in the body of the first', async (it) => {
    const before = await now()
    const hidden = get('/api/devops/services', { method: 'DELETE' })
    await it.attack('lengths that disagree, and codings that are none', async () => {
      for (const framing of [
        'Content-Length: 6\r\nTransfer-Encoding: chunked\r\n',
        'Transfer-Encoding: chunked\r\nContent-Length: 6\r\n',
        'Content-Length: 6\r\nContent-Length: 5\r\n',
        'Content-Length: +6\r\n',
        'Content-Length: 0x6\r\n',
        'Content-Length: 6,6\r\n',
        'Transfer-Encoding: xchunked\r\n',
        'Transfer-Encoding : chunked\r\n',
        'Transfer-Encoding: identity, chunked, identity\r\n',
        'X: y\r\n Transfer-Encoding: chunked\r\n',
      ]) {
        const answer = await send(`${post('', { framing }).replace('Connection: close\r\n', '')}0\r\n\r\n${hidden}`)
        expect([framing, answer.status, answer.answers, answer.closed]).toEqual([framing, 400, 1, true])
      }
    })
    await it.row('none', untouched(before))
    await it.control('one length', writes)
  })

  attackCase('P15', 'no host, two, or one that is not served', async (it) => {
    const before = await now()
    await it.attack('each is refused', async () => {
      for (const head of [
        '',
        'Host: localhost\r\nHost: localhost\r\n',
        'Host: localhost\r\nHost: evil.test\r\n',
        'Host: evil.test\r\n',
        'Host: localhost.evil.test\r\n',
        'Host: localhost@evil.test\r\n',
        'Host: \r\n',
        'Host: [\r\n',
        'Host: a b\r\n',
        'Host: 127.0.0.1.evil.test\r\n',
      ])
        expect([head, (await send(get('/api/devops/services', { head }))).status]).toEqual([head, expect.toBeOneOf([400, 421])])
    })
    await it.attack('and none ends the service', reads)
    await it.row('none', untouched(before))
    await it.control('one host that is served', reads)
  })

  attackCase('P18', 'an upgrade', async (it) => {
    const before = await now()
    await it.attack('to anything, whatever host and target', async () => {
      for (const to of ['websocket', 'tcp', 'h2c'])
        for (const [target, head] of [
          ['/api/devops/events', host],
          ['//', 'Host: [\r\n'],
          ['http://[', 'Host: a b\r\n'],
        ] as const) {
          const answer = await send(`GET ${target} HTTP/1.1\r\n${head}Cookie: ${cookie()}\r\nConnection: Upgrade\r\nUpgrade: ${to}\r\n\r\n`)
          expect([to, target, answer.status, answer.closed]).toEqual([to, target, 400, true])
        }
    })
    await it.row('none', untouched(before))
    await it.control('the service lives', reads)
  })

  attackCase('P22', 'heads and bodies that are too long', async (it) => {
    const before = await now()
    await it.attack('a target, a header, many headers, a body', async () => {
      for (const [what, bytes, status] of [
        ['target', get(`/api/devops/services?x=${'x'.repeat(20_000)}`), [414, 431]],
        ['header', get('/api/devops/services', { head: `${host}X-Long: ${'x'.repeat(20_000)}\r\n` }), [431]],
        ['headers', get('/api/devops/services', { head: host + 'X-Many: xxxxxxxxxxxxxxxx\r\n'.repeat(1_000) }), [431]],
        ['body', post('', { framing: `Content-Length: ${1_048_577}\r\n` }), [413]],
      ] as const)
        expect([what, (await send(bytes)).status]).toEqual([what, expect.toBeOneOf([...status])])
    })
    await it.row('none', untouched(before))
    await it.control('a long head that is not too long', async () => {
      expect((await send(get('/api/devops/services', { head: `${host}X-Long: ${'x'.repeat(8_000)}\r\n` }))).status).toBe(200)
    })
  })

  attackCase('P25', 'another content type, or a packed body', async (it) => {
    const before = await now()
    await it.attack('each is refused', async () => {
      const body = service()
      const plain = headersOfPage().replace(/content-type: [^\r]*\r\n/, '')
      for (const type of [
        '',
        'Content-Type: text/plain\r\n',
        'Content-Type: application/x-www-form-urlencoded\r\n',
        'Content-Type: multipart/form-data; boundary=x\r\n',
        'Content-Type: application/json\t;x\r\n',
        'Content-Type: application/json; charset=utf-8\r\n',
        'Content-Type: APPLICATION/JSON\r\n',
        'Content-Type: application/json\r\nContent-Type: text/plain\r\n',
        'Content-Type: application/json\r\nContent-Encoding: gzip\r\n',
      ])
        expect([type, (await send(post(body, { headers: plain + type }))).status]).toEqual([type, expect.toBeOneOf([400, 415])])
    })
    await it.row('no intent', async () => {
      expect((await services()).length).toBe(before.services)
      expect(
        rows()
          .slice(before.rows)
          .every(({ outcome }) => outcome === 'denied'),
      ).toBe(true)
    })
    await it.control('exactly application/json', writes)
  })

  attackCase('P26', 'a body that is no strict JSON', async (it) => {
    const before = await now()
    const text = service()
    const name = `"name":"front-${made}"`
    const bad = {
      duplicate: text.replace(name, `${name},${name}`),
      'duplicate by escape': text.replace(name, `${name},"n\\u0061me":"other"`),
      proto: text.replace(name, `${name},"__proto__":{"admin":true}`),
      constructor: text.replace(name, `${name},"constructor":{}`),
      bom: `\ufeff${text}`,
      nan: text.replace('"verifyWindowSec":5', '"verifyWindowSec":NaN'),
      huge: text.replace('"verifyWindowSec":5', '"verifyWindowSec":1e400'),
      deep: `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
      trailing: `${text}x`,
      'lone surrogate': text.replace(name, '"name":"front-\\ud800"'),
      'unknown field': text.replace(name, `${name},"more":1`),
      'number as text': text.replace('"verifyWindowSec":5', '"verifyWindowSec":"5"'),
      'text as list': text.replace(name, `"name":["front-${made}"]`),
    }
    await it.attack('each is refused', async () => {
      for (const [what, body] of Object.entries(bad)) expect([what, (await send(post(body))).status]).toEqual([what, 400])
      const broken = post('xxxx').replace(/xxxx$/, '{"\xff\xfe')
      expect((await send(broken)).status).toBe(400)
    })
    await it.row('none', untouched(before))
    await it.control('the same body as it is', async () => expect((await send(post(text))).status).toBe(201))
  })

  attackCase('P27', 'a query that says a thing twice, or what nobody asked for', async (it) => {
    const before = await now()
    await it.attack('each is refused', async () => {
      for (const query of [
        'limit=1&limit=2',
        'limit=1e1',
        'limit=%201',
        'limit=0x10',
        'limit=',
        'limit=1.0',
        'limit[]=1',
        'other=1',
        'limit=-1',
        '__proto__=1',
      ])
        expect([query, (await send(get(`/api/devops/audit?${query}`))).status]).toEqual([query, 400])
    })
    await it.row('none', untouched(before))
    await it.control('one whole number', async () => expect((await send(get('/api/devops/audit?limit=10'))).status).toBe(200))
  })
})
