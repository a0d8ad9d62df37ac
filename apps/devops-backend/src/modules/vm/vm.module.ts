import * as actions from '@console/contracts/vm/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { Context } from '@console/http-kit/context'
import type { Ask } from '../../clients/daemon-client.ts'
import type { HostAgent } from '../../clients/host-agent.ts'

type Deps = { readonly agent: HostAgent; readonly askAs: (ctx: Context) => Ask }

export const bindVm = ({ agent, askAs }: Deps): BoundAction[] => [bind(actions.getVmHealth, ({ ctx }) => agent.checkVm(askAs(ctx)))]
