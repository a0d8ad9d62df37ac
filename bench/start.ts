/**
 * How soon is the console ready? From the start of the launcher to its line `ready`, the dashboards built. `node bench/start.ts`
 * Baseline: a bare Node that starts and ends, which is what each of the six parts costs before its own first line.
 */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { startConsole } from '@console/testkit/start-console'
import { timesOf } from './measure.ts'
import { type Line, printTable } from './table.ts'

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
const first = await startConsole()
await first.end()
try {
  const warm: number[] = []
  const end: number[] = []
  let console_ = first
  for (let count = 0; count < starts; count += 1) {
    const began = performance.now()
    console_ = await console_.again()
    warm.push(performance.now() - began)
    const ending = performance.now()
    await console_.end()
    end.push(performance.now() - ending)
  }
  const lines: Line[] = [
    { what: 'warm start to ready, median', ours: timesOf(warm).p50 / 1_000, baseline: bare, unit: 's', aim: { of: 'value', most: 3 } },
    {
      what: 'Ctrl-C to the end of all parts, median',
      ours: timesOf(end).p50 / 1_000,
      baseline: bare,
      unit: 's',
      aim: { of: 'value', most: 2 },
    },
  ]
  process.exitCode = printTable('Start and end', 'bare Node', lines) > 0 ? 1 : 0
} finally {
  rmSync(first.dataDir, { recursive: true, force: true })
}
