import { type Declaration, type Doc, type DocStore, StoreError } from './port.ts'

/**
 * One change of stored documents. Within a release it only adds, so that the version before can go on reading; it is done once, and doing it to a
 * document twice must change nothing the second time.
 */
export type Migration = {
  /** Sorts: `0001-what`. Never used again. */
  readonly id: string
  readonly collection: Declaration
  readonly partition: string
  /** @returns the document as it should be, or null where it is so already */
  readonly change: (doc: Doc) => Doc | null
}
type StateDoc = {
  readonly state: 'running' | 'done'
  /** Where to go on; absent at the start and at the end. */
  readonly after?: string
  readonly seen: number
  readonly changed: number
  readonly startedAt: string
  readonly endedAt?: string
}
export type MigrationReport = {
  readonly id: string
  readonly state: 'done before' | 'done' | 'would run'
  readonly seen: number
  readonly changed: number
}
type Options = {
  readonly store: DocStore
  /** Collection of what was done, one for each service. */
  readonly meta: string
  readonly migrations: readonly Migration[]
  readonly now: () => number
  /** Looks at every document and writes nothing. */
  readonly dryRun?: boolean
}
const pageSize = 100
/** Of a service’s `…_meta`: a document for each migration. */
export const migrationsPartition = 'schema'

/**
 * Does what was not done yet, in order. After each page it is written down how far it came, on condition that nobody else wrote that down: so it goes on
 * where it was interrupted, and of two that run at the same time one ends with an error.
 * @throws StoreError
 */
export async function runMigrations({ store, meta, migrations, now, dryRun = false }: Options): Promise<MigrationReport[]> {
  const ids = migrations.map(({ id }) => id)
  if (ids.some((id, at) => !/^\d{4}-[a-z0-9-]+$/.test(id) || (at > 0 && id <= (ids[at - 1] ?? ''))))
    throw new StoreError('Invalid', `migrations must be named 0001-what and stand in order: ${ids.join(', ')}`)
  const states = store.collection<StateDoc>({ name: meta, fields: {} })
  const reports: MigrationReport[] = []
  for (const migration of migrations) {
    const kept = await states.get(migrationsPartition, migration.id)
    if (kept?.doc.state === 'done') {
      reports.push({ id: migration.id, state: 'done before', seen: kept.doc.seen, changed: kept.doc.changed })
      continue
    }
    const fresh: StateDoc = { state: 'running', seen: 0, changed: 0, startedAt: new Date(now()).toISOString() }
    if (dryRun) {
      reports.push({ id: migration.id, state: 'would run', ...(await walk(store, migration, kept?.doc ?? fresh, { write: false })) })
      continue
    }
    let at = kept ?? (await states.insert(migrationsPartition, migration.id, fresh))
    const counted = await walk(store, migration, at.doc, {
      write: true,
      reached: async (seen, changed, after) => {
        at = await states.replace(migrationsPartition, migration.id, { ...at.doc, seen, changed, after }, at.etag)
      },
    })
    const { after: _after, ...rest } = at.doc
    await states.replace(
      migrationsPartition,
      migration.id,
      { ...rest, ...counted, state: 'done', endedAt: new Date(now()).toISOString() },
      at.etag,
    )
    reports.push({ id: migration.id, state: 'done', ...counted })
  }
  return reports
}

type Walk = { readonly write: boolean; readonly reached?: (seen: number, changed: number, after: string) => Promise<void> }

async function walk(store: DocStore, { collection, partition: pk, change }: Migration, from: StateDoc, { write, reached }: Walk) {
  const documents = store.collection<Doc>(collection)
  let { seen, changed, after } = from
  while (true) {
    const page = await documents.find(pk, { limit: pageSize, ...(after !== undefined && { after }) })
    for (const { id, doc, etag } of page.items) {
      seen += 1
      const next = change(doc)
      if (next === null) continue
      changed += 1
      if (write) await documents.replace(pk, id, next, etag)
    }
    after = page.cursor
    if (after === undefined) return { seen, changed }
    await reached?.(seen, changed, after)
  }
}
