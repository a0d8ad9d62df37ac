import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { probe } from './probe-health.ts'

let server: Server
let port: number
let asked: IncomingMessage[]
const anywhere = { origins: null, consolePorts: [3_000] }
const ask = (target: string, more: object = {}, rules: Parameters<typeof probe>[1] = anywhere) =>
  probe({ kind: 'http', target, timeoutMs: 10_000, ...more } as Parameters<typeof probe>[0], rules)
const at = (path = '/'): string => `http://127.0.0.1:${port}${path}`
const open = (service: { listen(port: number, host: string, then: () => void): void; address(): unknown }) =>
  new Promise<number>((resolve) => service.listen(0, '127.0.0.1', () => resolve((service.address() as AddressInfo).port)))
const refused = (why: string) => ({ code: 'HEALTH_TARGET_REFUSED', status: 400, message: expect.stringContaining(why) })

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request)
    if (request.url === '/moved') return void response.writeHead(302, { location: at('/elsewhere') }).end()
    if (request.url === '/late') return
    if (request.url === '/broken') return void response.destroy()
    if (request.url === '/down') return void response.writeHead(503).end('all is ready here')
    if (request.url === '/endless') {
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(more))
      }
      return more()
    }
    response.end('all is ready here')
  })
  port = await open(server)
})
beforeEach(() => {
  asked = []
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describe('a health probe', () => {
  it('tells the status and whether the text was there, and nothing of the text', async () => {
    const told = await ask(at('/x?y=1'), { expectBody: 'ready' })
    expect(told).toEqual({ ok: true, status: 200, latencyMs: expect.any(Number), bodyMatched: true, tlsExpiresAt: null, error: null })
    expect(await ask(at(), { expectBody: 'other' })).toMatchObject({ ok: false, status: 200, bodyMatched: false })
    expect(await ask(at('/down'))).toMatchObject({ status: 503, bodyMatched: null })
    expect(asked[0]?.url).toBe('/x?y=1')
    expect(Object.keys(asked[0]?.headers ?? {}).sort()).toEqual(['accept-encoding', 'connection', 'host', 'user-agent'])
  })

  it('follows nothing', async () => {
    expect(await ask(at('/moved'))).toMatchObject({ status: 302 })
    expect(asked.map(({ url }) => url)).toEqual(['/moved'])
  })

  it('ends with its time, and reads no more than 64 KiB', async () => {
    expect(await ask(at('/late'), { timeoutMs: 200 })).toMatchObject({
      ok: false,
      error: { code: 'TIMEOUT', message: 'no answer within 200 ms' },
    })
    expect(await ask(at('/endless'), { expectBody: 'ready' })).toMatchObject({ ok: false, bodyMatched: false })
  }, 30_000)

  it('tells why nothing came in words of its own', async () => {
    const free = createTcp()
    const closed = await open(free)
    await new Promise((resolve) => free.close(resolve))
    expect(await ask(`http://127.0.0.1:${closed}/`)).toMatchObject({ error: { message: 'connection refused' } })
    expect(await ask(at('/broken'))).toMatchObject({ error: { message: 'the connection was cut' } })
    expect(await ask(`https://127.0.0.1:${port}/`)).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/TLS|cut|failed/) },
    })
  })

  it('of a port asks for no more than the connection', async () => {
    const sockets: Socket[] = []
    let bytes = 0
    const tcp = createTcp((socket) => {
      sockets.push(socket)
      socket.on('data', (chunk) => {
        bytes += chunk.length
      })
      socket.on('error', () => undefined)
    })
    const free = await open(tcp)
    expect(await ask(`127.0.0.1:${free}`, { kind: 'tcp' })).toMatchObject({ ok: true, status: null, error: null })
    await new Promise((resolve) => tcp.close(resolve))
    expect([sockets.length, bytes]).toEqual([1, 0])
    expect(await ask(`127.0.0.1:${free}`, { kind: 'tcp' })).toMatchObject({ ok: false, error: { message: 'connection refused' } })
  })

  it.each([
    'http://169.254.169.254/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://10.0.0.1/',
    'http://128.0.0.1/',
    'http://example.org/',
    'http://127.0.0.1.example.org/',
    'http://localhost.example.org/',
    'http://0x0a000001/',
    'http://167772161/',
  ])('goes nowhere but to loopback: %s', async (target) => {
    await expect(ask(target)).rejects.toMatchObject(refused('loopback'))
  })

  it.each([
    'file:///etc/passwd',
    'unix:/run/docker.sock',
    'ftp://127.0.0.1/',
    'gopher://127.0.0.1/',
    'http://user:pw@127.0.0.1/',
    'no address',
    'http://',
  ])('takes no other kind of address: %s', async (target) => {
    await expect(ask(target)).rejects.toMatchObject(refused('no http, https or host:port address'))
  })

  it('knows loopback under its other names', async () => {
    for (const host of ['localhost', 'LOCALHOST', 'x.localhost', '127.1', '2130706433', '0x7f.1'])
      expect([host, await ask(`http://${host}:${port}/`)]).toEqual([host, expect.objectContaining({ ok: true })])
  })

  it('does not look at the console itself', async () => {
    for (const target of ['http://127.0.0.1:3000/', 'http://localhost:3000/', 'http://127.9.9.9:3000/'])
      await expect(ask(target)).rejects.toMatchObject(refused('part of the console'))
    await expect(ask('127.0.0.1:3000', { kind: 'tcp' })).rejects.toMatchObject(refused('part of the console'))
  })

  it('goes to the listed origins only, where there is a list', async () => {
    const rules = { origins: [`http://127.0.0.1:${port}`], consolePorts: [] }
    expect(await ask(at('/anything'), {}, rules)).toMatchObject({ ok: true })
    expect(await ask(`127.0.0.1:${port}`, { kind: 'tcp' }, rules)).toMatchObject({ ok: true })
    for (const target of [`http://127.0.0.2:${port}/`, `https://127.0.0.1:${port}/`, `http://localhost:${port}/`, 'http://127.0.0.1/'])
      await expect(ask(target, {}, rules)).rejects.toMatchObject(refused('PROBE_ORIGINS'))
    await expect(ask(at(), {}, { origins: [], consolePorts: [] })).rejects.toMatchObject(refused('PROBE_ORIGINS'))
  })
})
