import type { ConsoleEvent } from '@console/contracts/events/actions'

/** Tells every open `/events` stream what changed. Bounded: a slow reader gets one `resync` of each topic instead of a backlog. */
export type EventHub = {
  publish(topic: ConsoleEvent['topic'], id: string): void
  /** Yields until the signal aborts. */
  follow(signal: AbortSignal): AsyncIterable<ConsoleEvent>
  readonly followers: number
}

const mostWaiting = 1_000

export function createEventHub(): EventHub {
  const followers = new Set<(event: ConsoleEvent) => void>()
  let version = 0
  return {
    publish(topic, id) {
      version += 1
      for (const push of followers) push({ topic, id, version })
    },
    follow: (signal) => followOne(followers, signal),
    get followers() {
      return followers.size
    },
  }
}

/** Changes of one thing are merged while they wait: the client fetches it once either way. */
async function* followOne(followers: Set<(event: ConsoleEvent) => void>, signal: AbortSignal): AsyncIterable<ConsoleEvent> {
  const waiting = new Map<string, ConsoleEvent>()
  let wake: () => void = () => undefined
  const push = (event: ConsoleEvent): void => {
    if (waiting.size >= mostWaiting) mergeTopics(waiting)
    waiting.set(`${event.topic} ${event.id}`, event)
    wake()
  }
  const onAbort = (): void => wake()
  followers.add(push)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    while (!signal.aborted) {
      for (const [key, event] of waiting) {
        waiting.delete(key)
        yield event
        if (signal.aborted) return
      }
      if (waiting.size > 0) continue
      await new Promise<void>((resolve) => {
        wake = resolve
        if (signal.aborted) resolve()
      })
    }
  } finally {
    followers.delete(push)
    signal.removeEventListener('abort', onAbort)
  }
}

/** The id `*` stands for everything of a topic. */
function mergeTopics(waiting: Map<string, ConsoleEvent>): void {
  const newest = new Map([...waiting.values()].map((event) => [event.topic, event]))
  waiting.clear()
  for (const event of newest.values()) waiting.set(`${event.topic} *`, { ...event, id: '*' })
}
