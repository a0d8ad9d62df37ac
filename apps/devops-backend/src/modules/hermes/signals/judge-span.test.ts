import { describe, expect, it } from 'vitest'
import { judgeSpan } from './judge-span.ts'
import type { AttributeValue, RawSpan } from './raw-otlp.ts'

const nowMs = Date.parse('2026-06-30T12:00:00.000Z')
type Facts = Readonly<Record<string, AttributeValue>>
const span = (name: string, facts: Facts = {}, over: Partial<RawSpan> = {}): RawSpan => ({
  traceId: 'ab'.repeat(16),
  spanId: 'cd'.repeat(8),
  name,
  startMs: nowMs - 1_500,
  endMs: nowMs,
  failed: false,
  attributes: new Map(Object.entries(facts)),
  resource: new Map([['service.name', 'hermes-agent']]),
  ...over,
})
const brief = (one: RawSpan) => {
  const told = judgeSpan(one, nowMs)
  return told === null || typeof told === 'string' ? told : `${told.kind} ${told.outcome} ${told.error ?? '-'}`
}
const op = (operation: string, more: Facts = {}): Facts => ({ 'gen_ai.operation.name': operation, ...more })
const cron = (status: string, more: Facts = {}) => span('hermes.cron_execution', { 'hermes.status': status, ...more })

describe('a span of an agent', () => {
  it.each([
    ['a turn, by the conventions', span('invoke_agent main', op('invoke_agent')), 'turn ok -'],
    ['a turn, by the name of a plugin', span('agent'), 'turn ok -'],
    ['a turn that was interrupted', span('agent', { 'hermes.turn.final_status': 'interrupted' }), 'turn neither -'],
    ['a turn that came to no end', span('agent', { 'hermes.turn.final_status': 'timed_out' }), 'turn failed timed_out'],
    ['a call of a model', span('chat big', op('chat')), 'llm ok -'],
    ['a call that failed by its status', span('api.big', {}, { failed: true }), 'llm failed -'],
    ['a call that failed by its error', span('chat big', op('chat', { 'error.type': '429' })), 'llm failed 429'],
    ['what wraps a call', span('llm.big', op('chat')), null],
    ['a tool', span('execute_tool ls', op('execute_tool')), 'tool ok -'],
    ['a cron run', cron('completed'), 'cron ok -'],
    ['a cron run that delivered nothing', cron('completed', { 'hermes.delivery_outcome': 'failed' }), 'cron failed -'],
    ['a cron run that failed', cron('failed', { 'hermes.error_class': 'timeout' }), 'cron failed timeout'],
    ['a cron run under way', cron('running'), null],
    ['anything else', span('GET /', op('embeddings')), null],
    ['a name that reaches a prototype', span('x', op('constructor')), null],
    ['no id', span('agent', {}, { spanId: '0'.repeat(16) }), 'a span has no ids'],
    ['the future', span('agent', {}, { endMs: nowMs + 300_001 }), 'a span ends in the future'],
    ['long ago', span('agent', {}, { endMs: nowMs - 31 * 86_400_000 }), 'a span is older than 30 days'],
  ])('is %s', (_, one, expected) => {
    expect(brief(one)).toBe(expected)
  })

  it('keeps names short and on one line, and numbers only where they can be counted', () => {
    const facts = {
      'gen_ai.agent.name': `night\n\u001b[31mwatch\u202e${'x'.repeat(200)}`,
      'gen_ai.response.model': 'big',
      'gen_ai.request.model': 'asked',
      'gen_ai.usage.input_tokens': -5,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cost': Number.NaN,
    }
    const told = judgeSpan(span('chat', op('chat', facts)), nowMs)
    expect(told).toMatchObject({ model: 'big', durationMs: 1_500, tokensIn: null, tokensOut: 20, costUsd: null })
    const { agent } = told as { agent: string }
    expect(agent).toHaveLength(80)
    expect(agent).toMatch(/^night watch/)
    expect(agent).not.toMatch(/[\u0000-\u001f\u202e]/)
    expect(judgeSpan(span('agent', {}, { startMs: 0 }), nowMs)).toMatchObject({ agent: 'hermes-agent', durationMs: null })
    expect(judgeSpan(span('agent', {}, { startMs: nowMs + 1 }), nowMs)).toMatchObject({ durationMs: null })
  })
})
