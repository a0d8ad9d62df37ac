import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { attackCase } from '@console/testkit/attack'
import type { Answer } from '@console/testkit/browser'
import { aService } from '@console/testkit/people'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'

const timing = { intervalSec: 3_600, downAfter: 1, upAfter: 1 }
const canary = 'canary-7f3a9d'

describe('a health check whose address is an attack', () => {
  let parts: RunningParts
  let admin: Person
  let operator: Person
  let target: Server
  let port = 0
  let answer: (url: string, response: ServerResponse) => void = (_, response) => void response.end('ready')
  const asked: string[] = []

  beforeAll(async () => {
    target = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.host}`)
      answer(request.url ?? '', response)
    })
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
    port = (target.address() as AddressInfo).port
    parts = await startParts({
      parts: ['platform-service', 'host-agent', 'devops-backend'],
      env: {
        'devops-backend': { DOMAIN: 'example.net' },
        'host-agent': { PROBE_ORIGINS: `http://127.0.0.1:${port},http://localhost:${port}` },
      },
    })
    admin = await parts.setUp()
  }, 120_000)
  afterAll(async () => {
    await parts?.stop()
    target?.closeAllConnections()
    target?.close()
  })

  const http = (url: string, over: object = {}) => ({
    id: 'c1',
    kind: 'http',
    url,
    method: 'GET',
    expectStatus: '2xx',
    expectBody: null,
    timeoutMs: 5_000,
    ...timing,
    ...over,
  })
  const tcp = (host: string, at: number) => ({ id: 'c1', kind: 'tcp', host, port: at, timeoutMs: 5_000, ...timing })
  // Each case has an operator of its own, with a budget of changes of their own.
  let operators = 0
  beforeEach(async () => {
    operators += 1
    operator = await parts.invite(admin, `operator-${operators}@example.net`, { 'bytelyst-devops': 'operator' })
  })
  let services = 0
  const keep = (check: object): Promise<Answer> => {
    services += 1
    return operator.devops.post('/services', { ...aService(`svc-${services}`), checks: [check] })
  }
  const attempt = (check: object): Promise<Answer> => operator.devops.post('/health-checks/try', { check })
  /** Rows of what people did: checkpoints come by themselves. */
  const ownRows = () => parts.rows('devops-backend').filter(({ action }) => !action.startsWith('audit.'))
  const refusals: string[] = []
  const refused = async (what: string, check: object, codes = ['HEALTH_TARGET_REFUSED']) => {
    for (const ask of [keep, attempt]) {
      const got = await ask(check)
      expect([what, got.status, codes.includes(String(got.body.code))]).toEqual([what, 400, true])
      if (ask === keep && String(got.body.code) === 'HEALTH_TARGET_REFUSED') refusals.push(`svc-${services}`)
    }
  }
  const works = async () => {
    answer = (_, response) => void response.end('ready')
    expect((await attempt(http(`http://127.0.0.1:${port}/`))).body).toMatchObject({ ok: true })
  }
  /** Each service that was to be kept with such a check has an intent and a failure, and is not there. */
  const told = async () => {
    const rows = parts
      .rows('devops-backend')
      .filter(({ action, target: at }) => action === 'services.service.create' && refusals.includes(at))
    expect(rows.map((row) => [row.target, row.outcome, row.code])).toEqual(
      refusals.flatMap((name) => [
        [name, 'started', undefined],
        [name, 'failed', 'HEALTH_TARGET_REFUSED'],
      ]),
    )
    const { body } = await operator.devops.get('/services')
    const there = (body.items as unknown as { name: string }[]).map(({ name }) => name)
    expect(refusals.filter((name) => there.includes(name))).toEqual([])
    refusals.length = 0
  }
  /** What only measures changes nothing and leaves no row; a refusal of the agent is told in the measurement. */
  const leavesNoRow = (before: number) => expect(ownRows().slice(before)).toEqual([])
  const rowsNow = () => ownRows().length

  attackCase('F1', 'another scheme, a user, a fragment, a backslash', async (it) => {
    await it.attack('each is refused when it is entered', async () => {
      const url = `127.0.0.1:${port}`
      for (const bad of [
        'file:///etc/passwd',
        `gopher://${url}/_x`,
        `ftp://${url}/`,
        'unix:///run/docker.sock',
        'data:text/plain,x',
        `http://user:secret@${url}/`,
        `http://api.example.net@${url}/`,
        `http://api.example.net#@${url}/`,
        `http://api.example.net\\@${url}/`,
        `http:\\\\${url}/`,
        '//api.example.net/',
        'http://',
        'javascript:alert(1)',
      ])
        await refused(bad, http(bad))
    })
    await it.control('http to a listed address', works)
    await it.row('an intent and a failure each, without the password', async () => {
      await told()
      expect(asked.filter((line) => !line.startsWith('GET / '))).toEqual([])
    })
  })

  attackCase('F2', 'other spellings of loopback and of what is never reached', async (it) => {
    const before = rowsNow()
    await it.attack('each spelling of loopback goes to the agent, which knows one listed origin; the rest is refused', async () => {
      asked.length = 0
      for (const host of ['[::ffff:7f00:1]', '[::]', '0', '127.0.0.2', '127.1.1.1', '0x7f.2', '017700000002', '２１３０７０６４３４'])
        expect([host, (await attempt(http(`http://${host}:${port}/`))).body]).toMatchObject([host, { ok: false }])
      for (const host of ['[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[::127.0.0.1]', '[fe80::1]', '[2001::1]'])
        await refused(host, http(`http://${host}:${port}/`))
      for (const host of ['[fe80::1%25eth0]', '[::1%25lo]']) await refused(host, http(`http://${host}:${port}/`))
      for (const host of ['127.1/x', 'a@127.0.0.1', '127.0.0.1#', '127.0.0.1?x', '127.0.0.1\\', ' 127.0.0.1'])
        await refused(host, tcp(host, port))
      expect(asked).toEqual([])
    })
    await it.control('the spellings that mean the listed origin itself', async () => {
      for (const host of ['127.0.0.1', '127.1', '0x7f.1', '2130706433', '１２７.０.０.１', 'localhost', 'LOCALHOST'])
        expect([host, (await attempt(http(`http://${host}:${port}/`))).body]).toMatchObject([host, { ok: true }])
      for (const host of ['127.0.0.1', '127.1']) expect([host, (await attempt(tcp(host, port))).body]).toMatchObject([host, { ok: true }])
    })
    await it.row('what was entered has its failure, what was only tried has none', async () => {
      expect(
        parts
          .rows('devops-backend')
          .slice(before)
          .every(({ action }) => action === 'services.service.create'),
      ).toBe(true)
      await told()
    })
  })

  attackCase('F3', 'metadata services of clouds', async (it) => {
    await it.attack('by address and by name, as http and as tcp', async () => {
      for (const host of [
        '169.254.169.254',
        '[fd00:ec2::254]',
        '100.100.100.200',
        '168.63.129.16',
        '[::ffff:169.254.169.254]',
        '[64:ff9b::a9fe:a9fe]',
        'metadata.google.internal',
        'METADATA.google.internal.',
        'metadata.azure.internal',
        '2852039166',
      ]) {
        await refused(host, http(`http://${host}/latest/meta-data/`))
        await refused(host, tcp(host, 80))
      }
    })
    await it.control('an address that is listed', works)
    await it.row('an intent and a failure each', told)
  })

  attackCase('F6', 'an answer that sends the check elsewhere', async (it) => {
    const before = rowsNow()
    await it.attack('to another address, to another scheme, round in a circle: nothing is followed', async () => {
      for (const [status, location] of [
        [301, `http://127.0.0.1:${port}/secret`],
        [302, 'http://169.254.169.254/latest/meta-data/'],
        [307, `https://127.0.0.1:${port}/secret`],
        [308, 'file:///etc/passwd'],
        [302, '/'],
      ] as const) {
        asked.length = 0
        answer = (_, response) => void response.writeHead(status, { location }).end()
        expect((await attempt(http(`http://127.0.0.1:${port}/`))).body).toMatchObject({
          ok: false,
          note: expect.stringContaining(`${status} in `),
        })
        expect(asked).toEqual([`GET / 127.0.0.1:${port}`])
      }
    })
    await it.control('a redirect that is what the check expects is a hit', async () => {
      answer = (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
      expect((await attempt(http(`http://127.0.0.1:${port}/`, { expectStatus: '302' }))).body).toMatchObject({ ok: true })
    })
    await it.row('no row', () => leavesNoRow(before))
  })

  attackCase('F8', 'the engine, a daemon, or a place that is on no list', async (it) => {
    await it.attack('sockets, ports of engines, hosts outside the domain', async () => {
      for (const url of [
        'unix:///var/run/docker.sock',
        `http+unix://${encodeURIComponent(parts.socketOf('host-agent'))}/v1/runs.start`,
        'http://api.example.net:2375/containers/json',
        'http://127.0.0.1:2376/',
        'http://example.org/',
        'http://example.net.evil.test/',
        'http://evilexample.net/',
        'http://10.0.0.1/',
        'http://192.168.0.1/',
        'http://[fd12::1]/',
      ])
        await refused(url, http(url))
      await refused('tcp 2375', tcp('api.example.net', 2375))
      await refused('tcp to another net', tcp('10.0.0.1', 22))
    })
    await it.attack('a loopback origin that the agent does not list', async () => {
      const other = createTcpServer((socket) => socket.destroy())
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
      let reached = 0
      other.on('connection', () => (reached += 1))
      const at = (other.address() as AddressInfo).port
      const note = 'This address cannot be checked: its origin is not in PROBE_ORIGINS.'
      expect((await attempt(http(`http://127.0.0.1:${at}/`))).body).toMatchObject({ ok: false, note })
      expect((await attempt(tcp('127.0.0.1', at))).body).toMatchObject({ ok: false, note })
      expect((await attempt(http(`https://127.0.0.1:${port}/`))).body).toMatchObject({ ok: false, note })
      expect(reached).toBe(0)
      other.close()
    })
    await it.control('a host below the domain is kept, and the listed origin is reached', async () => {
      expect((await keep(http('http://api.example.net/'))).status).toBe(201)
      await works()
    })
    await it.row('an intent and a failure each', told)
  })

  attackCase('F9', 'an answer that is slow, endless, huge or packed', async (it) => {
    const before = rowsNow()
    const soon = { timeoutMs: 1_000 }
    const check = (over: object = {}) => attempt(http(`http://127.0.0.1:${port}/`, over))
    await it.attack('no head, a body that never ends, a head without end', async () => {
      answer = () => undefined
      expect((await check(soon)).body).toMatchObject({ ok: false, note: 'no answer within 1000 ms' })
      answer = (_, response) => void response.writeHead(200).write('x')
      expect((await check(soon)).body).toMatchObject({ ok: false, note: 'no answer within 1000 ms' })
      answer = (_, response) => void response.writeHead(200, { 'x-bomb': 'x'.repeat(60_000) }).end()
      expect((await check()).body).toMatchObject({ ok: false, latencyMs: null })
    })
    await it.attack('a body without end is read up to 64 KiB, and what lies behind is not looked at', async () => {
      let sent = 0
      answer = (_, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(16_384, 'x'))) sent += 16_384
          if (!response.destroyed) response.once('drain', more)
        }
        more()
      }
      expect((await check()).body).toMatchObject({ ok: true })
      expect(sent).toBeLessThan(64 * 1_048_576)
      answer = (_, response) => void response.end(`${'x'.repeat(70_000)}${canary}`)
      expect((await check({ expectBody: canary })).body).toMatchObject({ ok: false })
    })
    await it.attack('a packed body is not unpacked', async () => {
      answer = (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000, 'x')))
      expect((await check({ expectBody: 'xxxxxxxx' })).body).toMatchObject({ ok: false })
      answer = (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(canary))
      expect((await check({ expectBody: canary })).body).toMatchObject({ ok: false })
    })
    await it.control('the same text as it is', async () => {
      answer = (_, response) => void response.end(`${'x'.repeat(60_000)}${canary}`)
      expect((await check({ expectBody: canary })).body).toMatchObject({ ok: true })
    })
    await it.row('no row', () => leavesNoRow(before))
  })

  attackCase('F10', 'what the target says is shown to nobody', async (it) => {
    const before = rowsNow()
    await it.attack('body, status text, headers and a broken answer', async () => {
      answer = (_, response) => void response.writeHead(500, canary, { 'x-canary': canary }).end(canary)
      const told = await attempt(http(`http://127.0.0.1:${port}/`))
      answer = (_, response) => void response.socket?.end(`${canary}\r\n\r\n`)
      const broken = await attempt(http(`http://127.0.0.1:${port}/`))
      expect([told.body, broken.body]).toMatchObject([{ ok: false, note: expect.stringMatching(/^500 in \d+ ms$/) }, { ok: false }])
      expect(told.text + broken.text).not.toContain(canary)
      expect(parts.running.get('devops-backend')?.output.join('\n')).not.toContain(canary)
    })
    await it.control('whether the body holds the expected text is told', async () => {
      answer = (_, response) => void response.end(canary)
      const hit = await attempt(http(`http://127.0.0.1:${port}/`, { expectBody: canary }))
      expect([hit.body, hit.text.includes(canary)]).toMatchObject([{ ok: true }, false])
    })
    await it.row('no row', () => leavesNoRow(before))
  })

  attackCase('F11', 'line ends in the address', async (it) => {
    await it.attack('in the path, the query and the host', async () => {
      asked.length = 0
      for (const bad of ['/a\r\nX-Injected: 1', '/a\nb', '/?q=\r\nHost: evil.test', '/\tx', '/a b', '/\u0000'])
        await refused(JSON.stringify(bad), http(`http://127.0.0.1:${port}${bad}`))
      await refused('host', http(`http://127.0.0.1\r\n:${port}/`))
      await refused('tcp host', tcp('127.0.0.1\r\n', port))
      expect(asked).toEqual([])
    })
    await it.control('the same, encoded, is one path and the Host is the address', async () => {
      answer = (_, response) => void response.end()
      expect((await attempt(http(`http://127.0.0.1:${port}/a%0d%0aX-Injected:%201`))).body).toMatchObject({ ok: true })
      expect(asked).toEqual([`GET /a%0d%0aX-Injected:%201 127.0.0.1:${port}`])
    })
    await it.row('an intent and a failure each', told)
  })
})
