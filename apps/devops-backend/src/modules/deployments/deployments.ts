import { isFinal, whyNotNow } from '@console/contracts/deployments/run-states'
import type { RefusedRun, Run, RunLine } from '@console/contracts/deployments/schemas'
import { batchLines } from '@console/http-kit/batch-lines'
import { timeIsOver } from '@console/http-kit/bind'
import type { Context } from '@console/http-kit/context'
import { mergeStreams } from '@console/http-kit/merge-streams'
import { AppError } from '@console/http-kit/problem'
import { type Ask, neverReached } from '../../clients/daemon-client.ts'
import type { HostAgent, RunLogEvent } from '../../clients/host-agent.ts'
import type { RunDoc, ServiceDoc } from '../../documents.ts'
import { endRun, followAgent } from './follow-agent.ts'
import { newRun } from './new-run.ts'
import type { RunBook } from './run-book.ts'
import { admissionMs } from './run-keeper.ts'

export type DeploymentDeps = {
  readonly book: RunBook
  readonly agent: HostAgent
  readonly askAs: (ctx: Context) => Ask
  /** Throws SERVICE_NOT_FOUND. */
  readonly serviceOf: (serviceId: string) => Promise<ServiceDoc>
  readonly variablesOf: (serviceId: string) => Promise<{ values: Record<string, string>; secretNames: string[] }>
  readonly refusedOf: (serviceId: string | undefined) => Promise<RefusedRun[]>
  /** Something is to be looked at now. */
  readonly poke: () => void
  readonly ended: (run: RunDoc) => Promise<void>
  readonly now: () => Date
}

const pageByDefault = 50
const linesByDefault = 2_000
const batch = { waitMs: 50, most: 500 }

/** Asks the host-agent to take a run; only what it took is in the history. */
export async function triggerDeployment(
  deps: DeploymentDeps,
  ctx: Context,
  serviceId: string,
  { reason, variables = {} }: { reason: string; variables?: Record<string, string> | undefined },
  rerunOf: string | null = null,
): Promise<Run> {
  const service = await deps.serviceOf(serviceId)
  if (service.scriptId === null)
    throw new AppError('SERVICE_NO_SCRIPT', 409, `${serviceId} names no script. Choose one in the service’s form.`)
  const { open } = await deps.book.lastOf(serviceId)
  if (open?.state === 'verifying' && service.onBusy === 'refuse')
    throw new AppError(
      'RUN_BUSY',
      409,
      `The health checks of run #${open.number} of ${serviceId} are still being watched, and this service does not queue. Wait, or cancel that run.`,
    )
  const stored = await deps.variablesOf(serviceId)
  const values = { ...stored.values, ...variables }
  const doc = await deps.book.insert(
    newRun(
      {
        serviceId,
        serviceName: service.name,
        scriptId: service.scriptId,
        reason,
        variableNames: Object.keys(values),
        rerunOf,
        actor: { kind: ctx.actor.kind, id: ctx.actor.id, name: ctx.actor.name },
        requestId: ctx.requestId,
      },
      deps.now(),
    ),
  )
  deps.book.asking.add(doc.id)
  try {
    const { secretNames } = stored
    const agent = await deps.agent.startRun(
      { runId: doc.id, scriptId: service.scriptId, serviceId, reason, onBusy: service.onBusy, variables: values, secretNames },
      { ...deps.askAs(ctx), withinMs: admissionMs },
    )
    deps.book.setPosition(doc.id, agent.position)
    const taken = await deps.book.change(doc.id, (run) => followAgent(run, agent, { verifyWindowSec: service.verifyWindowSec, checks: [] }))
    return deps.book.viewOf(taken ?? doc)
  } catch (error) {
    // A lost answer may hide a run that was taken: then the keeper finds out. A refusal is told by its audit row alone.
    const refused = error instanceof AppError && (error.status < 500 || error.code === 'AUDIT_UNAVAILABLE' || neverReached(error))
    if (refused) await deps.book.forget(doc.id)
    throw error
  } finally {
    deps.book.asking.delete(doc.id)
    deps.poke()
  }
}

export async function rerunDeployment(deps: DeploymentDeps, ctx: Context, id: string, reason: string): Promise<Run> {
  const before = await runOf(deps, id)
  return triggerDeployment(deps, ctx, before.serviceId, { reason }, id)
}

export async function listDeployments(
  { book, refusedOf }: DeploymentDeps,
  query: { serviceId?: string | undefined; state?: string | undefined; limit?: number | undefined; cursor?: string | undefined },
) {
  const page = await book.list({ ...query, limit: query.limit ?? pageByDefault })
  const refused = query.cursor || query.state ? [] : await refusedOf(query.serviceId)
  const became = new Set(page.items.map(({ requestId }) => requestId))
  return { items: page.items.map(book.viewOf), nextCursor: page.nextCursor, refused: refused.filter((one) => !became.has(one.requestId)) }
}

