import type { RecentUse as Answer, Metrics } from '@console/contracts/system/schemas'

/** The last minutes of each container, in memory: a list of many would else read the history of all from disk. */
export type RecentUse = {
  keep(metrics: Metrics): void
  read(): Answer
}

const minutesKept = 10
const digits = 4

/** @param everySec how far apart looks are; a look that failed leaves a gap of as many steps as are missing */
export function keepRecentUse({ everySec, now }: { readonly everySec: number; readonly now: () => number }): RecentUse {
  const stepMs = everySec * 1_000
  const steps = (minutesKept * 60) / everySec
  const stepOf = (ms: number): number => Math.floor(ms / stepMs)
  const looks = new Map<number, ReadonlyMap<string, number>>()
  const forget = (newest: number): void => {
    for (const step of looks.keys()) if (step <= newest - steps || step > newest) looks.delete(step)
  }
  return {
    keep({ asOf, containers }) {
      const step = stepOf(Date.parse(asOf))
      const known = 'unknown' in containers ? [] : containers.items
      looks.set(step, new Map(known.flatMap(({ id, cores }) => (cores === null ? [] : [[id, Number(cores.toPrecision(digits))]]))))
      forget(step)
    },
    read() {
      const newest = stepOf(now())
      forget(newest)
      // The step of this moment may not be measured yet, which is no gap.
      const last = looks.has(newest) ? newest : newest - 1
      const at = Array.from({ length: steps }, (_, index) => looks.get(last - steps + 1 + index))
      const ids = new Set([...looks.values()].flatMap((look) => [...look.keys()]))
      return { stepSec: everySec, items: [...ids].map((id) => ({ id, cores: at.map((look) => look?.get(id) ?? null) })) }
    },
  }
}
