import type { Ask } from './clients/daemon-client.ts'
import type { DockerProxy, LogEvent, MarkedEvent } from './clients/docker-proxy.ts'
import { createKnown, type LogPlace } from './log-cursor.ts'
import { createLogFeed, type LogFeed, type SharedLines } from './log-feed.ts'

/** What a viewer of a log gets: single events, and lines that all viewers get as one and the same text. */
export type HubEvent = LogEvent | SharedLines
type Wanted = {
  readonly container: string
  readonly tail?: number
  readonly since?: number
  readonly until?: number
  readonly streams?: 'both' | 'stdout' | 'stderr'
}
export type LogHub = {
  /** Follows a log after a place. What docker-proxy refuses to this viewer is refused before the first line. */
  follow(wanted: Wanted, place: LogPlace | null, ask: Ask): Promise<AsyncIterable<HubEvent>>
  readonly feeds: number
}

/**
 * One upstream reader a container for all its viewers. Each viewer asks docker-proxy with its own token first, reads its own last lines
 * from there, and goes over to the shared feed where both stand at the same mark; where they do not meet, its own stream goes on and
 * nothing is lost or doubled. A feed belongs to one reader of docker-proxy, so never to another container that has the name by now.
 */
export function createLogHub(docker: DockerProxy, serviceAsk: () => Ask): LogHub {
  const feeds = new Map<string, LogFeed>()
  const feedOf = (reader: string, { container, since }: Wanted): LogFeed => {
    const key = `${reader} ${container}`
    const known = feeds.get(key)
    if (known) return known
    const feed = createLogFeed({
      container,
      reader,
      open: (signal) => docker.follow({ container, tail: 1, ...(since !== undefined && { since }) }, { ...serviceAsk(), signal }),
      over: () => void (feeds.get(key) === feed && feeds.delete(key)),
    })
    feeds.set(key, feed)
    return feed
  }
  return {
    get feeds() {
      return feeds.size
    },
    async follow(wanted, place, ask) {
      const own = await docker.follow(wanted, ask)
      return eventsOf({ own, place, signal: ask.signal ?? new AbortController().signal, feedOf: (reader) => feedOf(reader, wanted) })
    },
  }
}

type Viewing = {
  readonly own: AsyncIterable<MarkedEvent[]>
  readonly place: LogPlace | null
  readonly signal: AbortSignal
  readonly feedOf: (reader: string) => LogFeed
}

async function* eventsOf({ own, place, signal, feedOf }: Viewing): AsyncIterable<HubEvent> {
  const known = createKnown(place)
  const shared = yield* ownEvents()
  if (shared) yield* shared

  /** The viewer's own stream, until it meets the feed: then what comes after is answered. */
  async function* ownEvents(): AsyncGenerator<LogEvent, AsyncIterable<HubEvent> | null> {
    for await (const events of own)
      for (const event of events)
        if ('mark' in event) {
          const [reader = '', seq] = event.mark.split('.')
          const after = known.past ? await feedOf(reader).joinAfter(Number(seq), signal) : null
          if (after) return after
        } else if (!('text' in event) || !known.has(event)) yield event
    return null
  }
}
