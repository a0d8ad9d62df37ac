import { attackCase } from '@console/testkit/attack'
import { measured, type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type Call, path, refusedBy } from './refused-calls.ts'

let rig: ProxyRig
beforeAll(async () => {
  rig = await startProxyRig()
})
afterAll(() => rig?.stop())
beforeEach(() => {
  rig.kit.nextPerson()
  rig.engine.forget()
})
const refused = refusedBy(() => rig)
const paths = (all: readonly string[]): Call[] => all.map((one) => ({ path: one }))
const headers = (all: readonly Record<string, string | null>[]): Call[] => all.map((one) => ({ headers: one }))
const bodies = (all: readonly string[]): Call[] => all.map((one) => ({ body: one }))

refused('P1', 'paths with empty and dotted parts', [404], () =>
  paths([
    '//v1/containers.stats',
    '/v1//containers.stats',
    '/./v1/containers.stats',
    '/v1/./containers.stats',
    '/v1/x/../containers.stats',
    '/../v1/containers.stats',
    `${path}/.`,
    `${path}/../containers.stats`,
  ]),
)
refused('P2', 'paths with encoded dots', [404], () =>
  paths([
    '/%2e%2e/v1/containers.stats',
    '/v1/.%2e/v1/containers.stats',
    '/v1/%2e/containers.stats',
    '/v1/..%2fv1/containers.stats',
    '/v1/%252e%252e/containers.stats',
    '/v1/containers%2estats',
  ]),
)
refused('P3', 'encoded letters, encoded slashes, backslashes', [404], () =>
  paths(
    [
      '/v1/containers.%73tats',
      '/%761/containers.stats',
      '/v1%2Fcontainers.stats',
      '/v1%5ccontainers.stats',
      '/v1\\containers.stats',
      '\\v1\\containers.stats',
    ].map((one) => one),
  ).map((call) => (call.path?.startsWith('\\') ? { path: `/${call.path}` } : call)),
)
refused('P4', 'other case, trailing slash, parameters, fragment, query', [400, 404], () =>
  paths([
    '/V1/containers.stats',
    '/v1/Containers.stats',
    '/v1/containers.STATS',
    `${path}/`,
    `${path};x=1`,
    `${path}#frag`,
    `${path}?x`,
    `${path}?`,
  ]),
)
refused('P5', 'version prefixes', [404], () =>
  paths([
    '/v1.24/containers.stats',
    '/v1.99/containers/json',
    '/V1/containers/json',
    '/v1.41.0/containers.stats',
    '/v01.41/info',
    '/v1.41/containers/json?all=1',
    '/v2/containers.stats',
    '/containers.stats',
  ]),
)
refused('P6', 'absolute targets, tunnels, OPTIONS *', [400, 405], () => [
  { path: `http://docker-proxy${path}` },
  { path: `http://127.0.0.1:2375${path}` },
  { path: 'docker-proxy:80' },
  'CONNECT docker:80 HTTP/1.1\r\nhost: docker-proxy\r\n\r\n',
  { method: 'OPTIONS', path: '*' },
  { path: '*' },
])
refused('P7', 'other methods', [400, 405], () =>
  ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'PROPFIND', 'FOO', 'post', 'POSTX', 'Post'].map((method) => ({ method })),
)
attackCase('P8', 'headers and fields that name another method', async ({ attack, control, row }) => {
  const overrides = [{ 'x-http-method-override': 'DELETE' }, { 'x-method-override': 'GET' }, { 'x-http-method': 'PUT' }]
  const before = await rig.refusals()
  await attack('a GET that calls itself POST stays a GET, and a body may not name a method', async () => {
    expect((await rig.send(rig.call({ method: 'GET', headers: { 'x-http-method-override': 'POST' } }))).status).toBe(405)
    expect((await rig.send(rig.call({ body: '{"container":"alpha","_method":"DELETE"}' }))).status).toBe(400)
    expect(rig.reached()).toEqual([])
  })
  await control('a POST that calls itself something else is the POST that it is', async () => {
    for (const header of overrides) expect((await rig.send(rig.call({ headers: header }))).status).toBe(200)
    expect(rig.reached()).toEqual(overrides.map(() => measured(rig.alpha)))
    expect(rig.engine.bytes()).not.toMatch(/override|DELETE|PUT/i)
  })
  await row('both', () => rig.refusedSince(before, 2))
})
attackCase('P9', 'headers that name another path', async ({ attack, control, row }) => {
  const other = '/v1.41/containers/json'
  const names = ['x-original-url', 'x-rewrite-url', 'x-forwarded-prefix', 'x-forwarded-host', 'forwarded']
  const before = await rig.refusals()
  await attack('a wrong path stays wrong, whatever a header says', async () => {
    for (const name of names) expect((await rig.send(rig.call({ path: other, headers: { [name]: path } }))).status).toBe(404)
    expect(rig.reached()).toEqual([])
  })
  await control('the right path stays right, and no header goes further', async () => {
    for (const name of names) expect((await rig.send(rig.call({ headers: { [name]: other } }))).status).toBe(200)
    expect(rig.reached()).toEqual(names.map(() => measured(rig.alpha)))
    expect(rig.engine.bytes()).not.toMatch(/forwarded|original|rewrite/i)
  })
  await row('one for each', () => rig.refusedSince(before, names.length))
})

