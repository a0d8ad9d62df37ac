import type { SignalKind } from '@console/contracts/hermes/signal-schemas'
import type { Attributes, RawSpan } from './raw-otlp.ts'
import { aheadMs, amountOf, idOf, keptMs, nameOf, type Signal } from './signal.ts'

/** What a span says: a signal, a reason why it cannot be believed, or null where it is of no interest here. */
export function judgeSpan(span: RawSpan, nowMs: number): Signal | string | null {
  if (!/^[0-9a-f]{32}$/.test(span.traceId) || !/^[0-9a-f]{16}$/.test(span.spanId) || /^0+$/.test(span.spanId)) return 'a span has no ids'
  const kind = kindOf(span)
  if (kind === null) return null
  if (span.endMs > nowMs + aheadMs) return 'a span ends in the future'
  if (span.endMs < nowMs - keptMs) return 'a span is older than 30 days'
  const { attributes, resource } = span
  const outcome = outcomeOf(span, kind)
  return {
    source: 'traces',
    kind,
    agent: nameOf(attributes.get('gen_ai.agent.name')) ?? nameOf(resource.get('service.name')) ?? 'agent',
    model: nameOf(attributes.get('gen_ai.response.model')) ?? nameOf(attributes.get('gen_ai.request.model')),
    atMs: Math.round(span.endMs),
    durationMs: span.name === 'hermes.cron_execution' ? amountOf(attributes.get('hermes.duration_ms')) : durationOf(span),
    outcome,
    error: outcome === 'failed' ? errorOf(attributes) : null,
    tokensIn: amountOf(attributes.get('gen_ai.usage.input_tokens')),
    tokensOut: amountOf(attributes.get('gen_ai.usage.output_tokens')),
    costUsd: amountOf(attributes.get('gen_ai.usage.cost'), 1e6),
    id: idOf(span.traceId, span.spanId),
  }
}

const operations: Readonly<Record<string, SignalKind>> = {
  invoke_agent: 'turn',
  chat: 'llm',
  text_completion: 'llm',
  generate_content: 'llm',
  execute_tool: 'tool',
}

/** By the conventions for generative AI, else by the names that plugins of Hermes use; `llm.*` wraps `api.*`, so it does not count. */
function kindOf({ name, attributes }: RawSpan): SignalKind | null {
  const operation = attributes.get('gen_ai.operation.name')
  if (typeof operation === 'string' && Object.hasOwn(operations, operation) && !name.startsWith('llm.'))
    return operations[operation] ?? null
  if (name === 'agent' || name === 'cron') return 'turn'
  if (name.startsWith('api.')) return 'llm'
  if (name.startsWith('tool.')) return 'tool'
  // Claimed and running are progress, not an end.
  if (name === 'hermes.cron_execution')
    return ['completed', 'failed', 'unknown'].includes(String(attributes.get('hermes.status'))) ? 'cron' : null
  return null
}

function outcomeOf({ attributes, failed }: RawSpan, kind: SignalKind): Signal['outcome'] {
  const final = attributes.get('hermes.turn.final_status')
  if (final === 'interrupted') return 'neither'
  if (failed || attributes.has('error.type') || final === 'incomplete' || final === 'timed_out') return 'failed'
  if (kind !== 'cron') return 'ok'
  const status = attributes.get('hermes.status')
  return (status === undefined || status === 'completed') && attributes.get('hermes.delivery_outcome') !== 'failed' ? 'ok' : 'failed'
}

function errorOf(attributes: Attributes): string | null {
  return (
    nameOf(attributes.get('error.type')) ??
    nameOf(attributes.get('hermes.error_class')) ??
    nameOf(attributes.get('hermes.turn.final_status'))
  )
}

function durationOf({ startMs, endMs }: RawSpan): number | null {
  return startMs > 0 && endMs >= startMs ? Math.round((endMs - startMs) * 1_000) / 1_000 : null
}
