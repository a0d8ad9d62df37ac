import type { IncomingMessage } from 'node:http'
import { DaemonError } from '@console/verb-kit/problem'
import type { readContainerLog } from '@console/verbs/containers'
import type { ArgsOf } from '@console/verbs/verb'
import { createSplitter } from '../demultiplex.ts'
import type { FollowEvent, Follows } from '../follows.ts'
import { logLine } from '../log-lines.ts'
import type { Model } from '../model.ts'

const tailByDefault = 200
const snapshotBytes = 8 * 1_024 * 1_024

/**
 * The last lines of a container's log, and with `follow` what comes after them.
 * Resolves when the engine has begun to answer, so that its refusal is no empty log.
 */
export async function readLog(
  { model, follows }: { model: Model; follows: Follows },
  args: ArgsOf<typeof readContainerLog>,
  signal: AbortSignal,
): Promise<AsyncIterable<FollowEvent>> {
  const { tail = tailByDefault, since, until, follow = false, streams = 'both' } = args
  if (until !== undefined && (follow || until < (since ?? 0)))
    throw new DaemonError('INPUT_INVALID', 400, 'until must not be before since, and has no meaning with follow.', {
      errors: [{ field: 'until', rule: 'order', message: 'until must not be before since, and has no meaning with follow.' }],
    })
  const { container, detail } = await model.inspected(args.container)
  const source = follow
    ? await follows.follow(container.id, detail.tty, { tail, since: since ?? null }, signal)
    : await snapshot(model, container.id, detail.tty, { tail, since, until, signal })
  return streams === 'both' ? source : only(source, streams === 'stdout' ? 'out' : 'err')
}

async function* only(source: AsyncIterable<FollowEvent>, stream: 'out' | 'err'): AsyncIterable<FollowEvent> {
  for await (const event of source) if (!('stream' in event) || event.stream === stream) yield event
}

type Part = { tail: number; since: number | undefined; until: number | undefined; signal: AbortSignal }

async function snapshot(model: Model, id: string, tty: boolean, { tail, since, until, signal }: Part): Promise<AsyncIterable<FollowEvent>> {
  const path = `${model.prefix()}/containers/${id}/logs?stdout=1&stderr=1&timestamps=1&tail=${tail}${since === undefined ? '' : `&since=${since}`}${until === undefined ? '' : `&until=${until}`}`
  const body = await model.engine.stream({ method: 'GET', path, timeoutMs: 5_000 }, signal)
  return linesOf(body, tty)
}

async function* linesOf(body: IncomingMessage, tty: boolean): AsyncIterable<FollowEvent> {
  const splitter = createSplitter(tty)
  let bytes = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      for (const raw of splitter.push(chunk)) yield logLine(raw)
      if (bytes > snapshotBytes) return
    }
    for (const raw of splitter.end()) yield logLine(raw)
  } catch (error) {
    if (error instanceof DaemonError) throw error
    yield { ended: 'lost' }
  } finally {
    body.destroy()
  }
}
