import type { BackupActions, devopsBackups } from '@console/contracts/backups/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { BackupDesk } from './backup-desk.ts'

/** The routes of backups, alike at both services. */
export function bindBackups(actions: BackupActions, desk: BackupDesk): BoundAction[] {
  // Bodies and answers are the same at both; only ids differ.
  const { listBackups, makeBackup, verifyBackup, downloadBackup, updateBackupRules, confirmBackupKey, planRestore, runRestore, ...pages } =
    actions as typeof devopsBackups
  return [
    bind(listBackups, () => desk.list()),
    bind(makeBackup, ({ ctx, body }) => desk.make(ctx, body.why)),
    bind(verifyBackup, ({ ctx, params }) => desk.verify(ctx, params.id)),
    bind(downloadBackup, async ({ ctx, params }) => {
      const { sizeBytes, bytes } = await desk.openFile(params.id)
      ctx.setHeader('content-disposition', `attachment; filename="${params.id}.backup"`)
      ctx.setHeader('content-length', String(sizeBytes))
      return bytes
    }),
    bind(updateBackupRules, ({ body }) => desk.setRules(body)),
    bind(confirmBackupKey, ({ ctx, body }) => desk.confirmKey(ctx, body.keyId)),
    bind(planRestore, ({ body }) => desk.planRestore(body.backupId, body.remove ?? [])),
    bind(pages.listRestoreChanges, ({ params, query }) => desk.changesOf(params.digest, query)),
    bind(pages.listRestoreLacking, ({ params, query }) => desk.lackingOf(params.digest, query)),
    bind(runRestore, ({ ctx, body }) => desk.runRestore(ctx, body)),
  ]
}
