import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { headOf } from '@console/backups/read-backup'
import type { Backup, BackupCheck, BackupLock, BackupRules, RestoreReceipt } from '@console/contracts/backups/schemas'
import { type ActorRef, Instant } from '@console/contracts/shapes'
import type { Declaration, DocStore } from '@console/store/port'

/** What is remembered of a backup beside its file. */
export type BackupDoc = {
  readonly v: 1
  readonly kind: 'backup'
  readonly state: 'making' | 'made' | 'failed'
  readonly madeAt: string
  readonly by: ActorRef
  readonly why: string | null
  readonly version: string
  readonly sizeBytes: number | null
  readonly documents: number | null
  readonly lock: BackupLock | null
  readonly check: BackupCheck | null
  readonly problem: string | null
}
type RulesDoc = { readonly v: 1; readonly kind: 'rules' } & BackupRules
type KeyDoc = { readonly v: 1; readonly kind: 'key'; readonly at: string; readonly by: ActorRef }
type ReceiptDoc = { readonly v: 1; readonly kind: 'receipt' } & RestoreReceipt
type BookDoc = BackupDoc | RulesDoc | KeyDoc | ReceiptDoc

/** No restore into a living store touches it: it tells what was done, and not what is. */
export const bookDeclaration = (owner: 'pf' | 'do'): Declaration => ({ name: `${owner}_backups`, fields: {} })
const pk = 'backups'
export const defaultRules: BackupRules = { keep: 14, drillDays: 30 }
const idForm = /^([a-z][a-z-]{0,39}-[0-9]{8}T[0-9]{6}Z)\.backup$/
const most = 1_000
/** How many that failed are remembered. */
const failedKept = 10

export type BackupBook = ReturnType<typeof openBackupBook>

/** The backups of a folder and what is known of each, kept in the store. */
export function openBackupBook({
  store,
  owner,
  folder,
}: {
  readonly store: DocStore
  readonly owner: 'pf' | 'do'
  readonly folder: string
}) {
  const docs = store.collection<BookDoc>(bookDeclaration(owner))
  const fileOf = (id: string): string => join(folder, `${id}.backup`)
  const put = async (id: string, doc: BookDoc): Promise<void> => {
    const stored = await docs.get(pk, id)
    await (stored ? docs.replace(pk, id, doc, stored.etag) : docs.insert(pk, id, doc))
  }
  const drop = async (id: string): Promise<void> => {
    const stored = await docs.get(pk, id)
    if (stored) await docs.remove(pk, id, stored.etag)
  }
  const one = async <K extends BookDoc['kind']>(id: string, kind: K): Promise<Extract<BookDoc, { kind: K }> | null> => {
    const doc = (await docs.get(pk, id))?.doc
    return doc?.kind === kind ? (doc as Extract<BookDoc, { kind: K }>) : null
  }
  const all = async (): Promise<{ readonly id: string; readonly doc: BackupDoc }[]> => {
    const { items } = await docs.find(pk, { limit: most })
    return items.flatMap(({ id, doc }) => (doc.kind === 'backup' ? [{ id, doc }] : [])).sort(newestFirst)
  }
  return {
    fileOf,
    all,
    one: async (id: string): Promise<BackupDoc | null> => one(id, 'backup'),
    put: (id: string, doc: BackupDoc) => put(id, doc),
    sizeOf: (id: string): number | null => (existsSync(fileOf(id)) ? statSync(fileOf(id)).size : null),
    rules: async (): Promise<BackupRules> => {
      const found = await one('rules', 'rules')
      return found ? { keep: found.keep, drillDays: found.drillDays } : defaultRules
    },
    setRules: (rules: BackupRules) => put('rules', { v: 1, kind: 'rules', ...rules }),
    confirmedKey: (keyId: string) => one(`key-${keyId}`, 'key'),
    confirmKey: (keyId: string, at: string, by: ActorRef) => put(`key-${keyId}`, { v: 1, kind: 'key', at, by }),
    receipt: async (): Promise<RestoreReceipt | null> => {
      const found = await one('restored', 'receipt')
      if (!found) return null
      const { v: _, kind: __, ...receipt } = found
      return receipt
    },
    setReceipt: (receipt: RestoreReceipt) => put('restored', { v: 1, kind: 'receipt', ...receipt }),
    /** Removes the files of all but the newest that were made, and what is remembered of them. @returns their ids */
    async prune(keep: number, spare?: string): Promise<string[]> {
      const known = await all()
      const made = known.filter(({ id, doc }) => doc.state === 'made' && id !== spare)
      const old = [
        ...made.filter(({ id }) => existsSync(fileOf(id))).slice(keep),
        ...known.filter(({ doc }) => doc.state === 'failed').slice(failedKept),
      ]
      for (const { id } of old) {
        rmSync(fileOf(id), { force: true })
        await drop(id)
      }
      return old.map(({ id }) => id)
    },
    /** At the start: what was under way has failed, and files that somebody put into the folder are taken in by what they say of themselves. */
    async takeStock(): Promise<void> {
      const known = new Map((await all()).map(({ id, doc }) => [id, doc]))
      for (const [id, doc] of known)
        if (doc.state === 'making') await put(id, { ...doc, state: 'failed', problem: 'The service ended while it was made.' })
      for (const name of existsSync(folder) ? readdirSync(folder) : []) {
        if (name.endsWith('.part') || name.startsWith('.work-')) rmSync(join(folder, name), { recursive: true, force: true })
        const id = idForm.exec(name)?.[1]
        const doc = id && !known.has(id) ? await adopted(fileOf(id)) : null
        if (id && doc) await put(id, doc)
      }
    },
  }
}

/** Null for what is no backup: it is left alone. */
async function adopted(file: string): Promise<BackupDoc | null> {
  const head = await headOf(file).catch(() => null)
  if (!head || !Instant.safeParse(head.made.at).success) return null
  const by: ActorRef = { kind: 'anonymous', id: 'file', name: head.made.by }
  return {
    v: 1,
    kind: 'backup',
    state: 'made',
    madeAt: head.made.at,
    by,
    why: 'found in the folder',
    version: head.made.version,
    sizeBytes: statSync(file).size,
    documents: null,
    lock: { by: head.key.by, keyId: head.key.id },
    check: null,
    problem: null,
  }
}

function newestFirst(a: { readonly doc: BackupDoc }, b: { readonly doc: BackupDoc }): number {
  return a.doc.madeAt < b.doc.madeAt ? 1 : -1
}

/** As the API tells it. */
export function viewOf(id: string, doc: BackupDoc, { present, opens, current }: Record<'present' | 'opens' | 'current', boolean>): Backup {
  const { v: _, kind: __, ...told } = doc
  return { id, ...told, state: doc.state === 'made' && !present ? 'gone' : doc.state, opens: opens && present, current }
}
