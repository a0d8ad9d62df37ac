/**
 * How many signals of agents does the console take? `node bench/signals.ts [SECONDS]`
 * 2,000 a second in three ways at once: spans by the SDK of OpenTelemetry in protobuf and in JSON, and signed webhooks, one event each.
 * That is 90 requests a second; the table of limits allows 100. Afterwards devops-backend is killed and started again, and what it has of
 * each agent is held against what was answered with 200. Baseline: the same number of requests that hand in nothing.
 */
import { createHmac, randomUUID } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type SignalRig, startSignalRig } from '@console/testkit/signal-rig'
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto'
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace'
import { cpuSeconds, proportionalMiB, timed, timesOf } from './measure.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const seconds = Number(process.argv[2] ?? 60)
const minute = 60_000
const signalsPerSec = 2_000
const undo = createUndo()

/** One way that signals come: `act` hands in so many at once, or none. @throws Error where the answer is not 200 */
type Way = { readonly name: string; readonly agent: string; readonly perSec: number; readonly each: number; readonly act: Act }
type Act = (some: boolean) => Promise<unknown>
type Load = { readonly times: number[]; readonly sent: number }

try {
  const rig = await startSignalRig('spans', 'events')
  undo.add(() => rig.stop())
  const lines = await measure(rig, await waysOf(rig))
  process.exitCode = printTable(`${signalsPerSec} signals a second for ${seconds} s`, 'empty requests', lines) > 0 ? 1 : 0
} finally {
  await undo.all()
}

async function waysOf(rig: SignalRig): Promise<Way[]> {
  const key = await rig.keyOf('spans', 'otlp')
  const secret = await rig.keyOf('events', 'webhook')
  const target = { url: rig.urlOf('spans', 'v1/traces'), headers: { authorization: `Bearer ${key}` } }
  const tracing = { agent: 'spans', perSec: 10 }
  return [
    { ...tracing, name: 'protobuf', each: 97, act: exporting(new ProtobufTraces(target), 97) },
    { ...tracing, name: 'JSON', each: 96, act: exporting(new JsonTraces(target), 96) },
    { agent: 'events', perSec: 70, name: 'webhooks', each: 1, act: signing(rig.urlOf('events', 'webhook'), secret) },
  ]
}

async function measure(rig: SignalRig, ways: readonly Way[]): Promise<Line[]> {
  const perSec = ways.reduce((sum, way) => sum + way.perSec * way.each, 0)
  if (perSec !== signalsPerSec) throw new Error(`the ways add up to ${perSec} signals a second`)
  const none = await under(rig, ways, { some: false, forSec: Math.min(seconds, 30) })
  await pause(minute - Math.min(seconds, 30) * 1_000)
  const before = proportionalMiB([rig.pid()])
  const first = await under(rig, ways, { some: true, forSec: seconds / 2 })
  const half = proportionalMiB([rig.pid()])
  const second = await under(rig, ways, { some: true, forSec: seconds / 2 })
  const after = proportionalMiB([rig.pid()])
  const sentBy = (agent: string): number =>
    ways.reduce((sum, way, at) => sum + (way.agent === agent ? (first.loads[at]?.sent ?? 0) + (second.loads[at]?.sent ?? 0) : 0), 0)
  const counted = async (): Promise<number> => (await rig.counted('spans')) + (await rig.counted('events'))
  const sent = sentBy('spans') + sentBy('events')
  const told = await counted()
  rig.kill()
  await rig.startAgain()
  const back = await counted()
  const each = [(await rig.counted('spans')) - sentBy('spans'), (await rig.counted('events')) - sentBy('events')]
  if (each.some((more) => more !== 0)) throw new Error(`an agent has ${each.join(' and ')} signals more than were answered for`)
  const tookSec = first.tookSec + second.tookSec
  const share = ({ cpu, tookSec: took }: { cpu: number; tookSec: number }): number => (cpu / took) * 100
  return [
    { what: 'signals a second', ours: sent / tookSec, unit: '/s', aim: { of: 'value', least: 0.98 * signalsPerSec } },
    { what: 'told of those answered for', ours: told / sent, unit: '', aim: { of: 'value', least: 1, most: 1 } },
    { what: 'the same after kill -9', ours: back / sent, unit: '', aim: { of: 'value', least: 1, most: 1 } },
    { what: 'signals answered for', ours: sent, unit: '' },
    ...ways.flatMap(({ name }, at): Line[] => {
      const ours = timesOf([...(first.loads[at]?.times ?? []), ...(second.loads[at]?.times ?? [])])
      const baseline = timesOf(none.loads[at]?.times ?? [])
      return (['p50', 'p99'] as const).map((of) => ({ what: `${name}, ${of}`, ours: ours[of], baseline: baseline[of], unit: 'ms' }))
    }),
    { what: 'CPU of devops-backend, of one core', ours: (share(first) + share(second)) / 2, baseline: share(none), unit: '%' },
    { what: 'memory of devops-backend, half-way', ours: half, baseline: before, unit: 'MiB' },
    { what: 'memory of devops-backend, at the end', ours: after, baseline: before, unit: 'MiB', aim: { of: 'difference', most: 64 } },
    { what: 'signals on disk', ours: sizeOf(rig.folder), unit: 'MiB', aim: { of: 'value', most: 64 } },
  ]
}

