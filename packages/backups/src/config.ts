import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Lock, leastPassphrase } from './backup-keys.ts'
import { type KeptPart, keptParts } from './kept-parts.ts'
import type { Source } from './make-backup.ts'

export type Config = {
  /** Every part, its folder, and the key that it seals values with. */
  readonly sources: readonly Source[]
  /** What opens a backup; the first one locks a new one. */
  readonly locks: readonly [Lock, ...Lock[]]
  readonly folder: string
  readonly version: string
}

/**
 * KEPT_DIR holds the data of each part in a folder with its name; BACKUP_DIR takes the backups. KEPT_STORE is `cosmos` where the services export their
 * documents for a backup. A passphrase, where there is one, locks
 * new backups; else platform-service's key does.
 * @throws Error with one line a problem
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []
  const secret = (name: string): string | undefined => {
    const file = env[`${name}_FILE`]
    if (!file) return undefined
    try {
      return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined
    } catch (error) {
      problems.push(`${name}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
      return undefined
    }
  }
  const keys: Partial<Record<KeptPart, string | undefined>> = {
    'platform-service': secret('PLATFORM_ENCRYPTION_KEY'),
    'devops-backend': secret('DEVOPS_ENCRYPTION_KEY'),
  }
  const passphrase = secret('BACKUP_PASSPHRASE')
  if (passphrase !== undefined && passphrase.length < leastPassphrase)
    problems.push(`BACKUP_PASSPHRASE is shorter than ${leastPassphrase} characters.`)
  const locks = [
    ...(passphrase === undefined ? [] : [{ by: 'passphrase', secret: passphrase } as const]),
    ...Object.values(keys).flatMap((key) => (key === undefined ? [] : [{ by: 'key', secret: key } as const])),
  ]
  const [first, ...more] = locks
  if (!first) problems.push('There is nothing to lock a backup with: set PLATFORM_ENCRYPTION_KEY_FILE or BACKUP_PASSPHRASE_FILE.')
  if (!first || problems.length > 0) throw new Error(problems.join('\n'))
  const kept = env.KEPT_DIR ?? '/kept'
  const sources = (Object.keys(keptParts) as KeptPart[]).map((part) => {
    const encryptionKey = keys[part]
    const exported = keptParts[part].store && env.KEPT_STORE === 'cosmos'
    return { part, folder: join(kept, part, keptParts[part].folder), exported, ...(encryptionKey !== undefined && { encryptionKey }) }
  })
  return { sources, locks: [first, ...more], folder: env.BACKUP_DIR ?? '/backups', version: env.CONSOLE_VERSION ?? 'unknown' }
}
