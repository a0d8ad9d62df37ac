import { isThere } from './processes.ts'
import type { openRunFolder } from './run-record.ts'
import type { Containment } from './start-child.ts'

type Options = {
  readonly files: Pick<ReturnType<typeof openRunFolder>, 'alive' | 'exit'>
  readonly containment: Pick<Containment, 'end' | 'lingers'>
  readonly graceMs: number
}

/** How long a wrapper may take until it says that it lives. */
export const startWaitMs = 8_000
const lookMs = 50

/** Runs that are being ended with all that they started, each once at a time. */
export function createEndings({ files, containment, graceMs }: Options) {
  const underWay = new Map<string, Promise<boolean>>()

  /** Ends what there is until the wrapper has written down the end: a script that was about to begin is met by the next round. */
  const endWhole = async (runId: string): Promise<boolean> => {
    const until = performance.now() + startWaitMs + graceMs
    for (;;) {
      const gone = await containment.end(runId, files.alive(runId), graceMs)
      const alive = files.alive(runId)
      // Whoever cancelled is answered when the run is over, so what systemd still ends with it is waited for too.
      const over = files.exit(runId) ? !containment.lingers(alive) : alive !== null && !isThere(alive.wrapper)
      if (over || performance.now() > until) return gone
      await new Promise((resolve) => setTimeout(resolve, lookMs))
    }
  }
  return {
    isEnding: (runId: string): boolean => underWay.has(runId),
    /** @returns false when some of its processes would not go */
    begin(runId: string): Promise<boolean> {
      const ending = underWay.get(runId) ?? endWhole(runId).finally(() => underWay.delete(runId))
      underWay.set(runId, ending)
      return ending
    },
  }
}
