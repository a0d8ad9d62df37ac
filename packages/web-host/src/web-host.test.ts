import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { chromiumPath, describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aSite, flightScript, get, sendRaw, settings, themeScript } from './sample-site.fake.ts'
import { createWebHost, type WebHost } from './web-host.ts'

const site = aSite()
let web: WebHost
let port: number
beforeAll(async () => {
  web = await createWebHost({ dir: site.dir, previous: site.previous, settings, port: 0, hosts: ['console.tailnet.example'] })
  port = web.port
})
afterAll(async () => {
  await web.close()
  site.remove()
})

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

test.each([
  ['/', 'overview'],
  ['/index.html', 'overview'],
  ['/services', 'services'],
  ['/services.html', 'services'],
  ['/services?id=web&tab=log', 'services'],
  ['/settings/scripts', 'scripts'],
  ['/docs', 'docs'],
])('%s is the page %s, never kept without asking', async (path, title) => {
  const { status, headers, body } = await get(port, path)
  expect([status, headers['content-type'], headers['cache-control']]).toEqual([200, 'text/html; charset=utf-8', 'no-cache'])
  expect(body.toString()).toContain(`<main>${title}</main>`)
  expect(Number(headers['content-length'])).toBe(body.length)
})

test.each([
  ['/services/', '/services'],
  ['/docs/?a=1', '/docs?a=1'],
])('%s leads to %s', async (from, to) => {
  expect(await get(port, from)).toMatchObject({ status: 308, headers: { location: to } })
})

test.each(['/nothing', '/nothing/at/all.js', '/Services', '/404', '/_next/static/chunks/', '/docs//'])(
  '%s is the page for what is not there',
  async (path) => {
    const { status, body } = await get(port, path)
    expect([status, body.toString().includes('nothing here')]).toEqual([404, true])
  },
)

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/%2e%2e%2fsecret.txt',
  '/_next/static/../../../secret.txt',
  '/..\\secret.txt',
  '/..%5csecret.txt',
  '/%252e%252e/secret.txt',
  '/services.html/../../secret.txt',
  '/services.html%00',
  '//etc/passwd',
  '/./services',
  '/link.txt',
  '/linked/secret.txt',
  '/.env',
  '/.git/config',
  '/%2eenv',
  '/old-page',
  '/old-page.html',
  '/constructor',
  '/__proto__',
])('%s reaches nothing', async (path) => {
  const { status, body } = await get(port, path)
  expect(status).toBe(404)
  expect(body.toString()).not.toContain('SECRET')
})

test.each(['/%', '/%zz', '/%c0%ae', '*', 'http://localhost/', 'http://evil.example/services', 'services'])(
  'the target %s is no path',
  async (target) => {
    expect((await get(port, target)).status).toBe(400)
  },
)

test('a redirect never leads to another host', async () => {
  for (const path of ['//evil.example/', '//evil.example/services/', '/%2fevil.example/', '/\\evil.example/']) {
    const { status, headers } = await get(port, path)
    expect([status, headers.location]).toEqual([404, undefined])
  }
})

test.each([
  'localhost',
  'LOCALHOST:3000',
  '127.0.0.1',
  '127.0.0.1:8080',
  '[::1]:3000',
  'devops.bytelyst.com',
  'admin.bytelyst.com:443',
  'console.tailnet.example',
])('the host %s is answered', async (host) => {
  expect((await get(port, '/', { host })).status).toBe(200)
})

test.each([
  'evil.example',
  'localhost.evil.example',
  'bytelyst.com',
  '127.0.0.2',
  '10.0.0.1:3000',
  'localhost:3000@evil.example',
  '',
  '[::2]',
  'devops.bytelyst.com.',
])('the host "%s" is none of ours', async (host) => {
  const { status, body } = await get(port, '/settings.json', { host })
  expect([421, 400]).toContain(status)
  expect(body.toString()).not.toContain('bytelyst.com/')
})

