import type { IncomingMessage } from 'node:http'
import { DaemonError } from '@console/verb-kit/problem'
import { written } from '@console/verb-kit/send-lines'
import { textsOf, writtenLines } from '@console/verb-kit/written-lines'
import type { readContainerLog } from '@console/verbs/containers'
import type { ArgsOf } from '@console/verbs/verb'
import { createSplitter } from '../demultiplex.ts'
import { askLog, type FollowEvent, type Follows, markedOrNot } from '../follows.ts'
import { blockOf } from '../log-lines.ts'
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
  const { tail = tailByDefault, since, until, follow = false, streams = 'both', marks = false } = args
  if (until !== undefined && (follow || until < (since ?? 0)))
    throw new DaemonError('INPUT_INVALID', 400, 'until must not be before since, and has no meaning with follow.', {
      errors: [{ field: 'until', rule: 'order', message: 'until must not be before since, and has no meaning with follow.' }],
    })
  const { container, detail } = await model.inspected(args.container)
  const only = streams === 'both' ? null : streams === 'stdout' ? 'out' : 'err'
  if (!follow) return linesOf(await askLog(model, container.id, { tail, since, until }, signal), detail.tty, only)
  const source = markedOrNot(await follows.follow(container.id, detail.tty, { tail, since: since ?? null }, signal), marks && only === null)
  return only === null ? source : ofStream(source, only)
}

async function* ofStream(source: AsyncIterable<FollowEvent>, only: 'out' | 'err'): AsyncIterable<FollowEvent> {
  for await (const event of source) {
    if (!(written in event)) yield event
    else
      for (const text of textsOf([event]))
        if ((JSON.parse(text) as { stream: string }).stream === only) yield writtenLines([text], event.at)
  }
}

async function* linesOf(body: IncomingMessage, tty: boolean, only: 'out' | 'err' | null): AsyncIterable<FollowEvent> {
  const splitter = createSplitter(tty)
  let bytes = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      const block = blockOf(splitter.push(chunk), only)
      if (block) yield block
      if (bytes > snapshotBytes) return
    }
    const rest = blockOf(splitter.end(), only)
    if (rest) yield rest
  } catch (error) {
    if (error instanceof DaemonError) throw error
    yield { ended: 'lost' }
  } finally {
    body.destroy()
  }
}
