export type Freshness = 'live' | 'reconciling' | 'stale' | 'away'
export type ModelEvent =
  | { at: string; kind: 'container'; id: string; name: string; action: string; version: number }
  | { freshness: Freshness; asOf: string | null }
/** Changes of the model, told to whoever watches. */
export type ModelEvents = {
  tell(event: ModelEvent): void
  watch(first: ModelEvent, signal: AbortSignal): AsyncIterable<ModelEvent>
}

const mostQueued = 5_000

export function createModelEvents(): ModelEvents {
  const watchers = new Set<(event: ModelEvent) => void>()
  return {
    tell(event) {
      for (const push of watchers) push(event)
    },
    async *watch(first, signal) {
      let queue: ModelEvent[] = [first]
      let wake: () => void = () => undefined
      const push = (event: ModelEvent): void => {
        // One who does not read keeps the newest alone; its version shows that some are missing.
        if (queue.length >= mostQueued) queue = []
        queue.push(event)
        wake()
      }
      const onAbort = (): void => wake()
      watchers.add(push)
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        while (!signal.aborted) {
          const event = queue.shift()
          if (event) yield event
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      } finally {
        watchers.delete(push)
        signal.removeEventListener('abort', onAbort)
      }
    },
  }
}
