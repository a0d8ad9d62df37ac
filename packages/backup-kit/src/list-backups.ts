import { keyId, type Lock } from '@console/backups/backup-keys'
import type { Backup, BackupsState } from '@console/contracts/backups/schemas'
import type { BackupBook, BackupDoc } from './backup-book.ts'
import type { BackupDeskDeps } from './desk-deps.ts'
import type { WorkDesk } from './work-desk.ts'

type LockRef = { readonly by: Lock['by']; readonly keyId: string }
const refOfLock = ({ by, secret }: Lock): LockRef => ({ by, keyId: by === 'key' ? keyId(secret) : '' })

/** Whether a backup opens with what is set now, and whether that is what new ones are locked with; `lock` is the one of new ones. */
export function keyOf(doc: BackupDoc | null, locks: readonly [Lock, ...Lock[]]): { lock: LockRef; opens: boolean; current: boolean } {
  const [lock] = locks
  const all = locks.map(refOfLock)
  const isOf = (one: LockRef): boolean => one.by === doc?.lock?.by && one.keyId === doc.lock.keyId
  return { lock: refOfLock(lock), opens: all.some(isOf), current: isOf(refOfLock(lock)) }
}

const dayMs = 86_400_000
const runsShown = 50

/** As the API tells it; what it is kept for where that is known. */
export type Told = (id: string, doc: BackupDoc, keptFor?: Backup['keptFor']) => Backup

type Facts = {
  readonly deps: BackupDeskDeps
  readonly book: BackupBook
  readonly desk: Pick<WorkDesk, 'work' | 'runs'>
  readonly told: Told
  readonly nowMs: number
}

/** Everything that the page of backups shows. */
export async function stateOf({ deps, book, desk, told, nowMs }: Facts): Promise<BackupsState> {
  const [known, rules, restored, runs] = await Promise.all([book.all(), book.rules(), book.receipt(), desk.runs()])
  const kept = book.keptOf(known, rules, { nowMs })
  const items = known.map(({ id, doc }) => told(id, doc, kept.get(id)))
  const { lock } = keyOf(null, deps.locks)
  const confirmed = lock.by === 'key' ? await book.confirmedKey(lock.keyId) : null
  const drills = items.flatMap(({ id, check }) => (check ? [{ backupId: id, check }] : []))
  const [drill] = drills.sort((a, b) => (a.check.at < b.check.at ? 1 : -1))
  const passedAt = drills.find(({ check }) => check.state === 'passed')?.check.at
  const present = items.filter(({ state }) => state === 'made')
  const older = new Map<string, { keyId: string; backups: number; opens: boolean }>()
  for (const { lock: of, opens, current } of present)
    if (of && !current) {
      const name = of.by === 'key' ? of.keyId : 'passphrase'
      older.set(name, { keyId: name, backups: (older.get(name)?.backups ?? 0) + 1, opens })
    }
  return {
    items,
    nextCursor: null,
    service: deps.part,
    holds: deps.holds,
    totalBytes: present.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0),
    rules,
    key: {
      lock,
      file: deps.keyFile,
      confirmed: confirmed && { at: confirmed.at, by: confirmed.by },
      older: [...older.values()],
      backups: present.filter(({ current }) => current).length,
    },
    drill: drill ?? null,
    drillLate: passedAt === undefined || nowMs - Date.parse(passedAt) > rules.drillDays * dayMs,
    work: desk.work(),
    runs: runs.slice(0, runsShown),
    restored,
  }
}
