/**
 * The big numbers, part by part: `pnpm test:deep` runs the parts that have no good result yet, `--part NAME` one of them whatever
 * its result, `--list` says what there is. Each part writes tests/deep-results/NAME.json, which is committed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { buildDashboards } from '../apps/launcher/src/build-dashboards.ts'
import { type DeepPart, deepParts } from './deep-parts.ts'
import { runVitest } from './run-vitest.ts'

const root = join(import.meta.dirname, '..')
const fileOf = (part: DeepPart): string => join(root, 'tests/deep-results', `${part.name}.json`)
const wanted = process.argv.indexOf('--part') > 0 ? process.argv[process.argv.indexOf('--part') + 1] : undefined

if (process.argv.includes('--list')) {
  for (const part of deepParts) console.log(`${part.name.padEnd(18)} ≤ ${part.minutes} min  ${part.what}; ${standing(part)}`)
  process.exit(0)
}
const parts =
  wanted === undefined ? deepParts.filter((part) => standing(part) !== 'passed') : deepParts.filter(({ name }) => name === wanted)
if (parts.length === 0) {
  console.log(wanted === undefined ? 'Every part has passed; run one again with --part NAME.' : `There is no part ${wanted}; see --list.`)
  process.exit(wanted === undefined ? 0 : 2)
}
await buildDashboards({ root, say: (line) => console.log(line) })
let bad = 0
for (const part of parts) if (!(await runPart(part))) bad += 1
process.exit(bad === 0 ? 0 : 1)

async function runPart(part: DeepPart): Promise<boolean> {
  console.log(`--- ${part.name}: ${part.what} (at most ${part.minutes} min)`)
  const most = String(part.minutes * 60_000)
  const outcome = await runVitest(['--maxWorkers=2', `--testTimeout=${most}`, ...part.tests], {
    CONSOLE_DEEP: '1',
  })
  const good = outcome.status === 0 && outcome.failed === 0 && outcome.passed > 0
  const { passed, failed, skipped, seconds, leftOut, figures } = outcome
  const result = {
    part: part.name,
    what: part.what,
    result: good ? 'passed' : 'failed',
    on: new Date().toISOString().slice(0, 10),
    commit: spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim(),
    machine: { cpus: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version },
    seconds,
    passed,
    failed,
    skipped,
    leftOut,
    figures: Object.fromEntries(figures.map(({ name, value }) => [name, value])),
  }
  writeFileSync(fileOf(part), `${JSON.stringify(result, null, 2)}\n`)
  console.log(`${part.name}: ${passed} passed, ${failed} failed, ${skipped} skipped`)
  return good
}

function standing(part: DeepPart): string {
  return existsSync(fileOf(part)) ? (JSON.parse(readFileSync(fileOf(part), 'utf8')) as { result: string }).result : 'not run yet'
}