refused('P15', 'no host, two hosts, hosts that are none', [400], () => [
  ...headers([
    { host: null },
    { Host: 'docker-proxy' },
    { host: 'docker-proxy:80' },
    { host: 'user@docker-proxy' },
    { host: '[' },
    { host: '[::1]' },
    { host: 'a b' },
    { host: '' },
    { host: 'a/b' },
    { host: '-' },
  ]),
])
refused('P17', 'other versions of HTTP', [400, 505], () => [
  rig.call().replace('HTTP/1.1', 'HTTP/1.0'),
  rig.call().replace('HTTP/1.1', 'HTTP/2.0'),
  rig.call().replace('HTTP/1.1', 'HTTP/0.9'),
  rig.call().replace('HTTP/1.1', 'HTTP/1.2'),
  rig.call().replace('HTTP/1.1', 'http/1.1'),
  rig.call().replace(' HTTP/1.1', ''),
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
])
refused('P18', 'upgrades', [400, 426], () =>
  ['websocket', 'tcp', 'h2c', 'TLS/1.0'].flatMap((upgrade) => [
    { headers: { connection: 'Upgrade', upgrade } },
    { method: 'POST', headers: { upgrade } },
    { verb: 'events', args: {}, headers: { connection: 'upgrade, http2-settings', upgrade } },
  ]),
)
refused('P19', 'upgrades with hosts and targets that break a parser of addresses', [400, 405], () => [
  ...['[', 'a b', ''].map((host) => ({ headers: { host, connection: 'Upgrade', upgrade: 'websocket' } })),
  ...['http://[', 'ws://['].map((one) => ({ path: one, headers: { connection: 'Upgrade', upgrade: 'websocket' } })),
  { path: '//', method: 'GET', headers: { connection: 'Upgrade', upgrade: 'websocket' } },
])
refused('P21', 'expectations', [400, 417], () => headers([{ expect: '100-continue' }, { expect: 'x' }, { expect: '100-Continue' }]))
refused('P22', 'heads that are too large', [431, 414], () => [
  { headers: { 'x-a': 'a'.repeat(20_000) } },
  { headers: Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`x-${at}`, '1'])) },
  { path: `/v1/${'a'.repeat(9_000)}` },
])
refused('P24', 'compressed bodies', [415], () =>
  headers(['gzip', 'br', 'deflate', 'identity', 'x'].map((coding) => ({ 'content-encoding': coding }))),
)
refused('P25', 'content types that are not exactly the one', [415], () =>
  headers([
    ...[
      null,
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json\t;x',
      'APPLICATION/JSON',
      'application/json; charset=utf-8',
      'application/json,text/plain',
    ].map((type) => ({ 'content-type': type })),
    { 'Content-Type': 'application/json' },
  ]),
)
refused('P26', 'JSON with more than one meaning', [400], () =>
  bodies([
    '{"container":"alpha","container":"beta"}',
    '{"container":"alpha","\\u0063ontainer":"alpha"}',
    '{"__proto__":{"container":"alpha"}}',
    '{"container":"alpha","constructor":1}',
    '\xef\xbb\xbf{"container":"alpha"}',
    '{"container":NaN}',
    '{"container":1e400}',
    `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
    '{"container":"alpha"} x',
    '{"container":"alpha"}{"container":"alpha"}',
    '{"container":"\\ud800"}',
    '{"container":"alpha\\u0000"}',
    '{"container":"\xff"}',
    "{'container':'alpha'}",
    '{"container":"alpha",}',
    '',
    'null',
    '[]',
    '"alpha"',
  ]),
)
attackCase('P27', 'fields that are unknown or of another type', async ({ attack, control, row }) => {
  const before = await rig.refusals()
  const tails = ['"5"', '5.5', '-0', '1e-3', '" 5"', '"0x10"', '[5]', 'null', 'true', '1e9', '0', '9007199254740993']
  const logs = (tail: string) => rig.call({ verb: 'containers.logs', args: {}, body: `{"container":"alpha","tail":${tail}}` })
  await attack('nothing is guessed', async () => {
    for (const tail of tails) expect([tail, (await rig.send(logs(tail))).status]).toEqual([tail, 400])
    for (const args of [
      { container: ['alpha'] },
      { container: 'alpha', x: 1 },
      { container: null },
      { container: { toString: 'alpha' } },
      { Container: 'alpha' },
      {},
    ])
      expect((await rig.send(rig.call({ args }))).status).toBe(400)
    expect(rig.reached()).toEqual([])
  })
  await control('a whole number is taken, and so are the spellings of one that JSON has no other meaning for', async () => {
    for (const tail of ['5', '5.0', '5e0']) expect((await rig.send(logs(tail))).status).toBe(200)
    expect(new Set(rig.reached())).toEqual(
      new Set([`GET /v1.41/containers/${rig.alpha.id}/logs?stdout=1&stderr=1&timestamps=1&tail=5 HTTP/1.1`]),
    )
  })
  await row('each names who and which verb', () =>
    rig.refusedSince(before, tails.length + 6, ({ actor }) => actor.kind === 'person' || actor.kind === 'anonymous'),
  )
})
