/**
 * What does a look at an agent's home cost? `node bench/hermes.ts [SESSIONS]`
 * With HERMES_PROGRAM, the path of an installed Hermes, beside what its own three lists of the same home take.
 * Baseline: an empty program of the same Node with the same bounds, in turns.
 */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { homesFolder, makeHome } from '@console/testkit/made-home'
import { probeProgram } from '../apps/host-agent/src/hermes/probe-program.ts'
import { timed, timesOf } from './measure.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const sessions = Number(process.argv[2] ?? 5_000)
const looks = 20
const undo = createUndo()

try {
  const base = homesFolder()
  undo.add(() => rmSync(base, { recursive: true }))
  const home = makeHome(join(base, 'vm'), 22, { sessions })
  const missed = printTable(`A look at a home of ${sessions} sessions`, 'an empty program', await costOfLook(home))
  process.exitCode = missed > 0 ? 1 : 0
} finally {
  await undo.all()
}

async function costOfLook(home: string): Promise<Line[]> {
  const ours: Cost[] = []
  const baseline: Cost[] = []
  for (let n = 0; n < looks; n += 1) {
    baseline.push(await costOf(home, "process.stdout.write('{}')"))
    ours.push(await costOf(home, probeProgram()))
  }
  const middle = (costs: readonly Cost[], of: keyof Cost): number => timesOf(costs.map((cost) => cost[of])).p50
  return [
    {
      what: 'CPU of a look, p50',
      ours: middle(ours, 'cpuMs'),
      baseline: middle(baseline, 'cpuMs'),
      unit: 'ms',
      aim: { of: 'difference', most: 60 },
    },
    {
      what: 'most memory, p50',
      ours: middle(ours, 'mib'),
      baseline: middle(baseline, 'mib'),
      unit: 'MiB',
      aim: { of: 'difference', most: 16 },
    },
    { what: 'time of a look, p50', ours: middle(ours, 'ms'), baseline: middle(baseline, 'ms'), unit: 'ms' },
    ...listsOf(home),
  ]
}

/** Sessions, jobs and skills as the agent's own command line lists them, in a copy: it writes. */
function listsOf(home: string): Line[] {
  const program = process.env.HERMES_PROGRAM
  if (!program) return []
  const copy = `${home}-copy`
  cpSync(home, copy, { recursive: true })
  const env = { HERMES_HOME: copy, HOME: dirname(home), PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HTTPS_PROXY: 'http://127.0.0.1:9' }
  const once = (list: string): { cpuMs: number; ms: number } => {
    const script = 'TIMEFORMAT="%U %S %R"; time "$@" >/dev/null 2>&1'
    const { status, stderr } = spawnSync('bash', ['-c', script, '_', program, list, 'list'], { env, cwd: '/', encoding: 'utf8' })
    if (status !== 0) throw new Error(`${program} ${list} list ended with ${status}`)
    const [user = 0, system = 0, real = 0] = stderr.trim().split(' ').map(Number)
    return { cpuMs: (user + system) * 1_000, ms: real * 1_000 }
  }
  const all = Array.from({ length: 5 }, () => ['sessions', 'cron', 'skills'].map(once))
  const middle = (of: 'cpuMs' | 'ms'): number => timesOf(all.map((lists) => lists.reduce((sum, one) => sum + one[of], 0))).p50
  return [
    { what: 'CPU of its own three lists, p50', ours: middle('cpuMs'), unit: 'ms' },
    { what: 'time of its own three lists, p50', ours: middle('ms'), unit: 'ms' },
  ]
}

type Cost = { readonly cpuMs: number; readonly mib: number; readonly ms: number }

/** Runs a program as host-agent starts the probe. What it used it writes down itself, as its last deed. */
async function costOf(home: string, program: string): Promise<Cost> {
  const report = join(dirname(home), 'used.json')
  // The peak since the program began: that of getrusage is at least what the process that started it held.
  const last = `const fs=require('node:fs');process.on('exit',()=>{const{userCPUTime:u,systemCPUTime:s}=process.resourceUsage();const [,m]=/VmHWM:\\s+([0-9]+)/.exec(fs.readFileSync('/proc/self/status','utf8'));fs.writeFileSync(${JSON.stringify(report)},JSON.stringify({cpuMs:(u+s)/1000,mib:m/1024}))})`
  const preload = join(dirname(home), 'report.cjs')
  writeFileSync(preload, last)
  const reads = [home, `${home}/*`, preload, '/proc/self/status', '/proc/self/fd/*'].map((path) => `--allow-fs-read=${path}`)
  const flags = [
    '--disable-warning=ExperimentalWarning',
    '--max-old-space-size=48',
    '--max-semi-space-size=1',
    '--permission',
    `--allow-fs-write=${report}`,
    '--require',
    preload,
  ]
  const child = spawn(process.execPath, [...flags, ...reads, '-', home], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let printed = 0
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.length
  })
  const ms = await timed(async () => {
    child.stdin.end(program)
    const status = await new Promise((done) => child.once('close', done))
    if (status !== 0 || printed === 0) throw new Error(`the program ended with ${status} and printed ${printed} bytes`)
  })
  return { ...(JSON.parse(readFileSync(report, 'utf8')) as Omit<Cost, 'ms'>), ms }
}
