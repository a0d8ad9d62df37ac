import { type Attributes, SpanStatusCode } from '@opentelemetry/api'
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

type Target = {
  readonly url: string
  readonly headers: Record<string, string>
  readonly encoding: 'json' | 'protobuf'
  readonly compression: 'none' | 'gzip'
}
type Sample = {
  readonly name: string
  readonly ms: number
  readonly error?: string
  readonly model?: string
  readonly tokens?: readonly [number, number]
}

const resource = resourceFromAttributes({ 'service.name': 'lab-agent' })

/** Sends spans by the SDK of OpenTelemetry itself. @throws Error where it reports that one was not taken */
export async function exportSpans({
  url,
  headers,
  encoding,
  compression,
  spans,
}: Target & { readonly spans: readonly Sample[] }): Promise<void> {
  const exporter = new (encoding === 'json' ? JsonTraces : ProtobufTraces)({ url, headers, compression: compression as never })
  const failures = failuresOf<ReadableSpan[]>(exporter)
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const tracer = provider.getTracer('lab')
  for (const { name, ms, error, model, tokens } of spans) {
    const [operation = ''] = name.split(' ')
    const attributes: Attributes = {
      'gen_ai.operation.name': operation,
      ...(operation === 'invoke_agent' && { 'gen_ai.agent.name': name.split(' ')[1] ?? '' }),
      ...(model && { 'gen_ai.request.model': model }),
      ...(tokens && { 'gen_ai.usage.input_tokens': tokens[0], 'gen_ai.usage.output_tokens': tokens[1] }),
      ...(error && { 'error.type': error }),
    }
    const endMs = Date.now()
    const span = tracer.startSpan(name, { startTime: endMs - ms, attributes })
    if (error) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end(endMs)
  }
  await provider.forceFlush()
  await provider.shutdown()
  if (failures.length > 0) throw new Error(`spans were not taken: ${String(failures[0])}`)
}

/** What an exporter could not send from now on. */
function failuresOf<T>(exporter: { export(items: T, done: (result: { code: number; error?: Error }) => void): void }): unknown[] {
  const failures: unknown[] = []
  const { export: sendAll } = exporter
  exporter.export = (items, done) =>
    sendAll.call(exporter, items, (result) => {
      if (result.code !== 0) failures.push(result.error)
      done(result)
    })
  return failures
}

/** Sends how long turns took, as a histogram by the same SDK. @throws Error where it reports that it was not taken */
export async function exportDurations({
  url,
  headers,
  encoding,
  compression,
  agent,
  seconds,
}: Target & { readonly agent: string; readonly seconds: readonly number[] }): Promise<void> {
  const exporter = new (encoding === 'json' ? JsonMetrics : ProtobufMetrics)({ url, headers, compression: compression as never })
  const failures = failuresOf<ResourceMetrics>(exporter)
  const provider = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000, exportTimeoutMillis: 30_000 })],
  })
  const histogram = provider.getMeter('lab').createHistogram('gen_ai.invoke_agent.duration', { unit: 's' })
  for (const one of seconds) histogram.record(one, { 'gen_ai.agent.name': agent })
  await provider.forceFlush()
  await provider.shutdown()
  if (failures.length > 0) throw new Error(`durations were not taken: ${String(failures[0])}`)
}
