import type { LogLine } from '@console/contracts/docker/schemas'
import type { Context } from '@console/http-kit/context'
import type { ContainerList, DockerDeps, LogEvent } from '../../clients/docker-proxy.ts'
import { askFrom, placesIn } from '../../log-cursor.ts'
import type { HubEvent, LogHub } from '../../log-hub.ts'
import { needsLook, worstFirst } from './sort-containers.ts'

export type FollowDeps = DockerDeps & { readonly logHub: LogHub }
type LogQuery = {
  tail?: number | undefined
  since?: number | undefined
  until?: number | undefined
  streams?: 'both' | 'stdout' | 'stderr' | undefined
}

const tailByDefault = 200
/** As many lines as the verb gives at most: a reader who comes back wants all that it missed. */
const mostTail = 5_000

export async function listContainers({ docker, askAs }: DockerDeps, ctx: Context, state: 'running' | 'exited' | 'all' = 'all') {
  return answerOf(await docker.list(state, askAs(ctx)), () => true)
}

export async function listUnhealthyContainers({ docker, askAs }: DockerDeps, ctx: Context) {
  return answerOf(await docker.list('all', askAs(ctx)), needsLook)
}

/** The last lines, oldest first; the stream is read to its end, which comes at once without `follow`. */
export async function listContainerLines({ docker, askAs }: DockerDeps, ctx: Context, name: string, query: LogQuery) {
  const items: LogLine[] = []
  const asked = await docker.logs({ container: name, ...defined(query), tail: query.tail ?? tailByDefault }, askAs(ctx))
  for await (const event of asked) if ('text' in event) items.push({ container: name, ...event })
  return { items, nextCursor: null }
}

/**
 * The last lines as a text file, a line each with its time and stream; `shown` decides what becomes of what they hold. What cannot be
 * opened is refused before the file begins.
 */
export async function exportContainerLines(
  { docker, askAs }: DockerDeps,
  ctx: Context,
  name: string,
  query: LogQuery,
  shown: (text: string) => string,
): Promise<AsyncIterable<string>> {
  return fileLines(await docker.logs({ container: name, ...defined(query), tail: query.tail ?? tailByDefault }, askAs(ctx)), shown)
}

async function* fileLines(events: AsyncIterable<LogEvent>, shown: (text: string) => string): AsyncIterable<string> {
  for await (const event of events) {
    if ('text' in event) yield `${event.at} ${event.stream} ${shown(event.text)}${event.cut ? ' [cut at 16 KiB]' : ''}\n`
  }
}

/** Follows one container; pings are the server's own. What cannot be opened is refused before the stream begins; a reader that comes back goes on where it was. */
export async function followContainer(
  { logHub, askAs }: FollowDeps,
  ctx: Context,
  name: string,
  query: LogQuery,
): Promise<AsyncIterable<HubEvent>> {
  const [place = null] = placesIn(ctx.lastEventId, 1)
  const from = { ...defined(query), ...askFrom(place, query.tail ?? tailByDefault, mostTail) }
  return logHub.follow({ container: name, ...from }, place, askAs(ctx))
}

function answerOf(list: ContainerList, keep: (container: ContainerList['items'][number]) => boolean) {
  const items = list.items.filter(keep).sort(worstFirst)
  return {
    items,
    nextCursor: null,
    asOf: list.asOf,
    freshness: list.freshness,
    engine: list.engine ? { version: list.engine.version, apiVersion: list.engine.apiVersion } : null,
  }
}

/** Without the names whose value is undefined: a daemon refuses what it cannot read. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> }
}
