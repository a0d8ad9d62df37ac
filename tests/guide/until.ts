import { setTimeout as pause } from 'node:timers/promises'
import { until as untilAtOnce } from '@console/testkit/daemon-harness'

/** As a person looks again: no more often than the console lets one ask, whatever else was asked before. Fails with what it was when it did not come. */
export function until<T>(what: string, look: () => Promise<T | null | false | undefined>, withinMs: number): Promise<T> {
  return untilAtOnce(what, async () => (await look()) || pause(2_500).then(() => null), withinMs)
}
