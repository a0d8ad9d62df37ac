/** How long this process was given nothing to run on, so that a deadline of the product is not laid at its door. */
export type HeldUp = {
  /** Milliseconds of the time between two moments of `performance.now()`. */
  between(from: number, to: number): number
  stop(): void
}

const everyMs = 20
/** A timer is a little late always; that is no stall. */
const usualMs = 50

/** Notes each time that a timer comes late, and by how much. */
export function watchHeldUp(): HeldUp {
  const stalls: { readonly at: number; readonly ms: number }[] = []
  let before = performance.now()
  const timer = setInterval(() => {
    const at = performance.now()
    const ms = at - before - everyMs
    if (ms > usualMs) stalls.push({ at, ms })
    before = at
  }, everyMs)
  return {
    between: (from, to) =>
      stalls
        .filter(({ at, ms }) => at > from && at - ms < to)
        .reduce((sum, { at, ms }) => sum + Math.min(at, to) - Math.max(at - ms, from), 0),
    stop: () => clearInterval(timer),
  }
}
