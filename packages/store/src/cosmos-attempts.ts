import { type Failure, judgeFailure } from './cosmos-errors.ts'
import { StoreError } from './port.ts'

/** How long one call of the store goes on trying, and how it waits. */
export type Patience = {
  /** Milliseconds in all after which nothing is tried again. */
  readonly budgetMs: number
  /** The first pause where the store names none; it doubles each time. */
  readonly pauseMs: number
  readonly wait: (ms: number) => Promise<unknown>
  /** 0 to 1, so that those who were refused together do not come back together. */
  readonly random: () => number
}

/** Asks until there is an answer. @throws StoreError */
export async function askPatiently<R>(patience: Patience, ask: () => Promise<R>): Promise<R> {
  const pauses = pausesOf(patience)
  while (true) {
    try {
      return await ask()
    } catch (thrown) {
      const failure = judgeFailure(thrown)
      if (failure.kind === 'verdict' || !(await pauses(failure))) throw failure.error
    }
  }
}

/**
 * Writes until it is known what became of it. A write whose answer was lost may have been carried out, or may be so later: `readBack` looks whether the
 * store holds what this write put there, and sending it again is safe, because it is conditional and carries the same mark.
 * @throws StoreError OutcomeUnknown where neither shows it
 */
export async function writePatiently<R>(
  patience: Patience,
  { send, readBack }: { readonly send: () => Promise<R>; readonly readBack: () => Promise<R | null> },
): Promise<R> {
  const pauses = pausesOf(patience)
  let unsure: StoreError | null = null
  while (true) {
    let failure: Failure
    try {
      return await send()
    } catch (thrown) {
      failure = judgeFailure(thrown)
    }
    if (failure.kind === 'unsure') unsure = failure.error
    const over = failure.kind === 'verdict' || !(await pauses(failure))
    if (unsure) {
      const done = await readBack().catch(() => null)
      if (done !== null) return done
      if (over)
        throw new StoreError('OutcomeUnknown', `it is not known whether the document was written: ${unsure.message}`, { cause: unsure })
    }
    if (over) throw failure.error
  }
}

/** @returns false when the budget is spent */
function pausesOf({ budgetMs, pauseMs, wait, random }: Patience): (failure: Failure) => Promise<boolean> {
  const startMs = performance.now()
  let nextMs = pauseMs
  return async ({ error: { retryAfterMs } }) => {
    const ms = Math.ceil((retryAfterMs ?? nextMs) * (1 + random() / 2))
    nextMs *= 2
    if (performance.now() - startMs + ms > budgetMs) return false
    await wait(ms)
    return true
  }
}
