import type { VmLog } from '@console/contracts/vm/schemas'
import type { Context } from '@console/http-kit/context'
import type { Ask } from '../../clients/daemon-client.ts'
import type { HostAgent } from '../../clients/host-agent.ts'

const receiptsByDefault = 20

export type VmDeps = { readonly agent: HostAgent; readonly askAs: (ctx: Context) => Ask }

/** The end of one of the three logs; which one is decided by the route alone. */
export function readLog({ agent, askAs }: VmDeps, ctx: Context, log: VmLog['log'], lines: number | undefined): Promise<VmLog> {
  return agent.vmLog({ log, ...(lines !== undefined && { lines }) }, askAs(ctx))
}

/** Forwards the confirmation. Once it is under way it goes on, whoever waits for the answer: so it is not taken back with the request. */
export function runVmCleanup({ agent, askAs }: VmDeps, ctx: Context, { digest, reason }: { digest: string; reason?: string | undefined }) {
  return agent.runVmCleanup({ digest, ...(reason && { reason }) }, { ...askAs(ctx), signal: undefined })
}

export async function listVmCleanups({ agent, askAs }: VmDeps, ctx: Context, limit = receiptsByDefault) {
  const { items } = await agent.vmCleanups(limit, askAs(ctx))
  return { items, nextCursor: null }
}
