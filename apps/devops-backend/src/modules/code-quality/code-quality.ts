import { randomBytes } from 'node:crypto'
import type { CheckName, CodeRun, CodeTrend } from '@console/contracts/code-quality/schemas'
import type { RunLine } from '@console/contracts/deployments/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import { type Ask, neverReached } from '../../clients/daemon-client.ts'
import type { HostAgent } from '../../clients/host-agent.ts'
import type { CodeRunDoc } from '../../documents.ts'
import { type CodeRunBook, viewOf } from './code-run-book.ts'
import { followChecks } from './follow-checks.ts'

export type CodeDeps = {
  readonly book: CodeRunBook
  readonly agent: HostAgent
  readonly askAs: (ctx: Context) => Ask
  /** Something is to be looked at now. */
  readonly poke: () => void
  readonly now: () => Date
}

const pageByDefault = 50
const linesByDefault = 2_000
/** The agent has so long to take a run. */
export const takenWithinMs = 8_000
const nothingCounted = new Map()

/** Asks the host-agent to check a project; only what it took is in the history. */
export async function runCodeChecks(
  deps: CodeDeps,
  ctx: Context,
  { projectPath, checks }: { readonly projectPath: string; readonly checks: readonly CheckName[] },
): Promise<CodeRun> {
  const doc = newRun(deps, ctx, projectPath, checks)
  await deps.book.insert(doc)
  try {
    const wish = { runId: doc.id, projectPath, checks: [...checks] }
    const agent = await deps.agent.startChecks(wish, { ...deps.askAs(ctx), withinMs: takenWithinMs })
    return viewOf((await deps.book.change(doc.id, (run) => followChecks(run, agent, nothingCounted))) ?? doc)
  } catch (error) {
    // A lost answer may hide a run that was taken: then the keeper finds out. A refusal is told by its audit row alone.
    const known = error instanceof AppError && (error.status < 500 || error.code !== 'HOST_AGENT_AWAY' || neverReached(error))
    if (known) await deps.book.forget(doc.id)
    throw error
  } finally {
    deps.poke()
  }
}

export async function listCodeRuns(
  { book }: Pick<CodeDeps, 'book'>,
  query: { project?: string | undefined; state?: string | undefined; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: CodeRun[]; nextCursor: string | null; trends: CodeTrend[] }> {
  const { items, nextCursor } = await book.list({ ...query, limit: query.limit ?? pageByDefault })
  const trends = await book.trends([...new Set(items.map(({ projectPath }) => projectPath))])
  return { items: items.map(viewOf), nextCursor, trends }
}

export async function getCodeRun(deps: Pick<CodeDeps, 'book'>, id: string): Promise<CodeRun> {
  return viewOf(await runOf(deps, id))
}

export async function listCodeRunLines(
  deps: Pick<CodeDeps, 'book' | 'agent' | 'askAs'>,
  ctx: Context,
  id: string,
  { after = 0, limit = linesByDefault }: { after?: number | undefined; limit?: number | undefined },
): Promise<{ items: RunLine[]; next: number; ended: boolean }> {
  const run = await runOf(deps, id)
  const items: RunLine[] = []
  for await (const event of await deps.agent.runLog({ runId: id, after, limit }, deps.askAs(ctx))) if ('text' in event) items.push(event)
  return { items, next: items.at(-1)?.seq ?? after, ended: !run.open && items.length < limit }
}

export async function cancelCodeRun(deps: CodeDeps, ctx: Context, id: string, reason: string): Promise<CodeRun> {
  const run = await runOf(deps, id)
  if (!run.open) throw new AppError('RUN_ENDED', 409, `The run has ended: ${run.state}.`)
  const agent = await deps.agent.cancelRun({ runId: id, reason }, deps.askAs(ctx))
  const after = await deps.book.change(id, (doc) => ({
    ...followChecks(doc, agent, nothingCounted),
    cancelledBy: doc.cancelledBy ?? ctx.actor.name,
  }))
  deps.poke()
  return viewOf(after ?? run)
}

async function runOf({ book }: Pick<CodeDeps, 'book'>, id: string): Promise<CodeRunDoc> {
  const doc = await book.get(id)
  if (!doc) throw new AppError('RUN_NOT_FOUND', 404, `There is no run ${id}.`)
  return doc
}

function newRun({ now }: CodeDeps, ctx: Context, projectPath: string, checks: readonly CheckName[]): CodeRunDoc {
  const at = now()
  return {
    v: 1,
    open: true,
    admitted: false,
    id: `code-${at.getTime().toString(36)}-${randomBytes(6).toString('hex')}`,
    kind: 'code-quality',
    hostId: 'local',
    projectPath,
    state: 'queued',
    checks: checks.map((name) => ({ name, state: 'waiting', exitCode: null, startedAt: null, endedAt: null, bound: null, counts: null })),
    actor: { kind: ctx.actor.kind, id: ctx.actor.id, name: ctx.actor.name },
    user: null,
    queuedAt: at.toISOString(),
    startedAt: null,
    endedAt: null,
    deadlineAt: null,
    outcome: null,
    lines: 0,
    bytes: 0,
    cut: false,
    firstErrorLine: null,
    cancelledBy: null,
    requestId: ctx.requestId,
    version: 1,
  }
}
