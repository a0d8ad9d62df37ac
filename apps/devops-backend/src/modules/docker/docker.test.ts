import type { Container } from '@console/contracts/docker/schemas'
import type { Context } from '@console/http-kit/context'
import { describe, expect, it } from 'vitest'
import type { DockerDeps, LogEvent } from '../../clients/docker-proxy.ts'
import { createLogHub, type HubEvent } from '../../log-hub.ts'
import { followContainer, listContainerLines, listContainers, listUnhealthyContainers } from './docker.ts'

const at = '2026-03-01T12:00:00.000Z'
const container = (name: string, over: Partial<Container> = {}) =>
  ({ name, names: [name], state: 'running', health: 'none', oomKilled: false, exitCode: null, ...over }) as Container
const all = [
  container('fine'),
  container('stopped', { state: 'exited', exitCode: 0 }),
  container('failed', { state: 'exited', exitCode: 1 }),
  container('terminated', { state: 'exited', exitCode: 143 }),
  container('killed', { oomKilled: true }),
  container('ill', { health: 'unhealthy' }),
  container('looping', { state: 'restarting' }),
  container('also-fine', { health: 'healthy' }),
]
const lines: LogEvent[] = [0, 1, 2].map((n) => ({ at, stream: 'out', text: `line ${n}` }))
const asked: object[] = []
const deps = {
  askAs: () => ({ as: 'service', requestId: 'r1' }),
  docker: {
    list: async () => ({ items: [...all], asOf: at, freshness: 'live', engine: { version: '29', apiVersion: '1.52', more: 'x' } }),
    logs: async (input: object) => {
      asked.push(input)
      return (async function* () {
        yield* lines
        yield { skipped: 2 }
      })()
    },
    follow: async (input: object) => {
      asked.push(input)
      return (async function* () {
        yield [...lines, { skipped: 2 }]
      })()
    },
  },
} as unknown as DockerDeps
const hubDeps = { ...deps, logHub: createLogHub(deps.docker, () => ({ as: 'service', requestId: 'system' })) }
const ctx = (lastEventId?: string) => ({ lastEventId }) as unknown as Context

describe('containers', () => {
  it('are listed with what needs a look first', async () => {
    const { items, engine } = await listContainers(deps, ctx())
    expect(items.map(({ name }) => name)).toEqual(['looping', 'ill', 'killed', 'failed', 'also-fine', 'fine', 'stopped', 'terminated'])
    expect(engine).toEqual({ version: '29', apiVersion: '1.52' })
    expect((await listUnhealthyContainers(deps, ctx())).items.map(({ name }) => name)).toEqual(['looping', 'ill', 'killed', 'failed'])
  })

  it('have lines that name their container, and ask for nothing that was not asked for', async () => {
    asked.length = 0
    const { items } = await listContainerLines(deps, ctx(), 'web', { since: undefined, streams: 'stdout' })
    expect(items).toEqual(lines.map((line) => ({ container: 'web', ...line })))
    expect(asked).toEqual([{ container: 'web', streams: 'stdout', tail: 200 }])
  })

  it('are followed from where a reader was', async () => {
    asked.length = 0
    const seen: HubEvent[] = []
    const cursor = `${Date.parse(at).toString(36)}.2`
    for await (const event of await followContainer(hubDeps, ctx(cursor), 'web', { tail: 10 })) seen.push(event)
    expect(seen).toEqual([lines[2], { skipped: 2 }])
    expect(asked).toEqual([{ container: 'web', tail: 5_000, since: Date.parse(at) / 1_000 }])
    await followContainer(hubDeps, ctx('nonsense'), 'web', { tail: 10 })
    expect(asked[1]).toEqual({ container: 'web', tail: 10 })
  })
})
