/**
 * How many lines of one container's log reach its viewers, and what do more viewers cost? `node bench/log-lines.ts [LINES]`
 * Baseline: the engine's own socket with one reader, in rounds that take turns with ours. Dozzle's figures are of another run on another
 * machine: they are scaled by what the raw socket gave there and gives here.
 */
import { execFileSync, spawn } from 'node:child_process'
import { request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { dockerSocket } from '@console/testkit/machine'
import { testImage } from '@console/testkit/test-image'
import { startDevops } from '../apps/devops-backend/src/devops.fake.ts'
import type { Orders, Seen } from './log-reader.ts'
import { cpuSeconds, pidsOf, proportionalMiB, timesOf } from './measure.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

/** Measured side by side on one machine: the raw socket, and Dozzle 10.7 with one gzip viewer. */
const there = { raw: 164_000, dozzle: 31_400, dozzleCpu: 24, dozzleBytes: 375, dozzleTwenty: 21 }
const lineCount = Number(process.argv[2] ?? 300_000)
const rounds = 3
const viewerCounts = [1, 5, 20]
const text = 'x'.repeat(119)
const name = `bench-log-${process.pid}`
const docker = (...args: string[]): string => execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
const engine = pidsOf(['dockerd', 'containerd'])

type Trial = {
  readonly seconds: number
  readonly seen: readonly Seen[]
  readonly engineCpu: number
  readonly ownCpu: number
  readonly grownMiB: number
}
type Readers = { readonly open: Promise<unknown>; readonly seen: Promise<readonly Seen[]> }

const undo = createUndo()
undo.add(removeWriter)
// A person may follow five logs at once, so that twenty viewers are four people; the limits are those of every console.
const devops = await startDevops({ parts: ['platform-service', 'docker-proxy'] })
undo.add(() => devops.close())
const own = [process.pid, ...[...devops.parts.values()].map(({ child }) => child.pid ?? 0)]
try {
  const admin = await devops.setUp()
  const people = [admin]
  while (people.length < 4) people.push(await devops.invite(admin, 'operator'))
  const cookies = people.map((person) => person.devops.cookiesFor('/api/devops/vm'))
  const url = `http://localhost:${devops.port}/api/devops/vm/containers/${name}/logs/stream?tail=1`
  const raw: Trial[] = []
  const ours = new Map<number, Trial[]>(viewerCounts.map((viewers) => [viewers, []]))
  // The first trial warms up what is compiled on its way.
  await trial(viewersOf({ url, cookies: cookies.slice(0, 1), gzip: true }))
  for (let round = 0; round < rounds; round += 1) {
    raw.push(await trial(rawReader))
    for (const viewers of viewerCounts) {
      const orders = { url, cookies: Array.from({ length: viewers }, (_, at) => cookies[at % cookies.length] ?? ''), gzip: true }
      ours.get(viewers)?.push(await trial(viewersOf(orders)))
    }
  }
  process.exitCode = printTable('The log of one container, lines of 120 bytes', 'raw socket, one reader', linesOf(raw, ours)) > 0 ? 1 : 0
} finally {
  await undo.all()
}

/** The readers open first; then the container writes its lines, and the time runs until the last reader has the last one. */
async function trial(start: () => Readers): Promise<Trial> {
  // The writer ends by itself, also when nobody is left to end it.
  const script = `read -t 120 -r go && yes ${text} | head -n ${lineCount}; echo END; sleep 120`
  docker('run', '-d', '-i', '--rm', '--network', 'none', '--name', name, '--label', 'com.bytelyst.test=1', testImage, 'bash', '-c', script)
  try {
    const { open, seen: reading } = start()
    await open
    const memory = proportionalMiB(own)
    const [engineBefore, ownBefore] = [cpuSeconds(engine), cpuSeconds(own)]
    const from = performance.now()
    execFileSync('docker', ['exec', name, 'bash', '-c', 'echo go > /proc/1/fd/0'], { stdio: 'ignore' })
    const seen = await reading
    const seconds = (performance.now() - from) / 1_000
    return {
      seconds,
      seen,
      engineCpu: cpuSeconds(engine) - engineBefore,
      ownCpu: cpuSeconds(own) - ownBefore,
      grownMiB: proportionalMiB(own) - memory,
    }
  } finally {
    removeWriter()
  }
}

function removeWriter(): void {
  try {
    docker('rm', '-f', '-v', name)
  } catch {
    // It is gone already.
  }
}

function viewersOf(orders: Orders): () => Readers {
  return () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'log-reader.ts'), JSON.stringify(orders)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines: string[] = []
    const opened = Promise.withResolvers<void>()
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      opened.resolve()
    })
    const seen = new Promise<readonly Seen[]>((resolve, reject) => {
      child.once('close', (code) => {
        if (code === 0) return resolve(JSON.parse(lines.at(-1) ?? '[]') as Seen[])
        const error = new Error(`the viewers ended with ${code}`)
        opened.reject(error)
        reject(error)
      })
    })
    seen.catch(() => undefined)
    return { open: opened.promise, seen }
  }
}