test('two Host headers, or none, are refused', async () => {
  expect((await sendRaw(port, 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n')).status).toBe(400)
  expect((await sendRaw(port, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n')).status).toBe(400)
})

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'])('%s is refused', async (method) => {
  expect(await get(port, '/settings.json', { 'content-length': '0' }, method)).toMatchObject({
    status: 405,
    headers: { allow: 'GET, HEAD' },
  })
})

test('HEAD has the headers of GET and no body', async () => {
  const [head, whole] = [await get(port, '/services', {}, 'HEAD'), await get(port, '/services')]
  expect(head.body.length).toBe(0)
  expect({ ...head.headers, date: '' }).toEqual({ ...whole.headers, date: '' })
})

test('a GET with a body is answered once, and what the body says is not taken for a request', async () => {
  const hidden = 'GET /settings.json HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const { status, body } = await sendRaw(
    port,
    `GET /services HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  )
  expect(status).toBe(200)
  expect(body.toString()).not.toContain('devopsApiUrl')
})

test('a page may run its own inline scripts and nothing else', async () => {
  const { headers } = await get(port, '/services', { host: 'devops.bytelyst.com' })
  expect(headers['content-security-policy']?.split('; ')).toEqual([
    "default-src 'none'",
    `script-src 'self' ${hash(themeScript)} ${hash(flightScript)}`,
    "style-src 'self'",
    "connect-src 'self' https://api.bytelyst.com",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
  ])
})

test('a worker may call what a page may call, and has no inline script', async () => {
  const { headers } = await get(port, '/_next/static/chunks/main.js', { host: 'devops.bytelyst.com' })
  expect(headers['content-security-policy']).toContain("script-src 'self'; style-src 'self'; connect-src 'self' https://api.bytelyst.com;")
})

test('on a loopback host a page may also call the APIs of this machine', async () => {
  const { headers } = await get(port, '/', { host: '127.0.0.1:9999' })
  expect(headers['content-security-policy']).toContain(
    "connect-src 'self' https://api.bytelyst.com http://localhost:4003 http://localhost:4004;",
  )
})

test.each(['/', '/services.txt', '/settings.json', '/nothing', '/services/', '/_next/static/chunks/main.js'])(
  '%s carries the headers that every answer carries',
  async (path) => {
    const away = (await get(port, path, { host: 'devops.bytelyst.com' })).headers
    expect(away).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'strict-transport-security': 'max-age=63072000',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    })
    expect((await get(port, path)).headers['strict-transport-security']).toBeUndefined()
  },
)

test('files have their type, and a path with a space is found', async () => {
  expect((await get(port, '/a%20file.svg')).headers).toMatchObject({
    'content-type': 'image/svg+xml',
    'content-security-policy': expect.stringContaining("default-src 'none'") as string,
  })
  expect((await get(port, '/services.txt')).headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-cache',
  })
})

test('chunks are kept for ever, those of the release before are still there, and the new one wins', async () => {
  expect((await get(port, '/_next/static/chunks/main.js')).headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': 'text/javascript; charset=utf-8',
  })
  expect((await get(port, '/_next/static/chunks/main.js')).body.toString()).not.toContain('SECRET')
  expect((await get(port, '/_next/static/chunks/old.js')).body.toString()).toBe('old()')
})

test.each([
  ['br', 'br'],
  ['gzip, deflate, br', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['*', 'br'],
  ['identity', undefined],
  ['br;q=0, *;q=0', undefined],
  ['', undefined],
])('a client that accepts "%s" gets %s', async (accepted, encoding) => {
  const path = '/_next/static/chunks/main.js'
  const plain = (await get(port, path)).body
  const { headers, body } = await get(port, path, { 'accept-encoding': accepted })
  expect(headers['content-encoding']).toBe(encoding)
  expect(headers.vary).toBe('accept-encoding')
  if (encoding !== undefined) expect(body.length).toBeLessThan(plain.length / 10)
  const unpacked = encoding === 'br' ? brotliDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body
  expect(unpacked.equals(plain)).toBe(true)
})

test('what is known already is not sent again', async () => {
  const { etag = '' } = (await get(port, '/services')).headers
  for (const tag of [etag, etag.replace('W/', ''), `"x", ${etag}`, '*']) {
    expect(await get(port, '/services', { 'if-none-match': tag })).toMatchObject({ status: 304, body: Buffer.alloc(0) })
  }
  expect((await get(port, '/services', { 'if-none-match': '"x"' })).status).toBe(200)
  expect((await get(port, '/nothing', { 'if-none-match': '*' })).status).toBe(404)
})

test('the settings are told, and never kept', async () => {
  const { headers, body } = await get(port, '/settings.json')
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' })
  expect(JSON.parse(body.toString())).toEqual(settings)
})

test('it listens on both loopback addresses where the machine has both', async () => {
  expect(web.addresses[0]).toBe(`http://127.0.0.1:${port}`)
  for (const address of web.addresses.slice(1)) {
    expect(address).toBe(`http://[::1]:${port}`)
    expect((await sendRaw(port, 'GET / HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n', '::1')).status).toBe(200)
  }
})

test('a taken port and a folder without a page are refused, and nothing is left listening', async () => {
  const taken = createServer()
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done))
  const { port: takenPort } = taken.address() as { port: number }
  await expect(createWebHost({ dir: site.dir, settings, port: takenPort })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  taken.close()
  await expect(createWebHost({ dir: site.previous, settings, port: 0 })).rejects.toThrow('holds no index.html')
})

test('closing does not wait for a client that says nothing', async () => {
  const other = await createWebHost({ dir: site.dir, settings, port: 0, addresses: ['127.0.0.1'] })
  const waiting = sendRaw(other.port, 'GET / HTTP/1.1\r\n').catch(() => undefined)
  await get(other.port, '/')
  await other.close(50)
  await waiting
})

describeNeeding('chromium', 'in a browser', () => {
  test('the inline scripts run under the policy', async () => {
    const profile = mkdtempSync(join(tmpdir(), 'web-host-profile-'))
    const args = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${profile}`,
      '--dump-dom',
      `http://localhost:${port}/services`,
    ]
    const { stdout } = await promisify(execFile)(chromiumPath as string, args, { timeout: 30_000 })
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    expect(stdout).toContain('data-theme="light"')
  }, 40_000)
})
