import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure } from '@console/testkit/deep'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { exchange } from '@console/testkit/raw-socket'
import { eventOf } from '@console/testkit/recording-engine'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'
import operations from './engine-operations.json' with { type: 'json' }
import { operationCalls, worstCalls } from './engine-operations.ts'
import { c, full } from './planted-secrets.ts'

const withinMs = 30_000
const atOnce = 10
const filters = 'filters=%7B%22type%22%3A%7B%22container%22%3Atrue%7D%7D'
const rule = 'Host(`web.example.net`) && PathPrefix(`/api`)'
const routed = {
  ...full,
  labels: {
    ...full.labels,
    'traefik.http.routers.web.rule': rule,
    'com.docker.compose.project': 'shop',
    'com.docker.compose.image': c('composeimage'),
  },
  inspected: {
    ...full.inspected,
    Config: {
      ...full.inspected.Config,
      Labels: { 'traefik.http.routers.web.rule': rule, 'com.bytelyst.note': c('note'), PATH: c('path') },
    },
    HostConfig: { ...full.inspected.HostConfig, NetworkMode: 'shop' },
    NetworkSettings: {
      Networks: {
        shop: { Aliases: [c('alias')], IPAddress: '172.20.0.5', GlobalIPv6Address: '', MacAddress: c('mac'), DNSNames: [c('dns')] },
      },
      Ports: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }], '9000/tcp': null, [c('port')]: null },
    },
  },
}
/** The one label that Traefik must have as it is, secret or not: its hashes of passwords are what it checks by. */
const needed = 'traefik.http.middlewares.auth.basicauth.users'

