/**
 * Several streams as one, in the order in which their items arrive. Ends when all have ended; a reader that leaves closes all.
 * A stream that fails is reported as `failed` and does not end the others.
 */
export async function* mergeStreams<T>(
  sources: readonly { readonly name: string; readonly stream: AsyncIterable<T> }[],
): AsyncIterable<{ name: string; value: T } | { name: string; failed: unknown }> {
  type Step = { at: number; result: IteratorResult<T> } | { at: number; failed: unknown }
  const iterators = sources.map(({ stream }) => stream[Symbol.asyncIterator]())
  const next = (at: number): Promise<Step> =>
    (iterators[at] as AsyncIterator<T>).next().then(
      (result) => ({ at, result }),
      (failed: unknown) => ({ at, failed }),
    )
  const waiting = new Map(iterators.map((_, at) => [at, next(at)]))
  try {
    while (waiting.size > 0) {
      const step = await Promise.race(waiting.values())
      const name = sources[step.at]?.name ?? ''
      if ('failed' in step) {
        waiting.delete(step.at)
        yield { name, failed: step.failed }
      } else if (step.result.done) waiting.delete(step.at)
      else {
        waiting.set(step.at, next(step.at))
        yield { name, value: step.result.value }
      }
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()))
  }
}
