import * as actions from '@console/contracts/hermes/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { Context } from '@console/http-kit/context'
import type { Ask } from '../../clients/daemon-client.ts'
import type { HostAgent } from '../../clients/host-agent.ts'

type HermesDeps = { readonly agent: Pick<HostAgent, 'hermesOps' | 'hermesTelemetry'>; readonly askAs: (ctx: Context) => Ask }

export const bindHermes = ({ agent, askAs }: HermesDeps): BoundAction[] => [
  bind(actions.getHermesOps, ({ ctx }) => agent.hermesOps(askAs(ctx))),
  bind(actions.getHermesTelemetry, ({ ctx, params }) => agent.hermesTelemetry(params.instance, askAs(ctx))),
]
