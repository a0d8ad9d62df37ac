const sharedMs = 5_000

/** Many who ask at once, or soon after one another, cost as much as one. What failed is tried again by the next who asks. */
export function shareLook<T>(look: () => Promise<T>, monotonic: () => number = () => performance.now()): () => Promise<T> {
  let shared: { readonly answer: Promise<T>; endedMs: number | null } | null = null
  return () => {
    if (shared && (shared.endedMs === null || monotonic() - shared.endedMs < sharedMs)) return shared.answer
    const mine = { answer: look(), endedMs: null as number | null }
    shared = mine
    mine.answer.then(
      () => {
        mine.endedMs = monotonic()
      },
      () => {
        if (shared === mine) shared = null
      },
    )
    return mine.answer
  }
}
