import { type Handled, handle } from '@console/verb-kit/handler'
import { measureDisk } from '@console/verbs/disk'
import { judgeObjects } from './judge-objects.ts'
import type { DiskMeter } from './measure-disk.ts'
import { sumDisk } from './sum-disk.ts'

/** What is known of the space that Docker takes. */
export function diskVerbs({ meter, now = Date.now }: { readonly meter: DiskMeter; readonly now?: () => number }): Handled[] {
  return [
    handle(measureDisk, async () => {
      const { objects, measuredAt, measuring, trouble } = await meter.last()
      const judged = judgeObjects(objects, { protectedImages: new Map(), now: now() })
      return {
        measuredAt,
        measuring,
        trouble: trouble && { code: trouble.code, message: trouble.message },
        ...sumDisk(objects, judged),
      }
    }),
  ]
}
