import { uptime } from 'node:os'
import { type Handled, handle } from '@console/verb-kit/handler'
import * as rows from '@console/verbs/cron'
import { readAccounts } from './accounts.ts'
import { listSchedules } from './list-schedules.ts'
import { listUnits } from './list-units.ts'
import { askManagers, managersOf } from './managers.ts'
import { shareLook } from './share-look.ts'

/** What the machine does by itself, and what runs on it under systemd. Who asks within seconds of another gets the same look. */
export function scheduleVerbs({ root, uid, now }: { readonly root: string; readonly uid: number; readonly now: () => Date }): Handled[] {
  const ask = askManagers(uid)
  // Below another root the files are another machine's, and the managers here are not its own.
  const managers = (accounts: ReturnType<typeof readAccounts>) => (root === '/' ? managersOf(accounts, uid) : [])
  const schedules = shareLook(() => listSchedules({ root, managers, ask, now, uptimeMs: () => uptime() * 1_000 }))
  const units = shareLook(() => listUnits(managers(readAccounts(root)), ask, now))
  return [handle(rows.listSchedules, schedules), handle(rows.listUnits, units)]
}
