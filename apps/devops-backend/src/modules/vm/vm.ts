import type { VmLog } from '@console/contracts/vm/schemas'
import type { Context } from '@console/http-kit/context'
import type { Ask } from '../../clients/daemon-client.ts'
import type { HostAgent } from '../../clients/host-agent.ts'

export type VmDeps = { readonly agent: HostAgent; readonly askAs: (ctx: Context) => Ask }

/** The end of one of the three logs; which one is decided by the route alone. */
export function readLog({ agent, askAs }: VmDeps, ctx: Context, log: VmLog['log'], lines: number | undefined): Promise<VmLog> {
  return agent.vmLog({ log, ...(lines !== undefined && { lines }) }, askAs(ctx))
}
