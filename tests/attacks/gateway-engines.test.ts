import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { isDeep } from '@console/testkit/deep'
import { type EngineRig, startEngineRig } from '@console/testkit/engine-rig'
import { describeNeeding, dockerSocket, traefikImage } from '@console/testkit/needs'
import { exchange } from '@console/testkit/raw-socket'
import { afterAll, beforeAll, expect } from 'vitest'
import { atRealEngines } from './at-real-engines.ts'
import operations from './engine-operations.json' with { type: 'json' }
import { operationCalls, worstCalls } from './engine-operations.ts'

const withinMs = 60_000
const filters = 'filters=%7B%22type%22%3A%7B%22container%22%3Atrue%7D%7D'
const isGateway = ({ action }: { readonly action: string }): boolean => action === 'gateway.request.refused'
const isServed = (method: string, target: string): boolean =>
  method === 'GET' && /^(\/v1\.[0-9]{2})?(\/_ping|\/version|\/containers\/[a-f0-9]{64}\/json)$/.test(target)

atRealEngines('the socket of the gateway', ({ rig, attackCase }) => {
  let plain: string
  beforeAll(() => {
    plain = [...rig.ids][0] ?? ''
  })

  const send = (method: string, target: string, more: object = {}) => {
    const bytes = `${method} ${target} HTTP/1.1\r\nhost: docker\r\nconnection: close\r\n\r\n`
    return exchange({ socketPath: rig.gatewayPath, bytes, quietMs: 8_000, timeoutMs: 20_000, ...more })
  }
  const sent = () => rig.reached().map(({ line }) => line)
  /** What docker-proxy asks by itself, or for one of the five. */
  const usual = /^GET (\/version|\/v1\.[0-9]{2}\/(containers\/json\?all=1|containers\/[a-f0-9]{64}\/json|events\?[^ ]*)) HTTP\/1\.1$/

  attackCase(
    'D28',
    'what would be worst, at the socket of the gateway',
    async ({ attack, control, row }) => {
      const before = await rig.refusals(isGateway)
      // All of them before the recording engine; here those that matter most, and all in the deep test.
      const all = isDeep ? operationCalls(operations, plain) : []
      const calls = [...all, ...worstCalls(rig.api, plain)].filter((one) => !isServed(...one))
      await attack(`${calls.length} calls, of which nothing reaches the engine`, async () => {
        for (let from = 0; from < calls.length; from += 10)
          await Promise.all(
            calls.slice(from, from + 10).map(async ([method, target]) => {
              const { status, closed } = await send(method, target)
              expect([method, target, status, closed]).toEqual([method, target, expect.toBeOneOf([400, 404, 405]), true])
            }),
          )
        expect(sent().filter((line) => !usual.test(line))).toEqual([])
      })
      await control('the five are answered', async () => {
        expect((await send('GET', '/_ping')).headers['api-version']).toBe(rig.api)
        for (const target of ['/version', '/containers/json?all=1', `/v${rig.api}/containers/${plain}/json`])
          expect([target, (await send('GET', target)).status]).toEqual([target, 200])
      })
      await row('all of them are on record', () => rig.refusedSince(before, calls.length, isGateway))
    },
    180_000,
  )

  attackCase(
    'R1',
    'secrets of a container, asked for at the socket of the gateway',
    async ({ attack, control, row }) => {
      const canary = 'canary-planted'
      const options = [
        ...['--env', `SECRET=${canary}`, '--label', `com.bytelyst.note=${canary}`, '--label', 'traefik.enable=true'],
        ...[
          '--hostname',
          canary,
          '--log-opt',
          `tag=${canary}`,
          '--health-cmd',
          `echo ${canary}`,
          '--health-interval',
          '1s',
          '--sysctl',
          'net.core.somaxconn=1024',
        ],
        ...['--annotation', `a=${canary}`].slice(0, rig.api === '1.41' ? 0 : 2),
      ]
      const id = await rig.run('planted', options, 'sh', '-c', `sleep 600; echo ${canary}`)
      await attack('none is in the list, in its own answer, or in an event', async () => {
        const events = send('GET', `/v${rig.api}/events?${filters}`, {
          enough: (text: string) => text.includes(id) && text.includes('"die"'),
          quietMs: withinMs,
          timeoutMs: withinMs,
        })
        await until('it is followed', () => sent().some((line) => line.includes('events?filters=')), withinMs)
        const answers = [await send('GET', '/containers/json?all=1'), await send('GET', `/containers/${id}/json`)]
        rig.docker('kill', id)
        const text = JSON.stringify([answers, await events])
        expect(text).toContain(id)
        expect(text).not.toMatch(/canary|exec_|SECRET|Env"|Cmd"/)
      })
      await control('the engine itself says them, and what is routed by is there', async () => {
        expect(rig.docker('inspect', id)).toContain(canary)
        const one = JSON.parse((await send('GET', `/containers/${id}/json`)).body) as { Config: { Labels: object }; HostConfig: object }
        expect([one.Config.Labels, one.HostConfig]).toEqual([{ 'traefik.enable': 'true' }, { NetworkMode: 'none' }])
      })
      await row('neither the journal nor the log has any', async () =>
        expect(JSON.stringify([await rig.rows(), rig.program.output])).not.toContain('canary'),
      )
    },
    180_000,
  )
})

