import type { readContainerLog } from '@console/verbs/containers'
import type { ArgsOf } from '@console/verbs/verb'
import { createSplitter } from '../demultiplex.ts'
import type { FollowEvent, Follows } from '../follows.ts'
import { logLine } from '../log-lines.ts'
import type { Model } from '../model.ts'

const tailByDefault = 200
const snapshotBytes = 8 * 1_024 * 1_024

/** The last lines of a container's log, and with `follow` what comes after them. */
export async function* readLog(
  { model, follows }: { model: Model; follows: Follows },
  args: ArgsOf<typeof readContainerLog>,
  signal: AbortSignal,
): AsyncIterable<FollowEvent> {
  const { tail = tailByDefault, since, until, follow = false, streams = 'both' } = args
  const { container, detail } = await model.inspected(args.container)
  const wanted = (event: FollowEvent): boolean =>
    streams === 'both' || !('stream' in event) || (event.stream === 'out') === (streams === 'stdout')
  const source = follow
    ? follows.follow(container.id, detail.tty, { tail, since: since ?? null }, signal)
    : snapshot(model, container.id, detail.tty, { tail, since, until })
  for await (const event of source) if (wanted(event)) yield event
}

async function* snapshot(
  model: Model,
  id: string,
  tty: boolean,
  { tail, since, until }: { tail: number; since: number | undefined; until: number | undefined },
): AsyncIterable<FollowEvent> {
  const path = `${model.prefix()}/containers/${id}/logs?stdout=1&stderr=1&timestamps=1&tail=${tail}${since === undefined ? '' : `&since=${since}`}${until === undefined ? '' : `&until=${until}`}`
  const stop = new AbortController()
  const body = await model.engine.stream({ method: 'GET', path, timeoutMs: 5_000 }, stop.signal)
  const splitter = createSplitter(tty)
  let bytes = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      for (const raw of splitter.push(chunk)) yield logLine(raw)
      if (bytes > snapshotBytes) return
    }
    for (const raw of splitter.end()) yield logLine(raw)
  } finally {
    stop.abort()
    body.destroy()
  }
}
