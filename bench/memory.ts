/**
 * What memory does the console take when nobody looks, and what does a daemon take beside the least that Node can be? `node bench/memory.ts [COUNT]`
 * Baseline: a bare pass-through of Node between unix sockets, in the same run. All is proportional set size: what several share is counted in parts.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '@console/testkit/daemon-harness'
import { dockerSocket } from '@console/testkit/machine'
import { startProgram } from '@console/testkit/program'
import { partPids, startConsole } from '@console/testkit/start-console'
import { engineClient } from './ask-engine.ts'
import { removeContainers, startContainers } from './containers.ts'
import { familyOf, proportionalMiB } from './measure.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const count = Number(process.argv[2] ?? 100)
/** Until what starting took is given back. */
const settleMs = 30_000
const samples = 5
const undo = createUndo()
try {
  undo.add(removeContainers)
  await startContainers(count)
  // The first start builds what is stale; what is measured is one that found everything made.
  const first = await startConsole()
  undo.add(() => first.stop())
  await first.end()
  const console_ = await first.again()
  undo.add(() => console_.end())
  const socketPath = join(console_.dataDir, 'bare.sock')
  const bare = await startProgram('bench/pass-through.ts', { FROM_SOCKET: socketPath, TO_SOCKET: dockerSocket })
  undo.add(() => bare.stop())
  await listThrough(socketPath)
  const admin = await console_.people.setUp(console_.setupToken)
  await until(
    'all containers are listed',
    async () => Number((await admin.devops.get('/vm/containers')).body.items?.length ?? 0) >= count,
    60_000,
  )
  await pause(settleMs)
  const parts = new Map([...partPids(console_.dataDir)])
  const all = familyOf(console_.child.pid ?? 0)
  const taken = await sample({ all, bare: [bare.child.pid ?? 0], ...Object.fromEntries([...parts].map(([name, pid]) => [name, [pid]])) })
  process.exitCode = printTable(`Memory with ${count} containers, idle`, 'bare pass-through', linesOf(taken, all.length)) > 0 ? 1 : 0
  for (const [name, pid] of parts) console.log(`${name}: ${residentOf(pid)}`)
} finally {
  await undo.all()
}

/** Some lists, so that the baseline has done its work once as well. */
async function listThrough(socketPath: string): Promise<void> {
  const client = engineClient(socketPath, 1)
  for (let round = 0; round < 20; round += 1) await client.get('/v1.41/containers/json?all=1')
  client.close()
}

async function sample(groups: Readonly<Record<string, readonly number[]>>): Promise<ReadonlyMap<string, number>> {
  const seen = new Map<string, number[]>(Object.keys(groups).map((name) => [name, []]))
  for (let round = 0; round < samples; round += 1) {
    for (const [name, pids] of Object.entries(groups)) seen.get(name)?.push(proportionalMiB(pids))
    await pause(2_000)
  }
  return new Map([...seen].map(([name, values]) => [name, values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN]))
}

function linesOf(taken: ReadonlyMap<string, number>, processes: number): Line[] {
  const of = (name: string): number => taken.get(name) ?? Number.NaN
  const daemons = ['docker-proxy', 'host-agent']
  return [
    {
      what: `all ${processes} processes`,
      ours: of('all'),
      unit: 'MiB',
      aim: { of: 'value', most: 250 },
      peer: 'Kuma 181, Dockge 219, Dozzle 55, Beszel 53 MB resident',
    },
    ...[...taken.keys()]
      .filter((name) => name !== 'all' && name !== 'bare')
      .map((name): Line => {
        const line = { what: name, ours: of(name), baseline: of('bare'), unit: 'MiB' }
        return daemons.includes(name) ? { ...line, aim: { of: 'ratio', most: 1.15 } } : line
      }),
  ]
}

function residentOf(pid: number): string {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const of = (name: string): number => Math.round(Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1_024)
  return `resident ${of('Rss')}, of its own ${of('Private_Dirty') + of('Private_Clean')} MiB`
}
