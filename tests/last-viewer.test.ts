import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '@console/testkit/daemon-harness'
import { openEvents } from '@console/testkit/event-stream'
import { idOf } from '@console/testkit/fake-container'
import { type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import { type Relay, startRelay } from '@console/testkit/relay'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Devops, type Person, startDevops } from '../apps/devops-backend/src/devops.fake.ts'

const alpha = { id: idOf('a1'), name: 'alpha', log: ['2026-01-01T00:00:00.000000000Z first\n'] }
/** A minute is promised; nothing takes so long that it would be seen in a test. */
const releasedMs = 5_000
const windowMs = 4_000

describe('what is measured and followed for those who look', () => {
  let folder: string
  let engine: RecordingEngine
  let agent: Relay
  let devops: Devops
  let admin: Person
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'last-viewer-'))
    engine = await startRecordingEngine({ socketPath: join(folder, 'engine.sock') })
    engine.add(alpha)
    agent = startRelay(join(folder, 'agent.sock'), join(folder, 'run/host-agent.sock'))
    devops = await startDevops({
      folder,
      parts: ['platform-service', 'docker-proxy', 'host-agent'],
      env: { DOCKER_SOCKET: engine.socketPath, HOST_AGENT_SOCKET: agent.path },
    })
    admin = await devops.setUp()
  }, 120_000)
  afterAll(async () => {
    await devops?.close()
    agent?.cut()
    await engine?.stop()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  /** Reads of cgroup files for live figures, and requests that the engine had, but for the list that docker-proxy compares once a minute. */
  const reads = () => ({
    cgroups: agent.sent().reduce((sum, text) => sum + text.split('"only":"containers"').length - 1, 0),
    engine: engine.requests.filter(({ line }) => !/containers\/(json\?all=1|[a-f0-9]{64}\/json) /.test(line)).length,
  })
  const list = async () => {
    const asked = await Promise.all(['/vm/containers', '/system/metrics/containers'].map((path) => admin.devops.get(path)))
    return asked.every(({ status }) => status === 200)
  }

  it('is let go of soon after the last of them has gone', async () => {
    await until('the list and its figures are there', list, 60_000)
    const before = reads()
    const cookie = admin.devops.cookiesFor('/api/devops/events')
    const open = (path: string) => openEvents({ port: devops.port, path: `/api/devops${path}`, cookie, lastEventId: null }, () => undefined)
    const paths = ['/events', '/vm/containers/alpha/logs/stream', '/vm/containers/alpha/logs/stream']
    const viewers = await Promise.all(paths.map(open))
    expect(viewers.map(({ status }) => status)).toEqual([200, 200, 200])
    await until('they are measured twice, and one log is followed', async () => {
      await list()
      return reads().cgroups >= before.cgroups + 2 && engine.open.follows === 1
    })
    const [first, ...rest] = viewers
    for (const viewer of rest.slice(1)) viewer.close()
    await pause(500)
    expect(engine.open.follows).toBe(1)

    first?.close()
    for (const viewer of rest) viewer.close()
    const leftAt = performance.now()
    await until('nobody follows', () => engine.open.follows === 0, releasedMs)
    expect(performance.now() - leftAt).toBeLessThan(releasedMs)
    const left = reads()
    await pause(windowMs)
    expect(reads()).toEqual(left)
    expect(engine.open).toEqual({ events: 1, follows: 0 })
  }, 60_000)
})
