/** Restores a backup, or ends a restore, and kills itself before its nth change of the disk: `restore|end N ALL KEPT FILE KEY`. */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import process from 'node:process'

const [verb, nth, every, kept = '', file = '', encryptionKey = ''] = process.argv.slice(2)
const names = ['linkSync', 'renameSync', 'rmdirSync', 'rmSync', 'unlinkSync', 'mkdirSync'] as const
const more = ['openSync', 'writeSync', 'fsyncSync', 'closeSync'] as const
let seen = 0
const calls = fs as unknown as Record<string, (...args: unknown[]) => unknown>
for (const name of [...names, ...(every === 'all' ? more : [])]) {
  const real = calls[name]
  calls[name] = (...args) => {
    seen += 1
    if (seen === Number(nth)) process.kill(process.pid, 'SIGKILL')
    return real?.(...args)
  }
}
syncBuiltinESMExports()

const { endRestore, restoreBackup } = await import('./restore-backup.ts')
const targets = [
  { part: 'devops-backend', folder: `${kept}/backend/devops`, encryptionKey },
  { part: 'platform-service', folder: `${kept}/platform/platform`, encryptionKey },
] as const
const plan = `${kept}/restoring.plan`
if (verb === 'end') endRestore({ targets, plan })
else await restoreBackup({ file, locks: [{ by: 'key', secret: encryptionKey }], targets, plan })
