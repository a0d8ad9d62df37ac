import { join } from 'node:path'
import type { NewRow } from '@console/audit-chain/log'
import { openBackupDesk } from '@console/backup-kit/backup-desk'
import { type RestorableKind, restorable } from '@console/backup-kit/kinds'
import { metaOf } from '@console/store/open-store'
import type { DocStore } from '@console/store/port'
import { collections } from './collections.ts'
import type { Config } from './config.ts'
import type { CodeRunDoc, IncidentDoc, RunDoc, ServiceDoc, SettingsDoc, UptimeDoc, VariablesDoc } from './documents.ts'

type Kinds = Readonly<Record<keyof typeof collections, RestorableKind | 'never'>>

/** What happened stays as it is known here; what is not known any more comes back, unless it had not ended. */
const history = <T extends object>(hasEnded: (kept: T) => boolean) => ({
  stays: 'What is known of them here stays as it is.',
  merge: (live: T | null, kept: T): T | null => (live === null && hasEnded(kept) ? kept : null),
})

/** What a restore into the living store brings back, decided for each collection. */
export function kindsOf(store: DocStore): Kinds {
  return {
    services: restorable({
      kind: 'services',
      label: 'Services',
      declaration: collections.services,
      collection: store.collection<ServiceDoc>(collections.services),
      removable: true,
    }),
    variables: restorable({
      kind: 'variables',
      label: 'Variables of services',
      declaration: collections.variables,
      collection: store.collection<VariablesDoc>(collections.variables),
      nameOf: (id, { items }) => `${id}: ${items.map(({ name }) => name).join(', ')}`,
      removable: true,
    }),
    runs: restorable({
      kind: 'runs',
      label: 'Deployments',
      declaration: collections.runs,
      collection: store.collection<RunDoc>(collections.runs),
      nameOf: (_, { number, serviceId }) => `#${number} of ${serviceId}`,
      ...history<RunDoc>(({ open }) => !open),
    }),
    codeRuns: restorable({
      kind: 'codeRuns',
      label: 'Checks of code',
      declaration: collections.codeRuns,
      collection: store.collection<CodeRunDoc>(collections.codeRuns),
      nameOf: (_, { projectPath, queuedAt }) => `${projectPath}, ${queuedAt.slice(0, 16)}`,
      ...history<CodeRunDoc>(({ open }) => !open),
    }),
    incidents: restorable({
      kind: 'incidents',
      label: 'Incidents',
      declaration: collections.incidents,
      collection: store.collection<IncidentDoc>(collections.incidents),
      nameOf: (_, { serviceId, openedAt }) => `${serviceId}, ${openedAt.slice(0, 16)}`,
      ...history<IncidentDoc>(({ open }) => !open),
    }),
    uptime: restorable({
      kind: 'uptime',
      label: 'Days of uptime',
      declaration: collections.uptime,
      collection: store.collection<UptimeDoc>(collections.uptime),
      nameOf: (_, { serviceId, day }) => `${serviceId}, ${day}`,
      ...history<UptimeDoc>(() => true),
    }),
    settings: restorable({
      kind: 'settings',
      label: 'Settings',
      declaration: collections.settings,
      collection: store.collection<SettingsDoc>(collections.settings),
      nameOf: () => 'what is kept, and for how long',
    }),
    agentKeys: 'never',
    idempotency: 'never',
  }
}

type Deps = {
  readonly config: Config
  readonly store: DocStore
  readonly append: (row: NewRow) => Promise<unknown>
  readonly now: () => number
  readonly alarm: (what: string, error: unknown) => void
  readonly restored: () => void
}

/** Backups of what devops-backend keeps in its store. */
export function openBackups({ config, store, ...rest }: Deps) {
  return openBackupDesk({
    ...rest,
    part: 'devops-backend',
    owner: 'do',
    store,
    settings: config.store,
    declarations: [...Object.values(collections), { name: metaOf('do'), fields: {} }],
    encryptionKeys: config.encryptionKeys,
    locks: config.backupLocks,
    folder: join(config.dataDir, 'devops', 'backups'),
    holds: 'services, variables, deployments, incidents, settings; not logs, metrics or audit',
    kinds: Object.values(kindsOf(store)).filter((kind) => kind !== 'never'),
    version: config.version,
    keyFile: config.encryptionKeyFile,
  })
}
