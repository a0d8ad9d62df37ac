import { BackupRefused } from './refused.ts'

/** The parts whose state is kept, each with the folder that it has in its data. What is not named here is in no backup, and comes out of none. */
export const keptParts = {
  'platform-service': { folder: 'platform', store: true, migrations: [] },
  'devops-backend': { folder: 'devops', store: true, migrations: [] },
  'docker-proxy': { folder: 'docker-proxy', store: false, migrations: [] },
} as const satisfies Record<string, { readonly folder: string; readonly store: boolean; readonly migrations: readonly string[] }>
export type KeptPart = keyof typeof keptParts

/** The changes of its documents that a part of this version knows, as its own migrations.ts names them. */
export const knownMigrations = (part: KeptPart): readonly string[] => keptParts[part].migrations

export function isKeptPart(name: string): name is KeptPart {
  return Object.hasOwn(keptParts, name)
}

/** Files beside the store: the part's key, and its log with the statements on it. Each is a plain file with one exact name. */
export function isKeptFile(part: KeptPart, path: string): boolean {
  if (path === 'key.pem') return true
  const [folder, name = '', more] = path.split('/')
  if (folder !== 'audit' || more !== undefined || !name.startsWith(part)) return false
  return /^(-[0-9]{12,15}\.log|\.checkpoint|\.checkpoints)$/.test(name.slice(part.length))
}

/** The file of the store, inside the part's folder. */
export const storeFile = 'store.db'

/** What a service whose documents lie in a hosted store put there for a backup; it goes once it was read. */
export const exportedFile = 'exported.db'

/** @throws BackupRefused hostile for a part that none has */
export function partNamed(name: unknown): KeptPart {
  if (typeof name === 'string' && isKeptPart(name)) return name
  throw new BackupRefused('hostile', 'The backup holds a part that the console does not have.')
}
