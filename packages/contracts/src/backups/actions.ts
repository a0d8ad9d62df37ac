import { z } from 'zod'
import { type Api, defineAction } from '../action.ts'
import { queryInt } from '../args.ts'
import { Digest, Reason } from '../shapes.ts'
import {
  Backup,
  BackupId,
  BackupRules,
  BackupRulesChange,
  BackupsState,
  RestoreChange,
  RestoreLack,
  RestoreObject,
  RestorePlan,
} from './schemas.ts'

const pagesOfPlan = z.strictObject({ after: queryInt(0, 10_000_000).optional(), limit: queryInt(1, 5_000).optional() })
/** `next` is what `after` is on the next page; null on the last. */
const pageOfPlan = <T extends z.ZodType>(item: T) => z.strictObject({ items: z.array(item), total: z.int(), next: z.int().nullable() })

/** Both services keep backups of their own state by the same routes; ids are told apart by their first word. */
function backupActionsOf<const M extends 'backups' | 'platformBackups'>(api: Api, module: M) {
  const at = { api, auth: 'session' } as const
  return {
    listBackups: defineAction({
      ...at,
      id: `${module}.file.list`,
      method: 'GET',
      path: '/backups',
      risk: 'read',
      role: 'operator',
      summary: 'List the backups of this service, with what opens them, and how old the last restore drill is.',
      success: { status: 200, body: BackupsState },
      errors: [],
    }),
    makeBackup: defineAction({
      ...at,
      id: `${module}.file.make`,
      method: 'POST',
      path: '/backups',
      risk: 'change',
      summary: 'Make an encrypted backup of this service now; `why` stands in the list.',
      body: z.strictObject({ why: Reason.optional() }),
      success: { status: 202, body: Backup },
      errors: ['BACKUP_BUSY', 'DISK_UNAVAILABLE'],
      audit: { target: { result: 'id' }, fields: { why: 'keep' } },
    }),
    verifyBackup: defineAction({
      ...at,
      id: `${module}.file.verify`,
      method: 'POST',
      path: '/backups/:id/verify',
      risk: 'change',
      summary: 'Restore a backup into an empty store beside the living one, export that again and compare the two.',
      params: z.strictObject({ id: BackupId }),
      success: { status: 202, body: Backup },
      errors: ['BACKUP_NOT_FOUND', 'BACKUP_BUSY', 'DISK_UNAVAILABLE'],
      audit: { target: { param: 'id' }, fields: {} },
    }),
    downloadBackup: defineAction({
      ...at,
      id: `${module}.file.download`,
      method: 'GET',
      path: '/backups/:id/download',
      risk: 'read',
      role: 'admin',
      factor: 'fresh',
      summary: 'Download a backup as it lies on the disk, encrypted.',
      params: z.strictObject({ id: BackupId }),
      success: { status: 200, file: 'application/octet-stream' },
      errors: ['BACKUP_NOT_FOUND', 'BACKUP_REFUSED', 'AUTH_STEP_UP_REQUIRED'],
      audit: { target: { param: 'id' }, fields: {} },
    }),
    updateBackupRules: defineAction({
      ...at,
      id: `${module}.rules.update`,
      method: 'PUT',
      path: '/backups/rules',
      risk: 'change',
      role: 'admin',
      summary: 'Set how many backups stay, and how old the last restore drill may become.',
      body: BackupRulesChange,
      success: { status: 200, body: BackupRules },
      errors: [],
      audit: { target: { fixed: 'rules' }, fields: { keep: 'keep', nights: 'keep', weeks: 'keep', months: 'keep', drillDays: 'keep' } },
    }),
    confirmBackupKey: defineAction({
      ...at,
      id: `${module}.key.confirm`,
      method: 'POST',
      path: '/backups/key/confirm',
      risk: 'change',
      role: 'admin',
      summary: 'Say that a copy of the key that opens the backups lies elsewhere.',
      body: z.strictObject({ keyId: z.string().regex(/^[0-9a-f]{16}$/) }),
      success: { status: 204 },
      errors: ['BACKUP_KEY_UNKNOWN'],
      audit: { target: { body: 'keyId' }, fields: { keyId: 'keep' } },
    }),
    planRestore: defineAction({
      ...at,
      id: `${module}.restore.plan`,
      method: 'POST',
      path: '/restore/plan',
      risk: 'read',
      role: 'admin',
      summary: 'List exactly what a restore into the living store would add, replace and keep.',
      body: z.strictObject({ backupId: BackupId, remove: z.array(RestoreObject).max(1_000).optional() }),
      success: { status: 200, body: z.strictObject({ plan: RestorePlan, digest: Digest }) },
      errors: ['BACKUP_NOT_FOUND', 'BACKUP_REFUSED', 'BACKUP_BUSY', 'RESTORE_OBJECT_REFUSED'],
    }),
    listRestoreChanges: defineAction({
      ...at,
      id: `${module}.restore.changes`,
      method: 'GET',
      path: '/restore/plans/:digest/changes',
      risk: 'read',
      role: 'admin',
      summary: 'Read on in what the plan of a restore changes, up to 5,000 at a time.',
      params: z.strictObject({ digest: Digest }),
      query: pagesOfPlan,
      success: { status: 200, body: pageOfPlan(RestoreChange) },
      errors: ['PLAN_NOT_FOUND', 'PLAN_EXPIRED'],
    }),
    listRestoreLacking: defineAction({
      ...at,
      id: `${module}.restore.lacking`,
      method: 'GET',
      path: '/restore/plans/:digest/lacking',
      risk: 'read',
      role: 'admin',
      summary: 'Read on in what is here and not in the backup of a plan, up to 5,000 at a time.',
      params: z.strictObject({ digest: Digest }),
      query: pagesOfPlan,
      success: { status: 200, body: pageOfPlan(RestoreLack) },
      errors: ['PLAN_NOT_FOUND', 'PLAN_EXPIRED'],
    }),
    runRestore: defineAction({
      ...at,
      id: `${module}.restore.run`,
      method: 'POST',
      path: '/restore',
      risk: 'destroy',
      summary: 'Carry out exactly the plan of a restore, after a backup of how things are now.',
      body: z.strictObject({ digest: Digest, reason: Reason.optional() }),
      success: { status: 202, body: z.strictObject({ backupId: BackupId }) },
      errors: [
        'PLAN_NOT_FOUND',
        'PLAN_EXPIRED',
        'PLAN_USED',
        'PLAN_CHANGED',
        'BACKUP_NOT_FOUND',
        'BACKUP_REFUSED',
        'BACKUP_BUSY',
        'DISK_UNAVAILABLE',
      ],
      audit: { target: { body: 'digest' }, fields: { digest: 'keep', reason: 'keep' }, facts: ['backupId'] },
      confirm: 'What is listed goes back to how the backup has it. A backup of now is made first, so that this can be taken back.',
    }),
  } as const
}

export const devopsBackups = backupActionsOf('devops', 'backups')
export const platformBackups = backupActionsOf('platform', 'platformBackups')
/** The actions of either service; they differ in ids and address alone. */
export type BackupActions = typeof devopsBackups | typeof platformBackups
