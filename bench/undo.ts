export type Undo = {
  /** What is to be undone in the end, the newest first. */
  readonly add: (act: () => unknown) => void
  /** Undoes everything once; what fails is told, and the rest goes on. */
  readonly all: () => Promise<void>
}

/**
 * A bench leaves nothing running, however it ends: by its last line, an error, Ctrl-C, or the signal of whoever waits no longer. What is
 * added is undone once in each case.
 */
export function createUndo(): Undo {
  const acts: (() => unknown)[] = []
  let done: Promise<void> | null = null
  const run = async (): Promise<void> => {
    for (let act = acts.pop(); act; act = acts.pop())
      await Promise.resolve()
        .then(act)
        .catch((error: unknown) => console.error('not undone:', error))
  }
  const all = (): Promise<void> => {
    done ??= run()
    return done
  }
  const leave = (status: number) => void all().finally(() => process.exit(status))
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
  for (const [signal, status] of Object.entries(signals)) process.once(signal, () => leave(status))
  const fail = (error: unknown): void => {
    console.error(error)
    leave(1)
  }
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  return { add: (act) => void acts.push(act), all }
}