/** All ways at once, each request at its moment, whatever the others take. */
async function under(rig: SignalRig, ways: readonly Way[], { some, forSec }: { readonly some: boolean; readonly forSec: number }) {
  const cpuBefore = cpuSeconds([rig.pid()])
  const from = performance.now()
  const loads = await Promise.all(
    ways.map(async ({ perSec, each, act }): Promise<Load> => {
      const pending: Promise<number>[] = []
      for (let n = 0; n < perSec * forSec; n += 1) {
        await pause(Math.max(0, from + (n * 1_000) / perSec - performance.now()))
        pending.push(timed(() => act(some)))
      }
      const times = await Promise.all(pending)
      return { times, sent: some ? times.length * each : 0 }
    }),
  )
  return { loads, cpu: cpuSeconds([rig.pid()]) - cpuBefore, tookSec: (performance.now() - from) / 1_000 }
}

function exporting(exporter: ProtobufTraces | JsonTraces, each: number): Act {
  const ended: ReadableSpan[] = []
  const nothing = async (): Promise<void> => undefined
  const collector = {
    onStart: () => undefined,
    onEnd: (span: ReadableSpan) => void ended.push(span),
    forceFlush: nothing,
    shutdown: nothing,
  }
  const tracer = new TracerProvider({ spanProcessors: [collector] }).getTracer('bench')
  return (some) => {
    for (let n = 0; some && n < each; n += 1) {
      const attributes = {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': `model ${n % 5}`,
        'gen_ai.usage.input_tokens': 900,
        'gen_ai.usage.output_tokens': 80,
      }
      tracer.startSpan('chat', { startTime: Date.now() - 100 - n, attributes }).end(Date.now())
    }
    const spans = ended.splice(0)
    return new Promise<void>((resolve, reject) =>
      exporter.export(spans, ({ code, error }) => (code === 0 ? resolve() : reject(error ?? new Error('spans were not taken')))),
    )
  }
}

function signing(url: string, secret: string): Act {
  return async (some) => {
    const event = {
      hook_event_name: some ? 'post_api_request' : 'on_session_start',
      session_id: 's1',
      extra: { model: 'model 1', api_duration: 0.2, usage: { input_tokens: 900, output_tokens: 80 } },
      delivery_id: randomUUID(),
      timestamp: Date.now() / 1_000,
    }
    const body = JSON.stringify(event)
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    const headers = { 'content-type': 'application/json', 'x-hermes-signature-256': signature }
    const answer = await fetch(url, { method: 'POST', headers, body })
    const text = await answer.text()
    if (answer.status !== 200 || text !== `{"status":"${some ? 'taken' : 'ignored'}"}`) throw new Error(`${answer.status} ${text}`)
  }
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) / 1_048_576
}
