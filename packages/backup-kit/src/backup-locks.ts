import { type Lock, leastPassphrase } from '@console/backups/backup-keys'

/** What opens the backups of a service; the first locks new ones: the passphrase that people keep, where there is one, else its own key. */
export function locksOf(encryptionKeys: readonly [string, ...string[]], passphrase: string | undefined): readonly [Lock, ...Lock[]] {
  const [first, ...before] = encryptionKeys.map((secret) => ({ by: 'key', secret }) as const)
  const keys = [first as Lock, ...before] as const
  return passphrase === undefined ? keys : [{ by: 'passphrase', secret: passphrase }, ...keys]
}

/** One line where it is too short. */
export function passphraseProblems(passphrase: string | undefined): string[] {
  return passphrase !== undefined && passphrase.length < leastPassphrase
    ? [`BACKUP_PASSPHRASE is shorter than ${leastPassphrase} characters.`]
    : []
}
