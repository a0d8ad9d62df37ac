import type { CleanupKind } from '@console/contracts/docker/disk-schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { DockerDeps } from '../../clients/docker-proxy.ts'

type OlderWord = 'container' | 'image' | 'volume' | 'builder'
type Wish = {
  readonly kinds: readonly (CleanupKind | OlderWord)[]
  readonly images?: 'dangling' | 'unused' | undefined
  readonly volumes?: string[] | undefined
}

const newerWord: Readonly<Record<OlderWord, CleanupKind>> = {
  container: 'containers',
  image: 'images',
  volume: 'volumes',
  builder: 'build-cache',
}
const receiptsByDefault = 20
const dashboardPath = '/system'

export async function planCleanup({ docker, askAs }: DockerDeps, ctx: Context, { kinds, images, volumes }: Wish) {
  const words = [...new Set(kinds.map((kind) => (kind in newerWord ? newerWord[kind as OlderWord] : (kind as CleanupKind))))]
  return docker.planCleanup({ kinds: words, ...(images && { images }), ...(volumes && { volumes }) }, askAs(ctx))
}

/** What an older script asks for in one call: it removes nothing, and says what would go and where a person confirms it. */
export async function planOlder(
  deps: DockerDeps & { readonly dashboard: string },
  ctx: Context,
  { type }: { type: CleanupKind | OlderWord },
): Promise<never> {
  const { plan, digest } = await planCleanup(deps, ctx, { kinds: [type] })
  const confirmAt = `${deps.dashboard}${dashboardPath}?kinds=${plan.choice.kinds.join(',')}`
  throw new AppError('CLEANUP_PLANNED', 409, `Nothing was removed. An admin looks at the plan and confirms it at ${confirmAt}`, {
    details: { plan, digest, confirmAt },
  })
}

/** Forwards the confirmation. Once it is under way it goes on, whoever waits for the answer: so it is not taken back with the request. */
export async function runCleanup(
  { docker, askAs }: DockerDeps,
  ctx: Context,
  { digest, reason }: { digest: string; reason?: string | undefined },
) {
  return docker.runCleanup({ digest, ...(reason && { reason }) }, { ...askAs(ctx), signal: undefined })
}

export async function listCleanups({ docker, askAs }: DockerDeps, ctx: Context, limit = receiptsByDefault) {
  const { items } = await docker.cleanups(limit, askAs(ctx))
  return { items, nextCursor: null }
}
