/** The end of something that is waited beside other things, many times over. */
export type Ending<Reason> = {
  readonly reason: Reason | null
  /** The first reason stays. */
  end(reason: Reason): void
  /** The value, or null once there is an end. */
  orEnd<T>(promise: Promise<T>): Promise<{ readonly value: T } | null>
}

/**
 * Stands where `Promise.race([next, ended])` in a loop would: each such race leaves a reaction, and with it the value that won, at the
 * promise that lives long, until it settles. Here only the wait that is under way is held. One wait at a time.
 */
export function createEnding<Reason>(): Ending<Reason> {
  let reason: Reason | null = null
  let wake: () => void = () => undefined
  return {
    get reason() {
      return reason
    },
    end(why) {
      if (reason !== null) return
      reason = why
      wake()
    },
    orEnd(promise) {
      if (reason !== null) {
        promise.catch(() => undefined)
        return Promise.resolve(null)
      }
      return new Promise((resolve, reject) => {
        wake = () => resolve(null)
        const over = (): void => {
          wake = () => undefined
        }
        promise.then(
          (value) => {
            over()
            resolve({ value })
          },
          (error: unknown) => {
            over()
            reject(error)
          },
        )
      })
    },
  }
}
