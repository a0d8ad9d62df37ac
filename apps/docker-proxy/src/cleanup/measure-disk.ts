import { DaemonError } from '@console/verb-kit/problem'
import type { Model } from '../model.ts'
import { type DiskObjects, diskObjects } from './disk-objects.ts'

type Measured = { readonly objects: DiskObjects; readonly measuredAt: string }
export type DiskMeter = {
  /**
   * What was measured last, at once; older than a minute, or five seconds with `again`, and it is measured anew meanwhile. Before the first
   * time it is waited for.
   * @throws DaemonError only while nothing was ever measured
   */
  last(again?: boolean): Promise<Measured & { readonly measuring: boolean; readonly trouble: DaemonError | null }>
  /** What the engine says at a moment after this was asked. @throws DaemonError */
  now(): Promise<Measured>
}

const apartMs = 60_000
const againMs = 5_000
const afterFailureMs = 5_000
const mostBytes = 32 * 1_024 * 1_024
const withinMs = 60_000
const allTypes = '?type=container&type=image&type=volume&type=build-cache'

/** Measures one at a time: older engines answer two at once with an error, and each walks whole folders. @param now monotonic milliseconds */
export function createDiskMeter(model: Pick<Model, 'engine' | 'prefix'>, now: () => number = () => performance.now()): DiskMeter {
  let known: Measured | null = null
  let trouble: DaemonError | null = null
  let underWay: Promise<Measured> | null = null
  let triedAt = Number.NEGATIVE_INFINITY

  const ask = async (): Promise<Measured> => {
    triedAt = now()
    const prefix = model.prefix()
    const path = `${prefix}/system/df${Number(prefix.slice('/v1.'.length)) >= 42 ? allTypes : ''}`
    const measuredAt = new Date().toISOString()
    const { body } = await model.engine.json({ method: 'GET', path, mostBytes, timeoutMs: withinMs })
    return { objects: diskObjects(body), measuredAt }
  }
  const measure = (): Promise<Measured> => {
    underWay ??= ask()
      .then(
        (measured) => {
          trouble = null
          known = measured
          return measured
        },
        (error: unknown) => {
          if (error instanceof DaemonError) trouble = error
          throw error
        },
      )
      .finally(() => {
        underWay = null
      })
    return underWay
  }
  return {
    async last(again = false) {
      if (!known) return { ...(await measure()), measuring: false, trouble: null }
      if (now() - triedAt >= (trouble ? afterFailureMs : again ? againMs : apartMs)) void measure().catch(() => undefined)
      return { ...known, measuring: underWay !== null, trouble }
    },
    async now() {
      // One that is under way began before it was asked.
      await underWay?.catch(() => undefined)
      return measure()
    },
  }
}
