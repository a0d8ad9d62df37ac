import { type ActionFigures, type ActionMeasure, type MeasuredService, stepSeconds } from '@console/contracts/apm/schemas'

/** What happened between two readings of one service, or since its start where it started in between. */
export function since(before: readonly ActionFigures[] | null, now: readonly ActionFigures[]): ActionFigures[] {
  const old = new Map(before?.map((one) => [one.action, one]))
  return now.flatMap((one) => {
    const was = old.get(one.action)
    if (!was) return [one]
    const more = {
      action: one.action,
      done: one.done - was.done,
      refused: one.refused - was.refused,
      failed: one.failed - was.failed,
      steps: one.steps.map((count, at) => count - (was.steps[at] ?? 0)),
    }
    return more.done + more.refused + more.failed === 0 ? [] : [more]
  })
}

/** Sums over the same action, in the order in which they came first. */
export function summed(all: Iterable<ActionFigures>): ActionFigures[] {
  const sums = new Map<string, ActionFigures>()
  for (const one of all) sums.set(one.action, added(sums.get(one.action), one))
  return [...sums.values()]
}

/** All of them as one. */
export function together(all: readonly ActionFigures[]): ActionFigures {
  return all.reduce<ActionFigures>((sum, one) => added(sum, { ...one, action: sum.action }), nothing)
}

const nothing: ActionFigures = { action: 'all', done: 0, refused: 0, failed: 0, steps: [...stepSeconds.map(() => 0), 0] }

function added(sum: ActionFigures | undefined, one: ActionFigures): ActionFigures {
  if (!sum) return one
  return {
    action: one.action,
    done: sum.done + one.done,
    refused: sum.refused + one.refused,
    failed: sum.failed + one.failed,
    steps: sum.steps.map((count, at) => count + (one.steps[at] ?? 0)),
  }
}

type Rates = Omit<ActionMeasure, 'service' | 'action'>

export function ratesOf({ done, refused, failed, steps }: ActionFigures, coveredSec: number): Rates {
  const requests = done + refused + failed
  return {
    requests,
    perMinute: coveredSec > 0 ? rounded((requests / coveredSec) * 60) : 0,
    refused,
    failed,
    p50Ms: quantileMs(steps, 0.5),
    p95Ms: quantileMs(steps, 0.95),
    p99Ms: quantileMs(steps, 0.99),
  }
}

/**
 * As `histogram_quantile` of Prometheus: evenly spread within the step that holds it. What took longer than the last bound is told as that
 * bound. Null of nothing.
 */
export function quantileMs(steps: readonly number[], share: number): number | null {
  const total = steps.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const rank = share * total
  let below = 0
  for (const [at, most] of stepSeconds.entries()) {
    const count = steps[at] ?? 0
    if (below + count >= rank && count > 0) {
      const least = stepSeconds[at - 1] ?? 0
      return rounded((least + (most - least) * ((rank - below) / count)) * 1_000)
    }
    below += count
  }
  return (stepSeconds.at(-1) ?? 0) * 1_000
}

export function measuresOf(service: MeasuredService, sums: readonly ActionFigures[], coveredSec: number): ActionMeasure[] {
  return sums.map((one) => ({ service, action: one.action, ...ratesOf(one, coveredSec) }))
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