export async function getDeployment(deps: Pick<DeploymentDeps, 'book'>, id: string): Promise<Run> {
  return deps.book.viewOf(await runOf(deps, id))
}

/** Cancels at the agent what has processes; what is only being verified ends here. */
export async function cancelDeployment(deps: DeploymentDeps, ctx: Context, id: string, reason: string): Promise<Run> {
  const run = await runOf(deps, id)
  const why = whyNotNow('cancel', run.state)
  if (why) throw new AppError('RUN_ENDED', 409, why)
  if (run.state === 'verifying') {
    const outcome = `${ctx.actor.name} stopped waiting for the health checks. The script had ended with exit 0 already.`
    const after = await deps.book.change(id, (doc) => ({
      ...endRun(doc, 'cancelled', outcome, deps.now()),
      cancelledBy: doc.cancelledBy ?? ctx.actor.name,
    }))
    if (after) await deps.ended(after)
    return deps.book.viewOf(after ?? run)
  }
  await deps.agent.cancelRun({ runId: id, reason }, deps.askAs(ctx))
  const after = await deps.book.change(id, (doc) => ({ ...doc, cancelledBy: doc.cancelledBy ?? ctx.actor.name }))
  deps.poke()
  return deps.book.viewOf(after ?? run)
}

/** Lines after a sequence number; the console's own check lines stand after the script's. */
export async function listLines(
  deps: DeploymentDeps,
  ctx: Context,
  id: string,
  { after = 0, limit = linesByDefault }: { after?: number | undefined; limit?: number | undefined },
) {
  const run = await runOf(deps, id)
  const items: RunLine[] = []
  for await (const event of await deps.agent.runLog({ runId: id, after, limit }, deps.askAs(ctx))) if ('text' in event) items.push(event)
  if (items.length < limit) items.push(...checkLines(run).filter(({ seq }) => seq > after))
  return { items, next: items.at(-1)?.seq ?? after, ended: isFinal(run.state) }
}

type StreamItem =
  | { event: 'lines'; data: { items: RunLine[] } }
  | { event: 'run'; data: Run }
  | { event: 'ended'; data: { state: Run['state'] } }
  | typeof timeIsOver

/**
 * Output and state of one run, live: every viewer reads the same file, and a reader that comes back goes on where it was.
 * An unknown run, or an agent that refuses or is away, is told before the stream begins.
 */
export async function streamLines(
  deps: DeploymentDeps,
  ctx: Context,
  id: string,
  after: number,
): Promise<AsyncIterable<StreamItem & { id?: string }>> {
  await runOf(deps, id)
  const source = await deps.agent.runLog({ runId: id, after, follow: true }, deps.askAs(ctx))
  return runEvents(deps, ctx, id, { after, source })
}

async function* runEvents(
  deps: DeploymentDeps,
  ctx: Context,
  id: string,
  { after, source }: { readonly after: number; readonly source: AsyncIterable<RunLogEvent> },
): AsyncIterable<StreamItem & { id?: string }> {
  let last = after
  const output = batchLines<RunLogEvent, RunLine>({
    source,
    lineOf: (event) => ('text' in event ? event : null),
    skippedOf: () => 0,
    ...batch,
  })
  const sources = [
    { name: 'output', stream: output },
    { name: 'run', stream: deps.book.watch(id, ctx.signal) },
  ] as const
  let outputOver = false
  let doc: RunDoc | null = null
  for await (const step of mergeStreams<{ items: RunLine[]; others: unknown[] } | RunDoc>(sources)) {
    if ('failed' in step) throw step.failed
    if ('items' in step.value) {
      const { items, others } = step.value
      if (items.length > 0) {
        last = items.at(-1)?.seq ?? last
        yield { event: 'lines', data: { items }, id: String(last) }
      }
      if ((others as RunLogEvent[]).some((other) => 'ended' in other && other.ended === 'time')) {
        yield timeIsOver
        return
      }
      if (others.length > 0) outputOver = true
    } else {
      doc = step.value
      yield { event: 'run', data: deps.book.viewOf(doc) }
    }
    if (outputOver && doc) {
      const more = checkLines(doc).filter(({ seq }) => seq > last)
      if (more.length > 0) {
        last = more.at(-1)?.seq ?? last
        yield { event: 'lines', data: { items: more }, id: String(last) }
      }
    }
  }
  if (doc && isFinal(doc.state)) yield { event: 'ended', data: { state: doc.state } }
}

function checkLines(run: RunDoc): RunLine[] {
  return run.chk.map(({ at, text }, index) => ({ seq: run.lines + index + 1, at, stream: 'chk', text }))
}

async function runOf({ book }: Pick<DeploymentDeps, 'book'>, id: string): Promise<RunDoc> {
  const stored = await book.get(id)
  if (!stored) throw new AppError('RUN_NOT_FOUND', 404, `There is no run ${id}.`)
  return stored.doc
}
