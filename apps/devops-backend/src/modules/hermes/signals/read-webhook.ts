import { aheadMs, amountOf, idOf, nameOf, type Signal } from './signal.ts'

type Event = Readonly<Record<string, unknown>>
export type Delivery = { readonly deliveryId: string; readonly atMs: number; readonly event: Event }

/** An event whose signature was checked: its own id and time, by which it is good once and for minutes. Null where it tells none. */
export function deliveryOf(event: Event): Delivery | null {
  const { delivery_id: deliveryId, timestamp } = event
  const atMs = timeOf(timestamp)
  if (typeof deliveryId !== 'string' || deliveryId === '' || deliveryId.length > 200 || atMs === null) return null
  return { deliveryId, atMs, event }
}

export function isOfNow({ atMs }: Delivery, nowMs: number): boolean {
  return Math.abs(nowMs - atMs) <= aheadMs
}

/** Seconds or milliseconds since 1970, or a date in ISO 8601. */
function timeOf(value: unknown): number | null {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) {
    const ms = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`)
    return Number.isNaN(ms) ? null : ms
  }
  const number = amountOf(value, 1e14)
  if (number === null) return null
  return number < 1e11 ? number * 1_000 : number
}

/** What an event says, by an allow-list of fields: what was said in the session stays behind. Null where it is of no interest here. */
export function judgeEvent({ deliveryId, atMs, event }: Delivery): Signal | null {
  const name = event.hook_event_name
  const extra = (typeof event.extra === 'object' && event.extra !== null ? event.extra : {}) as Event
  const base = {
    source: 'webhooks' as const,
    agent: nameOf(extra.agent_name) ?? 'agent',
    model: nameOf(extra.response_model) ?? nameOf(extra.model),
    atMs: Math.round(atMs),
    durationMs: null,
    error: null,
    tokensIn: null,
    tokensOut: null,
    costUsd: null,
    id: idOf('delivery', deliveryId),
  }
  if (name === 'on_session_end') {
    const outcome = extra.interrupted === true ? 'neither' : extra.failed === true ? 'failed' : 'ok'
    return { ...base, kind: 'turn', outcome, error: outcome === 'failed' ? nameOf(extra.turn_exit_reason) : null }
  }
  if (name === 'post_api_request' || name === 'api_request_error') {
    const failed = name === 'api_request_error'
    const seconds = amountOf(extra.api_duration, 1e6)
    const usage = (typeof extra.usage === 'object' && extra.usage !== null ? extra.usage : {}) as Event
    return {
      ...base,
      kind: 'llm',
      durationMs: seconds === null ? null : seconds * 1_000,
      outcome: failed ? 'failed' : 'ok',
      error: failed ? (nameOf(extra.reason) ?? nameOf(String(extra.status_code ?? 'error'))) : null,
      tokensIn: amountOf(usage.input_tokens ?? usage.prompt_tokens),
      tokensOut: amountOf(usage.output_tokens ?? usage.completion_tokens),
      costUsd: amountOf(usage.cost_usd ?? usage.cost, 1e6),
    }
  }
  if (name === 'post_tool_call') {
    const failed = typeof extra.error_type === 'string' || extra.status === 'error'
    const durationMs = amountOf(extra.duration_ms)
    return {
      ...base,
      kind: 'tool',
      model: null,
      durationMs,
      outcome: failed ? 'failed' : 'ok',
      error: failed ? nameOf(extra.error_type) : null,
    }
  }
  return null
}
