import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { tcpListenersOf } from '@console/testkit/process-facts'
import { type Program, startProgram } from '@console/testkit/program'
import { exchange } from '@console/testkit/raw-socket'
import { type PartName, type RunningParts, startParts } from '@console/testkit/running-parts'
import { freePorts } from '@console/testkit/start-console'
import { afterAll, beforeAll, expect } from 'vitest'

let parts: RunningParts
let web: Program
const daemons = ['docker-proxy', 'host-agent'] as const
const services = ['platform-service', 'devops-backend'] as const
const pidOf = (part: PartName): number => parts.running.get(part)?.child.pid ?? 0

beforeAll(async () => {
  parts = await startParts({ parts: [...daemons, ...services] })
  const site = join(parts.folder, 'site')
  mkdirSync(site)
  for (const name of ['index.html', '404.html']) writeFileSync(join(site, name), '<!doctype html><title>ours</title>')
  const [port = 0] = await freePorts(1)
  web = await startProgram('packages/web-host/src/main.ts', { WEB_ROOT: site, PORT: String(port) })
}, 120_000)
afterAll(async () => {
  await web?.stop()
  await parts?.stop()
})

const get = (port: number, host: string) =>
  exchange({ port, bytes: `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, timeoutMs: 20_000, quietMs: 20_000 })

attackCase(
  'P16',
  'a name of the attacker that leads to a listener of ours',
  async ({ attack, control, row }) => {
    const asked = (part: PartName) => parts.rows(part).filter(({ actor }) => actor.kind !== 'service').length
    const before = services.map(asked)
    const listeners = [...services.map(pidOf), web.child.pid ?? 0].flatMap(tcpListenersOf)
    await attack('at every port that any part has open, as the system lists them', async () => {
      expect(listeners.length).toBeGreaterThanOrEqual(3)
      for (const port of listeners)
        for (const host of ['evil.test', `evil.test:${port}`, 'localhost.evil.test', '169.254.169.254', 'docker-proxy', 'host-agent'])
          expect([port, host, (await get(port, host)).status]).toEqual([port, host, 421])
    })
    await attack('the daemons have none, and no variable that others know gives them one', async () => {
      for (const daemon of daemons) expect([daemon, tcpListenersOf(pidOf(daemon))]).toEqual([daemon, []])
      const [port = 0] = await freePorts(1)
      // The last one means a folder of an odd name, and nothing else.
      const hints = {
        PORT: String(port),
        HOST: '127.0.0.1',
        LISTEN: `127.0.0.1:${port}`,
        SOCKET_DIR: join(parts.folder, `tcp://127.0.0.1:${port}`),
      }
      for (const daemon of daemons) {
        await parts.running.get(daemon)?.stop()
        await parts.start(daemon, hints)
        expect([daemon, tcpListenersOf(pidOf(daemon))]).toEqual([daemon, []])
      }
    })
    await control('our own name is served at each', async () => {
      for (const port of listeners) expect((await get(port, `localhost:${port}`)).status).toBeOneOf([200, 404])
    })
    await row('a name that is none of ours asked nothing of us', () => expect(services.map(asked)).toEqual(before))
  },
  120_000,
)
