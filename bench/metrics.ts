/**
 * What do the host's metrics cost, how much of them lies on disk, and how long does a chart take? `node bench/metrics.ts [CONTAINERS] [DAYS]`
 * Baseline of the cost: the same host-agent with nobody who asks, in the same run. The cgroups are synthetic (files on a disk, read as those of the kernel are),
 * beside a machine of 300 processes; with `0` containers the machine itself is measured, whatever runs on it.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createHarness } from '@console/testkit/daemon-harness'
import { startProgram } from '@console/testkit/program'
import { HostReading } from '../apps/devops-backend/src/clients/host-reading.ts'
import { containersBetween, cpuBetween, networkBetween } from '../apps/devops-backend/src/modules/system/make-rates.ts'
import { openMetricKeeper } from '../apps/devops-backend/src/modules/system/metric-history.ts'
import { cpuSeconds, proportionalMiB, timesOf } from './measure.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const containers = Number(process.argv[2] ?? 100)
const days = Number(process.argv[3] ?? 90)
const processes = 300
/** Asked so often instead of every ten seconds, to see more in less time; a second apart, since a look is shared within one. */
const looks = 30
const everyMs = 1_050
const everySec = 10
const ranges = ['1h', '6h', '24h', '7d', '30d', '90d'] as const
const undo = createUndo()

try {
  const root = containers === 0 ? '/' : recordMachine()
  const { lines, reading } = await costOfAgent(root)
  const lost = printTable(
    `Metrics every 10 s, ${'items' in reading.containers ? reading.containers.items.length : 0} containers`,
    'nobody asks',
    [...lines, costOfBackend(reading)],
  )
  const kept = await historyOf(reading)
  process.exitCode = lost + printTable(`History of ${days} days`, '–', kept) > 0 ? 1 : 0
} finally {
  await undo.all()
}

async function costOfAgent(root: string): Promise<{ lines: Line[]; reading: HostReading }> {
  const kit = createHarness('host-agent')
  undo.add(() => kit.remove())
  const scripts = mkdtempSync(join(tmpdir(), 'bench-scripts-'))
  undo.add(() => rmSync(scripts, { recursive: true }))
  const agent = await startProgram('apps/host-agent/src/main.ts', { ...kit.env, SCRIPT_ROOTS: scripts, HOST_ROOT: root })
  undo.add(() => agent.stop())
  const pid = agent.child.pid ?? 0
  const spent = async (act: () => Promise<unknown>): Promise<number> => {
    const before = cpuSeconds([pid])
    for (let look = 0; look < looks; look += 1) {
      await act()
      await pause(everyMs)
    }
    return (cpuSeconds([pid]) - before) / looks
  }
  // A call that does nothing, so that what asking costs is not taken for what measuring costs.
  await kit.ask('runs.list', {}, 'service')
  const off = { cpu: await spent(() => Promise.resolve()), mib: proportionalMiB([pid]) }
  let answer: unknown
  const on = {
    cpu: await spent(async () => {
      answer = (await kit.ask('system.metrics', {}, 'service')).body
    }),
    mib: proportionalMiB([pid]),
  }
  return {
    reading: HostReading.parse(answer),
    lines: [
      {
        what: 'CPU of host-agent, share of a core',
        ours: (on.cpu / everySec) * 100,
        baseline: (off.cpu / everySec) * 100,
        unit: '%',
        aim: { of: 'difference', most: 1 },
      },
      { what: 'memory of host-agent', ours: on.mib, baseline: off.mib, unit: 'MiB', aim: { of: 'difference', most: 30 } },
    ],
  }
}

/** Reading the answer, making rates of it and keeping them, as devops-backend does each time. */
function costOfBackend(reading: HostReading): Line {
  const dir = mkdtempSync(join(tmpdir(), 'bench-metrics-'))
  undo.add(() => rmSync(dir, { recursive: true }))
  let clock = Date.now()
  const keeper = openMetricKeeper({ dir, days: () => 90, now: () => clock })
  const json = JSON.stringify(reading)
  const times: number[] = []
  for (let n = 0; n < 200; n += 1, clock += 10_000) {
    const before = process.cpuUsage()
    keeper.keep(metricsOf(reading, HostReading.parse(JSON.parse(json)), clock))
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / 1_000)
  }
  keeper.close()
  return { what: 'CPU of devops-backend, share of a core', ours: (timesOf(times).p50 / 1_000 / everySec) * 100, unit: '%' }
}

function metricsOf(before: HostReading, now: HostReading, clock: number) {
  const later = { ...now, atMs: before.atMs + 10_000 }
  const { atMs: _, at: __, ...rest } = later
  return {
    ...rest,
    asOf: new Date(clock).toISOString(),
    freshness: 'live' as const,
    trouble: null,
    everySec,
    cpu: cpuBetween(before, later),
    network: networkBetween(before, later),
    containers: containersBetween(before, later, new Map()),
  }
}

