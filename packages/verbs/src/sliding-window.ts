/** Counts of what happened lately, by key. */
export type SlidingWindows = {
  /** Counts one where there is room and answers 0; else counts nothing and answers the milliseconds until there is room. */
  take(key: string, max: number, windowMs: number): number
  /** Takes the newest one of a key back: what was counted did not come to pass. */
  giveBack(key: string): void
  /** Counts what happened before this process started, `agoMs` ago. */
  restore(key: string, agoMs: number): void
}
/** Exact times, oldest first; those before `from` have left the window. */
type Window = { times: number[]; from: number; windowMs: number }

const manyKeys = 50_000
/** More than one, so that quiet keys go sooner than new ones come; few, so that no request pays for all of them. */
const looksPerTake = 16

/**
 * Sliding windows of exact times; a key is asked with one length of window.
 * @param now monotonic milliseconds, so that a clock set back changes nothing
 * @param mostKeys beyond this many the quiet ones are looked for
 */
export function createSlidingWindows(now: () => number, mostKeys = manyKeys): SlidingWindows {
  const windows = new Map<string, Window>()
  const windowOf = (key: string): Window => {
    const known = windows.get(key)
    if (known) return known
    // What is only restored has not been asked yet, so its length is not known: it is not quiet.
    const fresh = { times: [], from: 0, windowMs: Number.POSITIVE_INFINITY }
    windows.set(key, fresh)
    return fresh
  }
  let looking = windows.entries()
  const dropQuiet = (at: number): void => {
    for (let look = 0; look < looksPerTake; look += 1) {
      const { value, done } = looking.next()
      if (done) {
        looking = windows.entries()
        return
      }
      const [key, { times, windowMs }] = value
      if ((times.at(-1) ?? 0) <= at - windowMs) windows.delete(key)
    }
  }
  return {
    take(key, max, windowMs) {
      const at = now()
      if (windows.size > mostKeys) dropQuiet(at)
      const window = windowOf(key)
      window.windowMs = windowMs
      leave(window, at - windowMs)
      const { times, from } = window
      if (times.length - from >= max) return Math.max(1, (times[times.length - max] ?? at) + windowMs - at)
      times.push(at)
      return 0
    },
    giveBack(key) {
      const window = windows.get(key)
      if (window && window.times.length > window.from) window.times.pop()
    },
    restore(key, agoMs) {
      const window = windowOf(key)
      window.times = [...window.times.slice(window.from), now() - agoMs].sort((a, b) => a - b)
      window.from = 0
    },
  }
}

/** Forgets the times up to a moment. Each is looked at once, so that a request costs the same however many came before. */
function leave(window: Window, until: number): void {
  while (window.from < window.times.length && (window.times[window.from] ?? 0) <= until) window.from += 1
  if (window.from < 1_024 || window.from < window.times.length / 2) return
  window.times = window.times.slice(window.from)
  window.from = 0
}
