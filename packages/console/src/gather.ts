/** Passes the first value on at once; those that come within `everyMs` after it are gathered, each once, and passed on together when that time is over. */
export function createGather<T>(pass: (values: ReadonlySet<T>) => void, everyMs: number): { add(value: T): void; stop(): void } {
  let waiting = new Set<T>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = (): void => {
    timer = undefined
    if (waiting.size === 0) return
    const values = waiting
    waiting = new Set()
    timer = setTimeout(flush, everyMs)
    pass(values)
  }
  return {
    add(value) {
      waiting.add(value)
      if (timer === undefined) flush()
    },
    stop: () => clearTimeout(timer),
  }
}
