/**
 * What does a list of containers cost, and what does our proxy add to a call that goes through? `node bench/container-list.ts [COUNT]`
 * Baseline: the engine's own socket, in the same run, in rounds that take turns.
 */
import { createHarness, until } from '@console/testkit/daemon-harness'
import { dockerSocket } from '@console/testkit/machine'
import { startProgram } from '@console/testkit/program'
import { engineClient } from './ask-engine.ts'
import { removeContainers, startContainers } from './containers.ts'
import { daemonClient } from './daemon-client.ts'
import { cpuSeconds, many, pidsOf, timesOf } from './measure.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const count = Number(process.argv[2] ?? 100)
const rounds = 6
const engine = pidsOf(['dockerd', 'containerd'])
const undo = createUndo()
const kit = createHarness('docker-proxy')
undo.add(() => kit.remove())
try {
  const program = await startProgram('apps/docker-proxy/src/main.ts', { ...kit.env, DOCKER_SOCKET: dockerSocket })
  undo.add(() => program.stop())
  undo.add(removeContainers)
  await startContainers(count)
  await until(
    'the list is whole',
    async () => ((await kit.ask('containers.list', {})).body.items as unknown as object[]).length >= count,
    60_000,
  )
  const lines: Line[] = []
  for (const readers of [1, 16]) lines.push(...(await listsBy(readers)))
  lines.push(await inspects())
  process.exitCode = printTable(`A list of ${count} containers`, 'raw socket', lines) > 0 ? 1 : 0
} finally {
  await undo.all()
}

async function listsBy(readers: number): Promise<Line[]> {
  const raw = engineClient(dockerSocket, readers)
  const ours = daemonClient(kit, readers)
  const times = { raw: [] as number[], ours: [] as number[] }
  const cpu = { raw: 0, ours: 0 }
  const each = Math.ceil(32 / readers) * 2
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuSeconds(engine)
    times.raw.push(...(await many(readers, each, (reader) => raw.get('/v1.41/containers/json?all=1', reader))))
    const between = cpuSeconds(engine)
    times.ours.push(...(await many(readers, each, (reader) => ours.ask('containers.list', {}, reader))))
    cpu.raw += between - before
    cpu.ours += cpuSeconds(engine) - between
  }
  raw.close()
  ours.close()
  const [a, b] = [timesOf(times.ours), timesOf(times.raw)]
  const who = readers === 1 ? 'one reader' : `${readers} readers`
  return [
    {
      what: `list, ${who}, p50`,
      ours: a.p50,
      baseline: b.p50,
      unit: 'ms',
      aim: { of: 'ratio', most: readers === 1 ? 0.2 : 0.05 },
      ...(readers === 1 && { peer: 'the same: 0.27 to 0.38 ms more than the socket' }),
    },
    { what: `list, ${who}, p99`, ours: a.p99, baseline: b.p99, unit: 'ms' },
    {
      what: `engine's CPU a list, ${who}`,
      ours: (cpu.ours / a.count) * 1_000,
      baseline: (cpu.raw / b.count) * 1_000,
      unit: 'ms',
      aim: { of: 'ratio', most: 0.05 },
    },
  ]
}

async function inspects(): Promise<Line> {
  const raw = engineClient(dockerSocket, 1)
  const ours = daemonClient(kit, 1)
  const container = `bench-${process.pid}-0`
  const times = { raw: [] as number[], ours: [] as number[] }
  for (let round = 0; round < rounds * 2; round += 1) {
    times.raw.push(...(await many(1, 15, () => raw.get(`/v1.41/containers/${container}/json`))))
    times.ours.push(...(await many(1, 15, () => ours.ask('containers.inspect', { container }))))
  }
  raw.close()
  ours.close()
  return {
    what: 'inspect, passed through, p50',
    ours: timesOf(times.ours).p50,
    baseline: timesOf(times.raw).p50,
    unit: 'ms',
    aim: { of: 'difference', most: 0.35 },
    peer: 'Tecnativa, wollomatic, CetusGuard: 0.20 to 0.28 ms more',
  }
}
