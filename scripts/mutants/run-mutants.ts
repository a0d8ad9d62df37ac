/**
 * Changes the sources fault by fault and looks whether a test notices (Stryker). `pnpm test:mutants GROUP…` runs these groups, without a
 * name all of them; `--list` says which there are. Each group writes tests/mutation-results/GROUP.json, which is committed. By hand
 * only: a group takes minutes.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { copySources } from '../copy-sources.ts'
import { leastPercent, type MutantGroup, mutantGroups } from './groups.ts'
import { type Judged, judge, type Report } from './report.ts'

const root = join(import.meta.dirname, '../..')
const results = 'tests/mutation-results'
const fileOf = (name: string): string => join(root, results, `${name}.json`)

if (process.argv.includes('--list')) {
  for (const { name, what } of mutantGroups) console.log(`${name.padEnd(12)} ${what}; ${standing(name)}`)
  process.exit(0)
}
const names = process.argv.slice(2)
const strange = names.find((name) => !mutantGroups.some((group) => group.name === name))
if (strange !== undefined) {
  console.log(`There is no group ${strange}; see --list.`)
  process.exit(2)
}
let bad = 0
for (const group of mutantGroups) if ((names.length === 0 || names.includes(group.name)) && !(await runGroup(group))) bad += 1
process.exit(bad === 0 ? 0 : 1)

async function runGroup(group: MutantGroup): Promise<boolean> {
  console.log(`--- ${group.name}: ${group.what}`)
  const started = performance.now()
  const copy = mkdtempSync(join(tmpdir(), `mutants-${group.name}-`))
  const commit = git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', '.', `:!${results}`) === '' ? '' : ' and more')
  try {
    copySources(root, copy)
    const report = await mutate(group, copy)
    const judged = judge(report, group)
    const result = {
      group: group.name,
      what: group.what,
      // What survives is noticed from now on, or somebody says why it does no harm: a share alone hides the next one.
      result: judged.percent >= leastPercent && judged.stale.length + judged.unexplained.length === 0 ? 'passed' : 'failed',
      on: new Date().toISOString().slice(0, 10),
      commit,
      seconds: Math.round((performance.now() - started) / 1_000),
      ...judged,
    }
    mkdirSync(join(root, results), { recursive: true })
    writeFileSync(fileOf(group.name), `${JSON.stringify(result, null, 2)}\n`)
    for (const { file, line, was, became } of judged.unexplained) console.log(`${file}:${line}  ${was}  →  ${became}`)
    for (const line of judged.stale) console.log(`needs no explanation any more: ${line}`)
    console.log(
      `${group.name}: ${judged.noticed} of ${judged.faults} noticed, ${judged.percent} %; ${judged.unexplained.length} unexplained`,
    )
    return result.result === 'passed'
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** In the copy itself and not in a box of Stryker's: the links of the workspace must lead to the changed sources. */
async function mutate(group: MutantGroup, copy: string): Promise<Report> {
  writeFileSync(
    join(copy, 'vitest.mutants.config.ts'),
    `export default { test: ${JSON.stringify({ include: testFilesOf(group), testTimeout: group.quick ? 20_000 : 60_000, hookTimeout: 60_000 })} }\n`,
  )
  const report = join(copy, 'mutation-report.json')
  const config = {
    mutate: group.mutate,
    inPlace: true,
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner', join(root, 'scripts/mutants/wording.ts')],
    ignorers: ['wording'],
    vitest: { configFile: 'vitest.mutants.config.ts', related: false },
    coverageAnalysis: 'perTest',
    // half of the machine, so that other work goes on beside it; the limit is generous because a fault that timed out counts as noticed
    concurrency: Math.max(1, Math.floor(cpus().length / 2)),
    timeoutMS: group.quick ? 25_000 : 45_000,
    timeoutFactor: 2,
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: report },
    checkers: [],
    disableTypeChecks: false,
    allowConsoleColors: false,
    tempDirName: '.stryker-tmp',
  }
  writeFileSync(join(copy, 'stryker.conf.json'), JSON.stringify(config))
  const child = spawn(process.execPath, [join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run', 'stryker.conf.json'], {
    cwd: copy,
    stdio: 'inherit',
  })
  const status = await new Promise((resolve) => child.once('close', resolve))
  if (status !== 0 || !existsSync(report)) throw new Error(`the run of ${group.name} ended without a report`)
  return JSON.parse(readFileSync(report, 'utf8')) as Report
}

function testFilesOf({ tests }: MutantGroup): string[] {
  return tests.map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.test.ts`))
}

function standing(name: string): string {
  if (!existsSync(fileOf(name))) return 'not run yet'
  const { percent, unexplained, stale } = JSON.parse(readFileSync(fileOf(name), 'utf8')) as Judged
  const isGood = percent >= leastPercent && unexplained.length + stale.length === 0
  return `${isGood ? 'passed' : 'failed'}, ${percent} %${isGood ? '' : `, ${unexplained.length} unexplained`}`
}

function git(...args: string[]): string {
  return spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout.trim()
}
