import type { Apm, MeasuredProcess, SelfFigures } from '@console/contracts/apm/schemas'

type Seen = { readonly atMs: number; readonly figures: SelfFigures; readonly cores: number | null }
type Looked<F> = {
  readonly atMs: number
  readonly figures: F
  /** When it was asked before, whichever start that was of; null at the first time. */
  readonly beforeMs: number | null
  /** Whether it is the start that answered before. */
  readonly same: boolean
}

/** What each process of the console uses, by what it last told; one that does not tell is unknown, and why. */
export function followProcesses({ now, log }: { readonly now: () => number; readonly log: (message: string, error?: unknown) => void }) {
  const seen = new Map<MeasuredProcess, Seen>()
  const away = new Map<MeasuredProcess, { readonly message: string; readonly missed: number }>()
  return {
    /** Asks one; null where it does not answer. */
    async look<F extends SelfFigures>(service: MeasuredProcess, ask: () => Promise<F>): Promise<Looked<F> | null> {
      const before = seen.get(service) ?? null
      let figures: F
      try {
        figures = await ask()
      } catch (error) {
        const missed = (away.get(service)?.missed ?? 0) + 1
        // Parts that start together are not there at the first look.
        if (missed === (before ? 1 : 2)) log(`${service} does not tell its figures`, error)
        away.set(service, { message: (error as Error).message, missed })
        return null
      }
      away.delete(service)
      const atMs = now()
      const same = before !== null && before.figures.startedAtMs === figures.startedAtMs
      const passedSec = same ? (atMs - before.atMs) / 1_000 : 0
      const cores = same && passedSec > 0 ? (figures.process.cpuSec - before.figures.process.cpuSec) / passedSec : null
      seen.set(service, { atMs, figures, cores })
      return { atMs, figures, beforeMs: before?.atMs ?? null, same }
    },
    told(service: MeasuredProcess): Apm['processes'][number] {
      const last = seen.get(service)
      const trouble = away.get(service)?.message
      if (!last || trouble !== undefined) return { service, unknown: trouble ?? 'It was not asked yet.' }
      const { cpuSec: _, ...told } = last.figures.process
      return { service, cores: last.cores, ...told }
    },
    /** When one of them answered last; null before that. */
    newestMs: (): number | null => (seen.size === 0 ? null : Math.max(...[...seen.values()].map(({ atMs }) => atMs))),
  }
}
