import { z } from 'zod'
import { type BytesSpec, defineAction } from '../action.ts'
import { Id } from '../shapes.ts'
import { InstanceId } from './schemas.ts'
import { AgentKey, AgentKeyName, InstanceSignals, SignalWay, SignalWindow } from './signal-schemas.ts'

const session = { api: 'devops', auth: 'session' } as const
const ingest = {
  api: 'devops',
  auth: 'ingest',
  risk: 'none',
  method: 'POST',
  params: z.strictObject({ instance: InstanceId }),
  success: { status: 200, bytes: true },
  errors: ['HERMES_SIGNALS_FULL'],
} as const
const otlp = {
  types: ['application/json', 'application/x-protobuf'],
  mostBytes: 1_048_576,
  gzip: true,
  status: true,
} as const satisfies BytesSpec

export const takeTraces = defineAction({
  ...ingest,
  id: 'hermes.traces.take',
  path: '/hermes/ingest/:instance/v1/traces',
  summary: 'Hand in spans of an agent, by OTLP over HTTP.',
  bytes: otlp,
})
export const takeMetrics = defineAction({
  ...ingest,
  id: 'hermes.metrics.take',
  path: '/hermes/ingest/:instance/v1/metrics',
  summary: 'Hand in metrics of an agent, by OTLP over HTTP.',
  bytes: otlp,
})
export const takeLogs = defineAction({
  ...ingest,
  id: 'hermes.logs.take',
  path: '/hermes/ingest/:instance/v1/logs',
  summary: 'Hand in logs of an agent, by OTLP over HTTP: each is refused, and the answer says so.',
  bytes: otlp,
})
export const takeWebhook = defineAction({
  ...ingest,
  id: 'hermes.webhook.take',
  path: '/hermes/ingest/:instance/webhook',
  summary: 'Hand in one event of an agent, signed as its outbound webhooks are.',
  bytes: { types: ['application/json'], mostBytes: 262_144, signed: true },
  errors: ['HERMES_SIGNALS_FULL', 'HERMES_SIGNAL_CLOCK'],
})

export const listSignals = defineAction({
  ...session,
  id: 'hermes.signal.list',
  method: 'GET',
  path: '/hermes/signals',
  risk: 'read',
  summary: 'Tell what the signals of each agent say: latency, failures, tokens and cost.',
  query: z.strictObject({ window: SignalWindow.optional() }),
  success: { status: 200, body: z.strictObject({ window: SignalWindow, items: z.array(InstanceSignals) }) },
  errors: [],
})

export const listAgentKeys = defineAction({
  ...session,
  id: 'hermes.key.list',
  method: 'GET',
  path: '/hermes/keys',
  risk: 'read',
  role: 'operator',
  summary: 'List the keys by which agents hand in their signals.',
  success: { status: 200, body: z.strictObject({ items: z.array(AgentKey) }) },
  errors: [],
})

export const createAgentKey = defineAction({
  ...session,
  id: 'hermes.key.create',
  method: 'POST',
  path: '/hermes/keys',
  risk: 'destroy',
  summary: 'Make a key by which an agent hands in its signals.',
  body: z.strictObject({ instance: InstanceId, way: SignalWay, name: AgentKeyName }),
  success: { status: 201, body: z.strictObject({ key: AgentKey, secret: z.string() }), secret: true },
  errors: ['HERMES_INSTANCE_NOT_FOUND', 'HERMES_KEY_LIMIT', 'HOST_AGENT_AWAY'],
  audit: { target: { body: 'instance' }, fields: { instance: 'keep', way: 'keep', name: 'keep' } },
  confirm: 'Whoever holds the key can hand in signals as this agent, and nothing else. It is shown once.',
})

export const revokeAgentKey = defineAction({
  ...session,
  id: 'hermes.key.revoke',
  method: 'DELETE',
  path: '/hermes/keys/:id',
  risk: 'change',
  role: 'admin',
  summary: 'Revoke a key of an agent: what comes by it is refused from then on.',
  params: z.strictObject({ id: Id }),
  success: { status: 204 },
  errors: ['HERMES_KEY_NOT_FOUND'],
  audit: { target: { param: 'id' }, fields: {}, facts: ['instance', 'way', 'name'] },
})
