import type { ModelList, OllamaModel } from '@console/contracts/ollama/schemas'
import type { Context } from '@console/http-kit/context'
import type { Ask } from '../../clients/daemon-client.ts'
import type { HostAgent } from '../../clients/host-agent.ts'

export type OllamaDeps = {
  readonly agent: Pick<HostAgent, 'listModels' | 'pullModel' | 'cancelPull' | 'unloadModel' | 'planModelDelete' | 'deleteModel'>
  readonly askAs: (ctx: Context) => Ask
}
type Wish = { readonly name: string; readonly reason?: string | undefined }

/** Loaded ones first, those that take most memory before others; then by name. */
export async function listModels({ agent, askAs }: OllamaDeps, ctx: Context): Promise<ModelList> {
  const { models, loaded, ...rest } = await agent.listModels(askAs(ctx))
  const items = models.map((model): OllamaModel => {
    const found = loaded.find((one) => one.name === model.name && one.digest === model.digest)
    return { ...model, loaded: found ? { sizeBytes: found.sizeBytes, vramBytes: found.vramBytes, expiresAt: found.expiresAt } : null }
  })
  return { ...rest, items: items.sort(byMemory), nextCursor: null }
}

export async function pullModel({ agent, askAs }: OllamaDeps, ctx: Context, { name, reason }: Wish) {
  return agent.pullModel({ name, ...(reason && { reason }) }, askAs(ctx))
}

export async function unloadModel({ agent, askAs }: OllamaDeps, ctx: Context, { name, reason }: Wish) {
  return agent.unloadModel({ name, ...(reason && { reason }) }, askAs(ctx))
}

/** Forwards the confirmation; what went, and what it freed, stands in the row of the outcome. */
export async function deleteModel(
  { agent, askAs }: OllamaDeps,
  ctx: Context,
  { name, digest, reason }: Wish & { readonly digest: string },
) {
  const deleted = await agent.deleteModel({ name, digest, ...(reason && { reason }) }, { ...askAs(ctx), signal: undefined })
  ctx.tell({ modelDigest: deleted.modelDigest, freesBytes: deleted.freesBytes })
  return deleted
}

function byMemory(a: OllamaModel, b: OllamaModel): number {
  const memoryOf = ({ loaded }: OllamaModel): number => loaded?.sizeBytes ?? -1
  return memoryOf(b) - memoryOf(a) || a.name.localeCompare(b.name)
}
