/**
 * What does a health check cost, and is it on time? 200 HTTP checks every 20 s. `node bench/health-checks.ts [COUNT]`
 * Baseline: Uptime Kuma 2.5 with as many monitors, of another run.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { good } from '@console/testkit/people'
import { aService, startDevops } from '../apps/devops-backend/src/devops.fake.ts'
import { cpuSeconds, timesOf } from './measure.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const count = Number(process.argv[2] ?? 200)
const intervalSec = 20
const kumaMs = 4.2

const undo = createUndo()
const target = fork(join(import.meta.dirname, 'health-target.ts'))
undo.add(() => target.kill())
const [{ port }] = (await once(target, 'message')) as [{ port: number }]
const devops = await startDevops({ parts: ['platform-service', 'host-agent'], env: { PROBE_ORIGINS: `http://127.0.0.1:${port}` } })
undo.add(() => devops.close())
try {
  const admin = await devops.setUp()
  for (let at = 0; at < count; at += 1) {
    const check = { id: 'c', kind: 'http', url: `http://127.0.0.1:${port}/${at}`, method: 'GET', expectStatus: '200', expectBody: null }
    const timing = { intervalSec, timeoutMs: 5_000, downAfter: 2, upAfter: 1 }
    good(await admin.devops.post('/services', { ...aService(`service-${at}`), checks: [{ ...check, ...timing }] }), 201)
  }
  // Every check has been measured once, and the second time is under way.
  await new Promise((resolve) => setTimeout(resolve, (intervalSec + 5) * 1_000))
  const own = [process.pid, ...[...devops.parts.values()].map(({ child }) => child.pid ?? 0)]
  const before = cpuSeconds(own)
  const from = Date.now()
  await new Promise((resolve) => setTimeout(resolve, 3 * intervalSec * 1_000))
  const cpu = cpuSeconds(own) - before
  const until = Date.now()
  const answer = once(target, 'message')
  target.send('arrivals')
  const [arrivals] = (await answer) as [Record<string, number[]>]
  const all = Object.values(arrivals)
  const measured = all.flat().filter((at) => at >= from && at < until).length
  const late = all.flatMap((times) => times.slice(1).map((time, at) => time - (times[at] ?? 0) - intervalSec * 1_000))
  const lines: Line[] = [
    { what: 'checks measured', ours: measured, baseline: count * 3, unit: 'checks', aim: { of: 'ratio', least: 0.98 } },
    {
      what: 'CPU a check, all of ours, idle work included',
      ours: (cpu / measured) * 1_000,
      baseline: kumaMs,
      unit: 'ms',
      aim: { of: 'ratio', most: 0.3 },
    },
    { what: 'later than its interval, worst of all', ours: Math.max(...late), unit: 'ms', aim: { of: 'value', most: 1_000 } },
    { what: 'later than its interval, p50', ours: timesOf(late).p50, unit: 'ms' },
  ]
  process.exitCode = printTable(`${count} HTTP checks at ${intervalSec} s`, 'Uptime Kuma 2.5, other run', lines) > 0 ? 1 : 0
} finally {
  await undo.all()
}
