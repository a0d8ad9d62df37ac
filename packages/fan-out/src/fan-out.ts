import { type Block, type Bounds, createBlockQueue, defaultBounds } from './block-queue.ts'

/** One source of blocks for any number of viewers, each at its own pace. */
export type FanOut<B extends Block> = {
  readonly viewers: number
  /** Whether there are viewers, and all of them are behind. */
  readonly full: boolean
  give(block: B): void
  /** Settles when a viewer can take more; null where one can already. The slow never hold up the quick: only where all are behind the source waits. */
  room(): Promise<void> | null
  /** No more will come: each viewer reads what it has, and ends, or fails with what is given here. */
  close(how?: { readonly failed: unknown }): void
  /** Everything from now on. A viewer that is too slow loses its oldest blocks, and is told how many lines; the others lose nothing. It leaves when it stops reading, or by the signal. */
  join(signal: AbortSignal): AsyncIterable<B | { readonly skipped: number }>
}
type Viewer<B extends Block> = { readonly queue: ReturnType<typeof createBlockQueue<B>>; wake: () => void }

/** @param emptied the last viewer has left */
export function createFanOut<B extends Block>(emptied: () => void, bounds: Bounds = defaultBounds): FanOut<B> {
  const viewers = new Set<Viewer<B>>()
  let over: { readonly failed?: unknown } | null = null
  let waiting: (() => void)[] = []
  const wakeSource = (): void => {
    const woken = waiting
    waiting = []
    for (const wake of woken) wake()
  }
  const allBehind = (): boolean => {
    for (const { queue } of viewers) if (!queue.behind) return false
    return viewers.size > 0
  }
  async function* read(viewer: Viewer<B>, signal: AbortSignal, leave: () => void): AsyncIterable<B | { readonly skipped: number }> {
    try {
      while (!signal.aborted) {
        const skipped = viewer.queue.takeSkipped()
        if (skipped > 0) yield { skipped }
        const block = viewer.queue.shift()
        if (block) {
          if (!viewer.queue.behind) wakeSource()
          yield block
        } else if (over === null)
          await new Promise<void>((resolve) => {
            viewer.wake = resolve
            if (signal.aborted) resolve()
          })
        else if ('failed' in over) throw over.failed
        else return
      }
    } finally {
      leave()
    }
  }
  return {
    get viewers() {
      return viewers.size
    },
    get full() {
      return allBehind()
    },
    give(block) {
      for (const viewer of viewers) {
        viewer.queue.push(block)
        viewer.wake()
      }
    },
    room() {
      return allBehind() ? new Promise((resolve) => waiting.push(resolve)) : null
    },
    close(how: { readonly failed?: unknown } = {}) {
      over ??= how
      for (const viewer of viewers) viewer.wake()
    },
    join(signal) {
      const viewer: Viewer<B> = { queue: createBlockQueue<B>(bounds), wake: () => undefined }
      viewers.add(viewer)
      wakeSource()
      const leave = (): void => {
        signal.removeEventListener('abort', leave)
        viewer.wake()
        if (!viewers.delete(viewer)) return
        wakeSource()
        if (viewers.size === 0) emptied()
      }
      if (signal.aborted) leave()
      else signal.addEventListener('abort', leave, { once: true })
      return read(viewer, signal, leave)
    },
  }
}
