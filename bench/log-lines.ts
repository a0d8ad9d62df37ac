/**
 * How many lines of one container's log reach its viewers, and what do more viewers cost? `node bench/log-lines.ts [LINES]`
 * Baseline: the engine's own socket with one reader, in the same run. Dozzle's figures are of another run and marked so.
 */
import { execFileSync } from 'node:child_process'
import { request } from 'node:http'
import { dockerSocket } from '@console/testkit/machine'
import { testImage } from '@console/testkit/test-image'
import { startDevops } from '../apps/devops-backend/src/devops.fake.ts'
import { type Follow, follow } from './follow.ts'
import { cpuSeconds, pidsOf, proportionalMiB } from './measure.ts'
import { type Line, printTable } from './table.ts'

const lineCount = Number(process.argv[2] ?? 300_000)
const text = 'x'.repeat(119)
const name = `bench-log-${process.pid}`
const most = 10_000_000
const docker = (...args: string[]): string => execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
const engine = pidsOf(['dockerd', 'containerd'])
const devops = await startDevops({
  parts: ['platform-service', 'docker-proxy'],
  limits: {
    addressPerMinute: most,
    streamsPerActor: 100,
    streams: 200,
    perMinute: { none: most, read: most, change: most, destroy: most },
  },
})
try {
  const admin = await devops.setUp()
  // A person may follow five logs at once, so that twenty viewers are four people.
  const people = [admin, ...(await Promise.all((['viewer', 'operator', 'admin'] as const).map((role) => devops.invite(admin, role))))]
  const cookies = people.map((person) => person.devops.cookiesFor('/api/devops/vm'))
  const own = [process.pid, ...[...devops.parts.values()].map(({ child }) => child.pid ?? 0)]
  const open = (viewer: number): Promise<Follow> =>
    follow(`http://localhost:${devops.port}/api/devops/vm/containers/${name}/logs/stream?tail=1`, {
      cookie: cookies[viewer % cookies.length] ?? '',
    })
  const raw = await trial([rawReader])
  const results = new Map<number, Trial>()
  for (const viewers of [1, 5, 20])
    results.set(
      viewers,
      await trial(
        Array.from({ length: viewers }, (_, viewer) => () => apiReader(() => open(viewer))),
        own,
      ),
    )
  process.exitCode = printTable('The log of one container, lines of 120 bytes', 'raw socket, one reader', linesOf(raw, results)) > 0 ? 1 : 0
} finally {
  await devops.close()
  try {
    docker('rm', '-f', '-v', name)
  } catch {
    // It was never made.
  }
}

type Seen = { readonly lines: number; readonly skipped: number; readonly bytes: number }
type Trial = {
  readonly seconds: number
  readonly seen: readonly Seen[]
  readonly engineCpu: number
  readonly ownCpu: number
  readonly grownMiB: number
}

/** The readers open first; then the container writes its lines, and the time runs until the last reader has the last one. */
async function trial(readers: readonly (() => Promise<Seen>)[], own: readonly number[] = []): Promise<Trial> {
  const script = `read -r go; yes ${text} | head -n ${lineCount}; echo END; sleep 600`
  docker('run', '-d', '-i', '--name', name, '--label', 'com.bytelyst.test=1', testImage, 'bash', '-c', script)
  const reading = Promise.all(readers.map((read) => read()))
  reading.catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  const memory = proportionalMiB(own)
  const [engineBefore, ownBefore] = [cpuSeconds(engine), cpuSeconds(own)]
  const from = performance.now()
  execFileSync('docker', ['exec', '-i', name, 'bash', '-c', 'echo go > /proc/1/fd/0'], { stdio: 'ignore' })
  const seen = await reading
  const seconds = (performance.now() - from) / 1_000
  const done = {
    seconds,
    seen,
    engineCpu: cpuSeconds(engine) - engineBefore,
    ownCpu: cpuSeconds(own) - ownBefore,
    grownMiB: proportionalMiB(own) - memory,
  }
  docker('rm', '-f', '-v', name)
  return done
}

async function apiReader(open: () => Promise<Follow>): Promise<Seen> {
  const stream = await open()
  let [lines, skipped] = [0, 0]
  for await (const { event, data } of stream.events) {
    if (event !== 'lines') continue
    const batch = JSON.parse(data) as { items: { text: string }[]; skipped: number }
    lines += batch.items.length
    skipped += batch.skipped
    if (batch.items.some((line) => line.text === 'END')) break
  }
  stream.close()
  return { lines, skipped, bytes: stream.bytes() }
}

function rawReader(): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const path = `/v1.41/containers/${name}/logs?stdout=1&stderr=1&timestamps=1&follow=1&tail=0`
    const call = request({ socketPath: dockerSocket, path }, (reply) => {
      let [lines, bytes] = [0, 0]
      reply.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1
        if (!chunk.includes('END\n')) return
        reply.destroy()
        resolve({ lines, skipped: 0, bytes })
      })
    })
    call.once('error', reject)
    call.end()
  })
}

function linesOf(raw: Trial, results: ReadonlyMap<number, Trial>): Line[] {
  const one = results.get(1)
  if (!one) return []
  const rate = (trial: Trial): number => (trial.seen[0]?.lines ?? 0) / trial.seconds
  const perLine = ({ ownCpu, seen }: Trial): number => (ownCpu / (seen[0]?.lines ?? 1)) * 1e6
  const lines: Line[] = [
    {
      what: 'lines to one viewer',
      ours: rate(one),
      baseline: rate(raw),
      unit: 'lines/s',
      aim: { of: 'value', least: 62_800, from: '2 × Dozzle gzip, other run' },
    },
    { what: 'own CPU a line, one viewer', ours: perLine(one), unit: 'µs', aim: { of: 'value', most: 12, from: '0.5 × Dozzle, other run' } },
    {
      what: 'bytes a line on the wire',
      ours: (one.seen[0]?.bytes ?? 0) / (one.seen[0]?.lines ?? 1),
      unit: 'bytes',
      aim: { of: 'value', most: 375, from: 'Dozzle, other run' },
    },
  ]
  for (const [viewers, trial] of results) {
    const told = trial.seen.reduce((sum, seen) => sum + seen.lines + seen.skipped, 0)
    lines.push({
      what: `lines shown or counted as skipped, ${viewers} viewers`,
      ours: told / viewers,
      baseline: lineCount + 1,
      unit: 'lines',
      aim: { of: 'ratio', least: 1, most: 1 },
    })
    lines.push({
      what: `lines skipped, ${viewers} viewers`,
      ours: trial.seen.reduce((sum, seen) => sum + seen.skipped, 0) / viewers,
      unit: 'lines',
    })
    if (viewers === 1) continue
    lines.push({
      what: `engine's CPU, ${viewers} viewers against one`,
      ours: trial.engineCpu,
      baseline: one.engineCpu,
      unit: 's',
      ...(viewers === 20 && { aim: { of: 'ratio', most: 1.5 } as const }),
    })
    lines.push({
      what: `own CPU, ${viewers} viewers against one`,
      ours: trial.ownCpu,
      baseline: one.ownCpu,
      unit: 's',
      ...(viewers === 20 && { aim: { of: 'ratio', most: 5.25, from: '0.25 × Dozzle’s ×21, other run' } as const }),
    })
    lines.push({
      what: `memory grown, ${viewers} viewers`,
      ours: trial.grownMiB,
      unit: 'MiB',
      ...(viewers === 20 && { aim: { of: 'value', most: 40 } as const }),
    })
  }
  return lines
}
