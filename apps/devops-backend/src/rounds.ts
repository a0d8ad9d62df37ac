/** Work that is looked at again and again, sooner while there is some; `poke` begins the next round at once. */
export type Rounds = { poke(): void; stop(): Promise<void> }
type Deps = {
  /** One round; whether there is work that must be looked at again soon. A rejection counts as none: it is the caller's to report it. */
  readonly round: () => Promise<boolean>
  readonly busyMs: number
  readonly idleMs: number
}

/** Begins at once. Rounds never overlap: a poke during one makes another follow without a pause. */
export function startRounds({ round, busyMs, idleMs }: Deps): Rounds {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let again = false
  let running: Promise<void> | null = null
  const turn = async (): Promise<void> => {
    const busy = await round().catch(() => false)
    if (stopped) return
    timer = setTimeout(start, again ? 0 : busy ? busyMs : idleMs)
    again = false
  }
  const start = (): void => {
    running = turn().finally(() => {
      running = null
    })
  }
  start()
  return {
    poke() {
      if (stopped) return
      if (running) again = true
      else {
        clearTimeout(timer)
        start()
      }
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
