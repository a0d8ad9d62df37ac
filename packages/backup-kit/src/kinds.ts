import type { Collection, Declaration, Doc } from '@console/store/port'

/**
 * What of a service a restore into its living store may bring back. Only what is described so is ever written: everything else that a backup
 * holds, such as sessions, keys and memberships, stays as it is now.
 */
export type RestorableKind = {
  readonly kind: string
  /** In the plural, as a person reads it. */
  readonly label: string
  readonly declaration: Declaration
  /** Through which it is written, so that what is kept in memory of it stays right. */
  readonly collection: Collection<Doc>
  readonly nameOf: (id: string, doc: Doc) => string
  /** What of it stays as it is now, in words; empty where nothing does. */
  readonly stays: string
  /** What is to be written for an object of the backup, given what is there now; null leaves it as it is. */
  readonly merge: (live: Doc | null, kept: Doc) => Doc | null
  /** Whether what the backup lacks may be removed along. */
  readonly removable: boolean
  /** Writes an object that is not there now, where it takes more than one document. False where its place is taken. */
  readonly add?: (pk: string, id: string, doc: Doc) => Promise<boolean>
}

type Described<T extends Doc> = Pick<RestorableKind, 'kind' | 'label' | 'declaration'> & {
  readonly collection: Collection<T>
  readonly nameOf?: (id: string, doc: T) => string
  readonly stays?: string
  readonly merge?: (live: T | null, kept: T) => T | null
  readonly removable?: true
  readonly add?: (pk: string, id: string, doc: T) => Promise<boolean>
}

/** Describes a kind by the type of its documents; without `merge` the backup's object stands in place of the one that is there. */
export function restorable<T extends Doc>({ nameOf, merge, add, ...rest }: Described<T>): RestorableKind {
  return {
    kind: rest.kind,
    label: rest.label,
    declaration: rest.declaration,
    collection: rest.collection as unknown as Collection<Doc>,
    stays: rest.stays ?? '',
    removable: rest.removable === true,
    nameOf: (id, doc) => (nameOf ? nameOf(id, doc as T) : id),
    merge: (live, kept) => (merge ? merge(live as T | null, kept as T) : kept),
    ...(add && { add: (pk, id, doc) => add(pk, id, doc as T) }),
  }
}
