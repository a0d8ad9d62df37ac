type Named<T> = { readonly name: string; readonly value: T } | { readonly name: string; readonly failed: unknown }

/**
 * Several streams as one, in the order in which their items arrive. Ends when all have ended; a reader that leaves closes all.
 * A stream that fails is reported as `failed` and does not end the others. Each stream is asked for its next item when its last one
 * was taken, so a quiet stream costs nothing however much the others say.
 */
export async function* mergeStreams<T>(
  sources: readonly { readonly name: string; readonly stream: AsyncIterable<T> }[],
): AsyncIterable<Named<T>> {
  const running = sources.map(({ name, stream }) => ({ name, iterator: stream[Symbol.asyncIterator]() }))
  const arrived: { from: (typeof running)[number]; result: IteratorResult<T> | null; failed?: unknown }[] = []
  let wake: () => void = () => undefined
  const ask = (from: (typeof running)[number]): void => {
    from.iterator
      .next()
      .then(
        (result) => arrived.push({ from, result }),
        (failed: unknown) => arrived.push({ from, result: null, failed }),
      )
      .then(() => wake())
  }
  let open = running.length
  for (const one of running) ask(one)
  try {
    while (open > 0) {
      const step = arrived.shift()
      if (!step) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const { from, result, failed } = step
      if (result === null) {
        open -= 1
        yield { name: from.name, failed }
      } else if (result.done) open -= 1
      else {
        ask(from)
        yield { name: from.name, value: result.value }
      }
    }
  } finally {
    await Promise.all(running.map(({ iterator }) => iterator.return?.()))
  }
}
