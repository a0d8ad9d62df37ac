import type { ScheduledJob } from '@console/contracts/vm/schedule-schemas'

/** A job whose last run ended badly, broke off, or did not come. */
export const needsLook = ({ state }: Pick<ScheduledJob, 'state'>): boolean =>
  state === 'failed' || state === 'interrupted' || state === 'late'

/** How many jobs need a look, and whether one of them only did not come yet. */
export function jobsNeedingLook(jobs: readonly Pick<ScheduledJob, 'state'>[]): { readonly n: number; readonly bad: boolean } {
  const found = jobs.filter(needsLook)
  return { n: found.length, bad: found.some(({ state }) => state !== 'late') }
}
