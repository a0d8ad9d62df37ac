import * as actions from '@console/contracts/hermes/actions'
import * as signals from '@console/contracts/hermes/signal-actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { Context } from '@console/http-kit/context'
import type { Ask } from '../../clients/daemon-client.ts'
import type { HostAgent } from '../../clients/host-agent.ts'
import { type AgentKeyDeps, createAgentKey, listAgentKeys, revokeAgentKey } from './signals/agent-keys.ts'
import { type IngestDeps, takeLogs, takeMetrics, takeTraces, takeWebhook } from './signals/ingest.ts'
import type { SignalDesk } from './signals/signal-desk.ts'

type HermesDeps = {
  readonly agent: Pick<HostAgent, 'hermesOps' | 'hermesTelemetry' | 'hermesMemory'>
  readonly askAs: (ctx: Context) => Ask
  readonly keys: AgentKeyDeps
  readonly ingest: IngestDeps
  readonly desk: Pick<SignalDesk, 'tell'>
}

export const bindHermes = ({ agent, askAs, keys, ingest, desk }: HermesDeps): BoundAction[] => [
  bind(actions.getHermesOps, ({ ctx }) => agent.hermesOps(askAs(ctx))),
  bind(actions.getHermesTelemetry, ({ ctx, params }) => agent.hermesTelemetry(params.instance, askAs(ctx))),
  bind(actions.getHermesMemory, ({ ctx, params }) => agent.hermesMemory(params.instance, askAs(ctx))),
  bind(signals.takeTraces, (args) => takeTraces(ingest, args)),
  bind(signals.takeMetrics, (args) => takeMetrics(ingest, args)),
  bind(signals.takeLogs, (args) => takeLogs(ingest, args)),
  bind(signals.takeWebhook, (args) => takeWebhook(ingest, args)),
  bind(signals.listSignals, ({ query: { window = '24h' } }) => ({ window, items: desk.tell(window) })),
  bind(signals.listAgentKeys, () => listAgentKeys(keys)),
  bind(signals.createAgentKey, ({ ctx, body }) => createAgentKey(keys, ctx, body)),
  bind(signals.revokeAgentKey, ({ ctx, params }) => revokeAgentKey(keys, ctx, params.id)),
]