/** Every moment of all days, kept as it comes; then each chart, from the files. */
async function historyOf(reading: HostReading): Promise<Line[]> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-metrics-'))
  undo.add(() => rmSync(dir, { recursive: true }))
  const start = Date.parse('2026-01-01T00:00:00Z')
  let clock = start
  const keeper = openMetricKeeper({ dir, days: () => 90, now: () => clock })
  const metrics = metricsOf(reading, reading, clock)
  for (; clock < start + days * 86_400_000; clock += 10_000) keeper.keep({ ...metrics, asOf: new Date(clock).toISOString() })
  const charts: Line[] = []
  for (const [what, wish] of [
    ['a chart of the host', { series: 'cpu' }],
    ['the busiest containers', { series: 'containers' }],
    ['a chart of one container', { series: 'containers', container: nameIn(metrics) }],
  ] as const) {
    const slowest: { range: string; ms: number }[] = []
    for (const range of ranges) {
      const times: number[] = []
      for (let n = 0; n < 5; n += 1) {
        const from = performance.now()
        await keeper.read({ range, ...wish })
        times.push(performance.now() - from)
      }
      slowest.push({ range, ms: timesOf(times).p50 })
    }
    const worst = slowest.reduce((a, b) => (a.ms > b.ms ? a : b))
    charts.push({ what: `${what}, slowest range (${worst.range})`, ours: worst.ms, unit: 'ms', aim: { of: 'value', most: 200 } })
  }
  keeper.close()
  const megabytes = readdirSync(dir, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => sum + sizeOf(join(dir, name)), 0) / 1e6
  return [{ what: 'on disk', ours: megabytes, unit: 'MB', aim: { of: 'value', most: 200 } }, ...charts]
}

function nameIn({ containers: all }: ReturnType<typeof metricsOf>): string {
  return 'items' in all ? (all.items[0]?.name ?? 'none') : 'none'
}

function sizeOf(path: string): number {
  const info = statSync(path)
  return info.isFile() ? info.size : 0
}

/** Files of a machine with cgroups of version 2, in the kernel's words and lengths. */
function recordMachine(): string {
  const root = mkdtempSync(join(tmpdir(), 'bench-host-'))
  undo.add(() => rmSync(root, { recursive: true }))
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  put('proc/stat', `cpu  1000 50 300 8000 120 0 20 10 0 0\n${[0, 1].map((cpu) => `cpu${cpu} 500 25 150 4000 60 0 10 5 0 0\n`).join('')}`)
  put('proc/meminfo', 'MemTotal: 8388608 kB\nMemFree: 524288 kB\nMemAvailable: 4194304 kB\nCached: 1310720 kB\n')
  put('proc/loadavg', '0.52 1.25 2.00 3/412 9876\n')
  put('proc/uptime', '5126.85 9842.10\n')
  for (const what of ['cpu', 'memory', 'io']) put(`proc/pressure/${what}`, 'some avg10=1.00 avg60=1.00 avg300=1.00 total=1\n')
  put('proc/self/net/dev', `  eth0: ${'1 '.repeat(16)}\n`)
  const overlays = Array.from(
    { length: containers },
    (_, n) => `${100 + n} 27 0:${100 + n} / /var/lib/docker/overlay2/${n}/merged rw - overlay overlay rw,lowerdir=${'l'.repeat(400)}\n`,
  )
  put(
    'proc/self/mountinfo',
    `27 1 254:0 / / rw - ext4 /dev/vda rw\n31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n${overlays.join('')}`,
  )
  for (let pid = 1; pid <= processes; pid += 1) {
    put(
      `proc/${pid}/stat`,
      `${pid} (node) S 1 1 1 0 -1 4194304 10 0 0 0 ${pid} 7 0 0 20 0 11 0 ${pid} 1000000 ${pid * 10} ${'0 '.repeat(28)}\n`,
    )
    put(`proc/${pid}/status`, `Name:\tnode\nUid:\t0\t0\t0\t0\nVmRSS:\t${pid * 40} kB\n`)
  }
  const memory = Array.from({ length: 50 }, (_, n) => `statistic_${n} ${n * 4_096}`).join('\n')
  for (let n = 0; n < containers; n += 1) {
    const folder = `sys/fs/cgroup/system.slice/docker-${n.toString(16).padStart(4, '0').padEnd(64, '0')}.scope`
    put(`${folder}/cpu.stat`, `usage_usec ${n * 1_000}\nuser_usec 1\nsystem_usec 1\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n`)
    put(`${folder}/memory.current`, `${n * 1_000_000}\n`)
    put(`${folder}/memory.max`, 'max\n')
    put(`${folder}/memory.stat`, `${memory}\ninactive_file 4096\n`)
    put(`${folder}/io.stat`, `254:0 rbytes=${n} wbytes=${n} rios=1 wios=1 dbytes=0 dios=0\n`)
  }
  return root
}