function rawReader(): Readers {
  const opened = Promise.withResolvers<void>()
  const seen = new Promise<readonly Seen[]>((resolve, reject) => {
    const path = `/v1.41/containers/${name}/logs?stdout=1&stderr=1&timestamps=1&follow=1&tail=0`
    const call = request({ socketPath: dockerSocket, path }, (reply) => {
      let [lines, bytes] = [0, 0]
      opened.resolve()
      reply.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1
        if (!chunk.includes('END\n')) return
        reply.destroy()
        resolve([{ lines, skipped: 0, bytes }])
      })
    })
    call.once('error', reject)
    call.end()
  })
  seen.catch(opened.reject)
  return { open: opened.promise, seen }
}

function linesOf(raw: readonly Trial[], ours: ReadonlyMap<number, readonly Trial[]>): Line[] {
  const middle = (trials: readonly Trial[], of: (trial: Trial) => number): number => timesOf(trials.map(of)).p50
  const one = ours.get(1) ?? []
  const rate = ({ seconds }: Trial): number => lineCount / seconds
  const here = middle(raw, rate)
  // What another machine would have made of it: its raw socket is as much slower or quicker than ours.
  const scale = here / there.raw
  const cpu = ({ ownCpu }: Trial): number => (ownCpu / lineCount) * 1e6
  const lines: Line[] = [
    {
      what: 'lines to one viewer, gzip',
      ours: middle(one, rate),
      baseline: here,
      unit: 'lines/s',
      aim: { of: 'value', least: Math.round(2 * there.dozzle * scale), from: '2 × Dozzle, other run, scaled' },
    },
    {
      what: 'own CPU a line, one viewer',
      ours: middle(one, cpu),
      unit: 'µs',
      aim: { of: 'value', most: Number(((0.5 * there.dozzleCpu) / scale).toFixed(1)), from: '0.5 × Dozzle, other run, scaled' },
    },
    {
      what: 'bytes a line on the wire',
      ours: middle(one, ({ seen }) => (seen[0]?.bytes ?? 0) / lineCount),
      baseline: middle(raw, ({ seen }) => (seen[0]?.bytes ?? 0) / lineCount),
      unit: 'bytes',
      aim: { of: 'value', most: there.dozzleBytes, from: 'Dozzle, other run' },
    },
  ]
  for (const [viewers, trials] of ours) {
    const each = (of: (seen: Seen) => number) => (trial: Trial) => trial.seen.reduce((sum, seen) => sum + of(seen), 0) / viewers
    const who = viewers === 1 ? 'one viewer' : `${viewers} viewers`
    const all = trials.flatMap(({ seen }) => seen)
    lines.push(
      {
        what: `lines shown or counted as skipped, ${who}, least of all`,
        ours: Math.min(...all.map(({ lines: shown, skipped }) => shown + skipped)),
        baseline: lineCount + 1,
        unit: 'lines',
        aim: { of: 'ratio', least: 1, most: 1 },
      },
      {
        what: `lines skipped, ${who}`,
        ours: middle(
          trials,
          each(({ skipped }) => skipped),
        ),
        unit: 'lines',
      },
    )
    if (viewers === 1) continue
    const isMost = viewers === viewerCounts.at(-1)
    lines.push(
      { what: `lines to each of ${who}`, ours: middle(trials, rate), baseline: here, unit: 'lines/s' },
      {
        what: `engine’s CPU, ${who} against one`,
        ours: middle(trials, ({ engineCpu }) => engineCpu),
        baseline: middle(one, ({ engineCpu }) => engineCpu),
        unit: 's',
        ...(isMost && { aim: { of: 'ratio', most: 1.5 } as const }),
      },
      {
        what: `own CPU, ${who} against one`,
        ours: middle(trials, ({ ownCpu }) => ownCpu),
        baseline: middle(one, ({ ownCpu }) => ownCpu),
        unit: 's',
        ...(isMost && { aim: { of: 'ratio', most: 0.25 * there.dozzleTwenty, from: '0.25 × Dozzle’s ×21, other run' } as const }),
      },
      {
        what: `memory grown, ${who}`,
        ours: middle(trials, ({ grownMiB }) => grownMiB),
        unit: 'MiB',
        ...(isMost && { aim: { of: 'value', most: 40 } as const }),
      },
    )
  }
  return lines
}
