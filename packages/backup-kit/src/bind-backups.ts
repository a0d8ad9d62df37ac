import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { BackupActions, devopsBackups } from '@console/contracts/backups/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { BackupDesk } from './backup-desk.ts'

/** The routes of backups, alike at both services. */
export function bindBackups(actions: BackupActions, desk: BackupDesk): BoundAction[] {
  // Bodies and answers are the same at both; only ids differ.
  const { listBackups, makeBackup, verifyBackup, downloadBackup, updateBackupRules, confirmBackupKey, planRestore, runRestore } =
    actions as typeof devopsBackups
  return [
    bind(listBackups, () => desk.list()),
    bind(makeBackup, ({ ctx, body }) => desk.make(ctx, body.why)),
    bind(verifyBackup, ({ ctx, params }) => desk.verify(ctx, params.id)),
    bind(downloadBackup, async ({ ctx, params }) => {
      const file = await desk.fileOf(params.id)
      ctx.setHeader('content-disposition', `attachment; filename="${basename(file)}"`)
      ctx.setHeader('content-length', String(statSync(file).size))
      return createReadStream(file) as AsyncIterable<Uint8Array>
    }),
    bind(updateBackupRules, ({ body }) => desk.setRules(body)),
    bind(confirmBackupKey, ({ ctx, body }) => desk.confirmKey(ctx, body.keyId)),
    bind(planRestore, ({ body }) => desk.planRestore(body.backupId, body.remove ?? [])),
    bind(runRestore, ({ ctx, body }) => desk.runRestore(ctx, body.digest)),
  ]
}
