export type Batch<T> = { readonly items: T[]; readonly skipped: number; readonly others: unknown[] }
type Options<E, T> = {
  readonly source: AsyncIterable<E>
  readonly lineOf: (event: E) => T | null
  readonly skippedOf: (event: E) => number
  readonly waitMs: number
  readonly most: number
}

/**
 * Groups lines of a stream: one batch after `most` lines or `waitMs` after the batch before, whichever comes first. What follows on
 * silence goes out at once, with whatever came together with it.
 * What is no line (`lineOf` answers null) and no skip ends the batch and travels in `others`, in order.
 */
export async function* batchLines<E, T>({ source, lineOf, skippedOf, waitMs, most }: Options<E, T>): AsyncIterable<Batch<T>> {
  const iterator = source[Symbol.asyncIterator]()
  let pending: Promise<IteratorResult<E>> | null = null
  let lastMs = Number.NEGATIVE_INFINITY
  try {
    for (;;) {
      const items: T[] = []
      const others: unknown[] = []
      let skipped = 0
      let deadline: Promise<'late'> | null = null
      let timer: NodeJS.Timeout | undefined
      let over = false
      while (items.length < most && others.length === 0) {
        pending ??= iterator.next()
        const got: IteratorResult<E> | 'late' = deadline ? await Promise.race([pending, deadline]) : await pending
        if (got === 'late') break
        pending = null
        if (got.done) {
          over = true
          break
        }
        const line = lineOf(got.value)
        const lost = skippedOf(got.value)
        skipped += lost
        if (line !== null) items.push(line)
        else if (lost === 0) others.push(got.value)
        deadline ??= new Promise((resolve) => {
          timer = setTimeout(() => resolve('late'), Math.max(0, lastMs + waitMs - performance.now()))
        })
      }
      clearTimeout(timer)
      lastMs = performance.now()
      if (items.length > 0 || skipped > 0 || others.length > 0) yield { items, skipped, others }
      if (over) return
    }
  } finally {
    await iterator.return?.()
  }
}
