import { join } from 'node:path'
import type { NewRow } from '@console/audit-chain/log'
import { openBackupDesk } from '@console/backup-kit/backup-desk'
import { type RestorableKind, restorable } from '@console/backup-kit/kinds'
import { metaOf } from '@console/store/open-store'
import type { DocStore } from '@console/store/port'
import { type Collections, declarations, partition } from './collections.ts'
import type { Config } from './config.ts'
import type { UserDoc } from './documents.ts'
import { identifierId } from './identity/email-claims.ts'

type Kinds = Readonly<Record<keyof Collections, RestorableKind | 'never'>>

/**
 * What a restore into the living store brings back, decided for each collection: nothing that lets anybody in. Memberships, sessions, references,
 * tokens, invites and what people sign in with stay as they are now.
 */
function kindsOf({ users, identifiers, products }: Collections): Kinds {
  return {
    users: restorable({
      kind: 'users',
      label: 'People',
      declaration: declarations.users,
      collection: users,
      nameOf: (_, { name, email }) => `${name} <${email}>`,
      stays: 'Who is here keeps e-mail, ways to sign in and state. Who comes back is disabled until an admin lets them in.',
      merge: (live, kept) => (live ? { ...live, name: kept.name } : disabled(kept)),
      async add(pk, id, doc) {
        const entry = identifierId(doc.email)
        const taken = await identifiers.get(partition, entry)
        if (taken && taken.doc.userId !== id) return false
        if (!taken) await identifiers.insert(partition, entry, { v: 1, userId: id, inviteId: null, heldUntil: null, expiresAt: null })
        await users.insert(pk, id, doc)
        return true
      },
    }),
    products: restorable({
      kind: 'products',
      label: 'Products',
      declaration: declarations.products,
      collection: products,
      nameOf: (id, { name }) => `${name} (${id})`,
      stays: 'API path, program and state stay as they are now. One that comes back is retired.',
      merge: (live, kept) => {
        if (!live) return { ...kept, apiPath: null, service: null, status: 'retired' as const }
        const { apiPath, service, status } = live
        const { status: _, ...rest } = kept
        return { ...rest, apiPath, service, ...(status !== undefined && { status }) }
      },
    }),
    identifiers: 'never',
    memberships: 'never',
    sessions: 'never',
    pastSessions: 'never',
    references: 'never',
    throttles: 'never',
    invites: 'never',
    apiTokens: 'never',
    challenges: 'never',
    resets: 'never',
    passkeyQuestions: 'never',
    upstreamFlows: 'never',
    system: 'never',
  }
}

/** Without ways to sign in: those are theirs to set up again, by a link that an admin sends. */
function disabled({ totp: _, totpOffered: __, recovery: ___, passkeys: ____, upstream: _____, ...kept }: UserDoc): UserDoc {
  return { ...kept, password: null, status: 'disabled', disabledReason: 'Came back with a backup.', disabledUntil: null }
}

type Deps = {
  readonly config: Config
  readonly store: DocStore
  readonly collections: Collections
  readonly append: (row: NewRow) => Promise<unknown>
  readonly now: () => number
  readonly alarm: (what: string, error: unknown) => void
}

/** Backups of what platform-service keeps in its store. */
export function openBackups({ config, store, collections, ...rest }: Deps) {
  return openBackupDesk({
    ...rest,
    part: 'platform-service',
    owner: 'pf',
    store,
    settings: config.store,
    declarations: [...Object.values(declarations), { name: metaOf('pf'), fields: {} }],
    encryptionKeys: config.encryptionKeys,
    locks: config.backupLocks,
    folder: join(config.folder, 'backups'),
    holds: 'people, products, memberships, settings, sessions; not audit',
    kinds: Object.values(kindsOf(collections)).filter((kind) => kind !== 'never'),
    version: config.version,
    keyFile: config.encryptionKeyFile,
  })
}