describeNeeding('traefik', 'a real Traefik on the socket of the gateway', () => {
  let rig: EngineRig
  beforeAll(async () => {
    rig = await startEngineRig(dockerSocket)
  }, 120_000)
  afterAll(() => rig?.stop(), 60_000)

  attackCase(
    'O8',
    'a Traefik that learns its routes there',
    async ({ attack, control, row }) => {
      const common = ['--label', 'com.bytelyst.test=1', '--stop-signal', 'KILL']
      const quiet = ['--global.checknewversion=false', '--entrypoints.web.address=:80']
      // By names of this rig's own, so that they go with it whatever happens.
      rig.docker(
        ...[
          'run',
          '-d',
          '--name',
          rig.name('gateway'),
          ...common,
          '-p',
          '127.0.0.1::80',
          '-v',
          `${rig.gatewayPath}:/gateway.sock`,
          traefikImage,
        ],
        ...[
          ...quiet,
          '--providers.docker=true',
          '--providers.docker.endpoint=unix:///gateway.sock',
          '--providers.docker.exposedbydefault=false',
        ],
      )
      const port = Number(rig.docker('port', rig.name('gateway'), '80/tcp').split(':').at(-1))
      const ask = async () =>
        (await exchange({ port, bytes: 'GET /ping HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', quietMs: 5_000 })).status
      const routed = (status: number) => until(`/ping answers ${status}`, async () => (await ask()) === status, withinMs)
      /** What is routed to is another Traefik, which answers its own ping. */
      const serve = (name: string) => {
        const labels = [
          'traefik.enable=true',
          'traefik.http.routers.t.rule=PathPrefix(`/ping`)',
          'traefik.http.services.t.loadbalancer.server.port=80',
        ]
        const said = labels.flatMap((label) => ['--label', label])
        rig.docker(
          'run',
          '-d',
          '--name',
          rig.name(name),
          ...common,
          ...said,
          traefikImage,
          ...quiet,
          '--ping=true',
          '--ping.entrypoint=web',
        )
      }
      await routed(404)
      // It answers, and has its list, some moments before it follows: what started in between it would hear of with the next event only.
      const follows = () => rig.reached().some(({ line }) => line.includes('/events?filters='))
      await until('it follows what happens', follows, withinMs)
      await control('a route appears with its container, and goes with it', async () => {
        serve('first')
        await routed(200)
        rig.docker('rm', '-f', rig.name('first'))
        await routed(404)
        serve('second')
        await routed(200)
      })
      await attack('it gets on without what it is refused, and asked the engine for nothing of its own', async () => {
        const lines = rig.reached().map(({ line }) => line)
        expect(
          lines.filter(
            (line) =>
              !/^GET (\/version|\/v1\.[0-9]{2}\/(containers\/json\?all=1|containers\/[a-f0-9]{64}\/json|events\?[^ ]*)) /.test(line),
          ),
        ).toEqual([])
      })
      await row('its HEAD of the ping is the only thing that was refused', async () => {
        const rows = (await rig.rows()).filter(isGateway)
        expect(new Set(rows.map(({ details }) => `${details?.method} ${String(details?.path).replace(/^\/v1\.[0-9]+/, '')}`))).toEqual(
          new Set(['HEAD /_ping']),
        )
      })
    },
    240_000,
  )
})
