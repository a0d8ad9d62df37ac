/**
 * How soon is the console ready, and how soon a daemon? From the start to the line `ready`, the dashboards built. `node bench/start.ts`
 * Baseline: a bare Node that starts and ends, which is what each of the six parts costs before its own first line.
 */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createHarness } from '@console/testkit/daemon-harness'
import { startProgram } from '@console/testkit/program'
import { startConsole } from '@console/testkit/start-console'
import { timesOf } from './measure.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const starts = 5
const bare =
  timesOf(
    Array.from({ length: starts }, () => {
      const began = performance.now()
      spawnSync(process.execPath, ['--eval', '0'])
      return performance.now() - began
    }),
  ).p50 / 1_000

// The first start builds what is stale and makes the keys and stores.
const undo = createUndo()
const first = await startConsole()
undo.add(() => rmSync(first.dataDir, { recursive: true, force: true }))
undo.add(() => first.end())
await first.end()
try {
  const warm: number[] = []
  const end: number[] = []
  let console_ = first
  for (let count = 0; count < starts; count += 1) {
    const began = performance.now()
    console_ = await console_.again()
    undo.add(console_.end)
    warm.push(performance.now() - began)
    const ending = performance.now()
    await console_.end()
    end.push(performance.now() - ending)
  }
  const lines: Line[] = [
    {
      what: 'warm start to ready, median',
      ours: timesOf(warm).p50 / 1_000,
      baseline: bare,
      unit: 's',
      aim: { of: 'value', most: 3 },
      peer: 'Kuma 1.28, Dockge 1.0, Dozzle 0.12 s',
    },
    {
      what: 'Ctrl-C to the end of all parts, median',
      ours: timesOf(end).p50 / 1_000,
      baseline: bare,
      unit: 's',
      aim: { of: 'value', most: 2 },
    },
    await daemonStart('docker-proxy'),
    await daemonStart('host-agent'),
  ]
  process.exitCode = printTable('Start and end', 'bare Node', lines) > 0 ? 1 : 0
} finally {
  await undo.all()
}

async function daemonStart(name: 'docker-proxy' | 'host-agent'): Promise<Line> {
  const kit = createHarness(name)
  undo.add(() => kit.remove())
  const times: number[] = []
  // The first one makes the keys and fills the cache of what is compiled.
  for (let count = 0; count <= starts; count += 1) {
    const began = performance.now()
    const program = await startProgram(`apps/${name}/src/main.ts`, { ...kit.env, SCRIPT_ROOTS: kit.dataDir })
    if (count > 0) times.push(performance.now() - began)
    await program.stop()
  }
  return { what: `${name} ready, median`, ours: timesOf(times).p50 / 1_000, baseline: bare, unit: 's', aim: { of: 'ratio', most: 3 } }
}
