/**
 * What does a look at an agent's home cost, and how many signals does the console take? `node bench/hermes.ts [SESSIONS] [SECONDS]`
 * With HERMES_PROGRAM, the path of an installed Hermes, beside what its own three lists of the same home take.
 * Baseline of the look: an empty program of the same Node with the same bounds, in turns. Baseline of the signals: the same requests, empty.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { homesFolder, makeHome } from '@console/testkit/made-home'
import { startParts } from '@console/testkit/running-parts'
import { canonical, directPlan } from '@console/verbs/canonical'
import { probeProgram } from '../apps/host-agent/src/hermes/probe-program.ts'
import { cpuSeconds, proportionalMiB, timed, timesOf } from './measure.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const sessions = Number(process.argv[2] ?? 5_000)
const seconds = Number(process.argv[3] ?? 30)
const looks = 20
const batch = 100
const requestsPerSec = 20
const undo = createUndo()

try {
  const base = homesFolder()
  undo.add(() => rmSync(base, { recursive: true }))
  const home = makeHome(join(base, 'vm'), 22, { sessions })
  const look = printTable(`A look at a home of ${sessions} sessions`, 'an empty program', await costOfLook(home))
  const taken = await signalsTaken(base, home)
  process.exitCode = look + printTable(`${batch * requestsPerSec} signals a second for ${seconds} s`, 'empty requests', taken) > 0 ? 1 : 0
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

async function signalsTaken(base: string, home: string): Promise<Line[]> {
  const file = join(base, 'instances.json')
  writeFileSync(file, JSON.stringify([{ id: 'vm', user: userInfo().username, home, unit: 'console-none.service' }]), { mode: 0o600 })
  const parts = await startParts({
    parts: ['platform-service', 'host-agent', 'devops-backend'],
    env: { 'host-agent': { HERMES_INSTANCES: file } },
  })
  undo.add(() => parts.stop())
  const { platform, devops } = await parts.setUp()
  const wish = { instance: 'vm', way: 'otlp', name: 'bench' }
  const digest = createHash('sha256')
    .update(canonical(directPlan('hermes.key.create', 'local', wish)))
    .digest('hex')
  const { grant } = (await platform.post('/auth/grants', { verb: 'hermes.key.create', digest })).body
  const { secret } = (await devops.post('/hermes/keys', wish, { 'x-grant': String(grant) })).body
  const headers = { authorization: `Bearer ${String(secret)}`, 'content-type': 'application/json' }
  const url = `http://127.0.0.1:${parts.backendPort}/api/devops/hermes/ingest/vm/v1/traces`
  const pid = parts.running.get('devops-backend')?.child.pid ?? 0
  const send = async (body: string): Promise<number> => {
    const answer = await fetch(url, { method: 'POST', headers, body })
    const text = await answer.text()
    if (answer.status !== 200 || text !== '{}') throw new Error(`${answer.status} ${text}`)
    return answer.status
  }
  const none = await atRate(pid, () => send('{}'))
  const before = proportionalMiB([pid])
  const some = await atRate(pid, () => send(spans()))
  const { items } = (await devops.get('/hermes/signals')).body as unknown as { items: { series: { figures: { total: number } }[] }[] }
  const counted = items[0]?.series.reduce((sum, { figures }) => sum + figures.total, 0) ?? 0
  const state = statSync(join(parts.folder, 'devops/series/signals/state.json'), { throwIfNoEntry: false })?.size ?? 0
  const sent = requestsPerSec * seconds * batch
  return [
    { what: 'signals counted of those answered for', ours: counted / sent, unit: '', aim: { of: 'value', least: 1, most: 1 } },
    { what: 'requests, p50', ours: some.times.p50, baseline: none.times.p50, unit: 'ms' },
    { what: 'requests, p99', ours: some.times.p99, baseline: none.times.p99, unit: 'ms' },
    { what: 'signals a second', ours: sent / some.tookSec, unit: '/s', aim: { of: 'value', least: 0.98 * batch * requestsPerSec } },
    {
      what: 'CPU of devops-backend, share of a core',
      ours: (some.cpu / some.tookSec) * 100,
      baseline: (none.cpu / none.tookSec) * 100,
      unit: '%',
    },
    { what: 'memory of devops-backend', ours: proportionalMiB([pid]), baseline: before, unit: 'MiB', aim: { of: 'difference', most: 64 } },
    { what: 'sums on disk', ours: state / 1_024, unit: 'KiB', aim: { of: 'value', most: 4_096 } },
  ]
}

/** Requests at a fixed rate, whatever each takes. */
async function atRate(pid: number, act: () => Promise<unknown>) {
  const from = performance.now()
  const cpuBefore = cpuSeconds([pid])
  const pending: Promise<number>[] = []
  for (let n = 0; n < requestsPerSec * seconds; n += 1) {
    await pause(Math.max(0, from + (n * 1_000) / requestsPerSec - performance.now()))
    pending.push(timed(act))
  }
  const times = timesOf(await Promise.all(pending))
  return { times, cpu: cpuSeconds([pid]) - cpuBefore, tookSec: (performance.now() - from) / 1_000 }
}

function spans(): string {
  const endMs = Date.now()
  const traceId = randomBytes(16).toString('hex')
  const one = (n: number) => ({
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name: 'chat big',
    startTimeUnixNano: `${endMs - 100 - n}000000`,
    endTimeUnixNano: `${endMs}000000`,
    attributes: [
      { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
      { key: 'gen_ai.request.model', value: { stringValue: `model ${n % 5}` } },
      { key: 'gen_ai.usage.input_tokens', value: { intValue: '900' } },
      { key: 'gen_ai.usage.output_tokens', value: { intValue: '80' } },
    ],
  })
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: batch }, (_, n) => one(n)) }] }] })
}