describe('the socket of the gateway', () => {
  let rig: ProxyRig
  beforeAll(async () => {
    rig = await startProxyRig()
    rig.engine.add(routed)
  }, 120_000)
  afterAll(() => rig?.stop(), 60_000)
  beforeEach(() => {
    rig.engine.script(null)
    rig.engine.forget()
  })

  const call = (target: string, { method = 'GET', version = 'HTTP/1.1', headers = ['host: docker'], body = '' } = {}): string =>
    [`${method} ${target} ${version}`, ...headers, 'connection: close', '', body].join('\r\n')
  const send = (bytes: string, more: object = {}) =>
    exchange({ socketPath: rig.gatewayPath, bytes, quietMs: 8_000, timeoutMs: 20_000, ...more })
  const get = async (target: string) => {
    const { status, body, headers } = await send(call(target))
    return { status, headers, body }
  }
  const isGateway = ({ action }: { readonly action: string }): boolean => action === 'gateway.request.refused'
  const refusals = () => rig.refusals(isGateway)
  const refuseAll = async (calls: readonly (readonly [method: string, target: string])[]): Promise<void> => {
    for (let from = 0; from < calls.length; from += atOnce)
      await Promise.all(
        calls.slice(from, from + atOnce).map(async ([method, target]) => {
          const { status, closed, answers } = await send(call(target, { method }))
          expect([method, target, status, closed, answers]).toEqual([method, target, expect.toBeOneOf([400, 404, 405]), true, 1])
        }),
      )
    expect(rig.reached()).toEqual([])
  }
  const five = () => [
    '/_ping',
    '/version',
    '/containers/json?all=1',
    `/containers/${rig.alpha.id}/json`,
    `/v1.41/containers/${rig.alpha.id}/json`,
  ]
  const served = async () => {
    for (const target of five()) expect([target, (await get(target)).status]).toEqual([target, 200])
  }
  const eventsUntil = (enough: (text: string) => boolean) =>
    send(call(`/v1.41/events?${filters}`), { enough, quietMs: withinMs, timeoutMs: withinMs })

  attackCase('O8', 'all but five reads, each in its one spelling', async ({ attack, control, row }) => {
    const before = await refusals()
    const { id } = rig.alpha
    const targets = [
      ...[
        '/_ping?x',
        '/_ping/',
        '//_ping',
        '/_PING',
        '/v9/_ping',
        '/v1.4/_ping',
        '/v01.41/_ping',
        '/v1.41.0/_ping',
        '/V1.41/_ping',
        '/v1.41//_ping',
        '/v1.41',
      ],
      ...['/version?x=1', '/v1.41/v1.41/version', '/info', '/v1.41/info', '/', '*'],
      ...[
        '/containers/json',
        '/containers/json?all=true',
        '/containers/json?all=1&size=1',
        '/containers/json?size=1',
        '/containers/json?all=1&all=1',
        '/containers/json?all=1#x',
      ],
      ...[
        `/containers/${id}/json?size=1`,
        `/containers/${id.slice(0, 12)}/json`,
        `/containers/${id}/logs?stdout=1`,
        `/containers/${id}/top`,
        `/containers/${id}/stats`,
        `/containers/${id}/attach/ws`,
      ],
      ...[
        '/containers/alpha/json',
        '/containers/../info/json',
        '/containers/%2e%2e/json',
        `/containers/${id.toUpperCase()}/json`,
        `/containers/${id}/../json`,
        `/containers/${id}%2fjson`,
      ],
      ...[
        '/events',
        '/events?since=0',
        '/events?filters=%7B%7D',
        `/events?${filters}&since=0`,
        `/events?since=0&${filters}`,
        `/events?${filters}&until=1`,
        `/events?${filters}&since=0&until=4102444800`,
        `/events?${filters}&`,
        '/events?filters={"type":{"container":true}}',
      ],
      ...[
        '/events?filters=%7B%22type%22%3A%7B%22image%22%3Atrue%7D%7D',
        `/events?${filters.replaceAll('%7B', '%7b')}`,
        '/images/json',
        '/networks',
        '/volumes',
        '/system/df',
      ],
    ]
    const methods = ['POST', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']
    const odd = [
      call('http://docker/version'),
      call('/version', { version: 'HTTP/1.0' }),
      call('/version', { headers: ['host: docker', 'upgrade: tcp', 'connection: upgrade'] }),
      call('/version', { headers: ['host: docker', 'content-length: 2'], body: '{}' }),
      call('/version', { headers: ['host: docker', 'transfer-encoding: chunked'], body: '0\r\n\r\n' }),
      call('/version', { headers: ['host: docker', 'expect: 100-continue'] }),
      call('/version', { headers: ['host: docker', 'x-http-method-override: POST', 'content-length: 0', 'content-length: 5'] }),
    ]
    await attack('each is refused, and nothing of it reaches the engine', async () => {
      await refuseAll([
        ...targets.map((target) => ['GET', target] as const),
        ...methods.flatMap((method) => five().map((target) => [method, target] as const)),
      ])
      for (const bytes of odd) expect([bytes, (await send(bytes)).status]).toEqual([bytes, expect.toBeOneOf([400, 404, 505])])
      expect(rig.reached()).toEqual([])
    })
    await control('the five, and behind them constants of our own alone', async () => {
      await served()
      expect((await eventsUntil((text) => text.includes('\r\n\r\n'))).status).toBe(200)
      expect(rig.reached()).toEqual(['GET /v1.41/events?filters=%7B%22type%22%3A%5B%22container%22%5D%7D HTTP/1.1'])
    })
    await row('all of them are on record', () =>
      rig.refusedSince(before, targets.length + methods.length * five().length + odd.length, isGateway),
    )
  })

  attackCase(
    'D28',
    'every operation that an engine has, with every method, at the socket of the gateway',
    async ({ attack, control, row }) => {
      const before = await refusals()
      const isServed = ([method, target]: readonly [string, string]): boolean =>
        method === 'GET' && /^(\/v1\.[0-9]{2})?(\/_ping|\/version|\/containers\/[a-f0-9]{64}\/json)$/.test(target)
      const calls = [...operationCalls(operations, rig.alpha.id), ...worstCalls('1.41', rig.alpha.id)].filter((one) => !isServed(one))
      await attack(`${calls.length} calls`, () => refuseAll(calls))
      await control('the five are served', served)
      await row('all of them are on record', () => rig.refusedSince(before, calls.length, isGateway))
      reportFigure('operations of the engine that the socket of the gateway refused', calls.length)
    },
    120_000,
  )

  attackCase('R1', 'secrets in every field that an engine has for them, asked for by a gateway', async ({ attack, control, row }) => {
    const said = async () => {
      const send = setInterval(() => {
        for (const action of [`exec_create: sh -c login -p${c('exec')}`, `health_status: ${c('health')}`, 'die'])
          rig.engine.event(eventOf(routed, action))
      }, 50)
      const events = await eventsUntil((text) => text.includes('"die"')).finally(() => clearInterval(send))
      const answers = [
        await get('/containers/json?all=1'),
        await get(`/containers/${routed.id}/json`),
        await get('/version'),
        await get('/_ping'),
      ]
      return JSON.stringify([answers, events])
    }
    await attack('none is said, but the hash that a gateway checks passwords by', async () => {
      const text = await said()
      expect(text.replaceAll(`${needed}\\":\\"${c('label')}`, '')).not.toMatch(/canary-/)
      expect(text).not.toMatch(/Env|Cmd|Mounts|exec_|Aliases|MacAddress/)
    })
    await control('what is routed by is there as it was', async () => {
      const one = JSON.parse((await get(`/v1.41/containers/${routed.id}/json`)).body)
      expect(one).toEqual({
        Id: routed.id,
        Name: expect.any(String),
        State: { Status: 'running', Running: expect.any(Boolean), Health: { Status: 'unhealthy' } },
        Config: { Labels: { 'traefik.http.routers.web.rule': rule } },
        HostConfig: { NetworkMode: expect.any(String) },
        NetworkSettings: {
          Networks: { shop: { IPAddress: '172.20.0.5', GlobalIPv6Address: '' } },
          Ports: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }], '9000/tcp': null },
        },
      })
      const all = JSON.parse((await get('/containers/json?all=1')).body) as { Id: string; Labels: object }[]
      expect(all.map(({ Id }) => Id).sort()).toEqual([rig.alpha.id, routed.id].sort())
      expect(all.find(({ Id }) => Id === routed.id)?.Labels).toMatchObject({ 'com.docker.compose.project': 'shop', [needed]: c('label') })
      expect((await get('/_ping')).headers['api-version']).toBe('1.41')
    })
    await row('neither the journal nor the log of docker-proxy has any', async () =>
      expect(JSON.stringify([await rig.rows(), rig.program.output])).not.toMatch(/canary-/),
    )
  })

  attackCase('D22', 'an engine that answers the gateway’s reads with something else', async ({ attack, control, row }) => {
    const before = await refusals()
    await attack('is told as an engine that cannot be understood, without its words', async () => {
      for (const scripted of [
        { status: 500, body: { message: c('echo') } },
        { body: '<html>' },
        { body: { Id: 'b'.repeat(64) } },
        { status: 302, headers: { location: 'http://127.0.0.1/' } },
      ]) {
        rig.engine.script((line) => (line.includes(`/containers/${routed.id}/json`) ? scripted : undefined))
        const { status, body } = await get(`/containers/${routed.id}/json`)
        expect([status, body.includes('canary')]).toEqual([502, false])
      }
      rig.engine.script(null)
      expect((await get(`/containers/${'f'.repeat(64)}/json`)).status).toBe(404)
    })
    await control('one that answers is served', served)
    await row('no refusal: nothing that was asked was wrong', async () => expect((await refusals()) - before).toBe(0))
  })

  attackCase('S6', 'a gateway that follows twice, and one that leaves', async ({ attack, control, row }) => {
    const opened = () => rig.engine.open.events
    await until('only the model follows', () => opened() === 1, withinMs)
    const first = eventsUntil(() => false)
    await until('the first follows', () => opened() === 2, withinMs)
    await attack('the second takes the place of the first', async () => {
      const second = eventsUntil((text) => text.includes('"start"'))
      expect((await first).closed).toBe(true)
      const send = setInterval(() => rig.engine.event(eventOf(rig.alpha, 'start')), 50)
      expect((await second.finally(() => clearInterval(send))).body).toContain(rig.alpha.id)
    })
    await control('when it has left, nothing is followed for it', () =>
      until('only the model follows', () => opened() === 1, withinMs).then(() => undefined),
    )
    await row('a stream leaves no row', async () =>
      expect((await rig.rows()).some(({ details }) => String(details?.path).includes('/events?'))).toBe(false),
    )
  })
})
