import type { Script, ScriptPlan } from '@console/contracts/scripts/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Ask } from '../../clients/daemon-client.ts'
import type { HostAgent } from '../../clients/host-agent.ts'

export type ScriptDeps = { readonly agent: HostAgent; readonly askAs: (ctx: Context) => Ask; readonly changed: (scriptId: string) => void }

export async function listScripts({ agent, askAs }: ScriptDeps, ctx: Context) {
  const { items, canChangeUser, warnings } = await agent.listScripts(askAs(ctx))
  return { items: items.sort(undecidedFirst), nextCursor: null, canChangeUser, warnings }
}

export async function planScript(
  { agent, askAs }: ScriptDeps,
  ctx: Context,
  scriptId: string,
  wish: { user?: string | undefined; timeoutSec?: number | undefined; variables?: string[] | undefined },
): Promise<{ plan: ScriptPlan; digest: string }> {
  const { user, timeoutSec, variables } = wish
  return agent.planScript(
    { scriptId, ...(user !== undefined && { user }), ...(timeoutSec !== undefined && { timeoutSec }), ...(variables && { variables }) },
    askAs(ctx),
  )
}

/** Forwards the confirmation: only the host-agent can tell whether it was given for this very text. */
export async function approveScript(deps: ScriptDeps, ctx: Context, scriptId: string, digest: string): Promise<Script> {
  await deps.agent.approveScript(digest, deps.askAs(ctx))
  deps.changed(scriptId)
  return oneScript(deps, ctx, scriptId)
}

export async function revokeScript(deps: ScriptDeps, ctx: Context, scriptId: string, reason: string): Promise<Script> {
  await deps.agent.revokeScript({ scriptId, reason }, deps.askAs(ctx))
  deps.changed(scriptId)
  return oneScript(deps, ctx, scriptId)
}

export async function oneScript({ agent, askAs }: Pick<ScriptDeps, 'agent' | 'askAs'>, ctx: Context, scriptId: string): Promise<Script> {
  const { items } = await agent.listScripts(askAs(ctx))
  const script = items.find((item) => item.scriptId === scriptId)
  if (!script) throw new AppError('SCRIPT_NOT_FOUND', 404, `There is no script ${scriptId} under the script roots.`)
  return script
}

const order: Record<Script['status'], number> = { changed: 0, new: 1, refused: 2, missing: 3, approved: 4 }

function undecidedFirst(a: Script, b: Script): number {
  return order[a.status] - order[b.status] || a.scriptId.localeCompare(b.scriptId)
}
