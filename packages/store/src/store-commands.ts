import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type CopiedLog, compareCopy } from './audit-copy.ts'
import { assertTakes, copyStore, sumOf } from './copy-store.ts'
import { openCosmosStore } from './cosmos.ts'
import { exportStore } from './export-store.ts'
import { type Migration, runMigrations } from './migrations.ts'
import { metaOf, openStore, type StoreOwner, type StoreSettings } from './open-store.ts'
import type { Declaration, DocStore } from './port.ts'
import { openSqliteStore, snapshotSqlite } from './sqlite.ts'

export type StoreCommand =
  | { readonly what: 'store:migrate'; readonly dryRun: boolean }
  | { readonly what: 'store:copy'; readonly to: 'sqlite' | 'cosmos'; readonly dryRun: boolean }
  | { readonly what: 'store:export'; readonly file: string }
  | { readonly what: 'store:compare' | 'store:compare-audit' }
type Options = {
  readonly owner: StoreOwner
  readonly declarations: readonly Declaration[]
  readonly migrations: readonly Migration[]
  /** Settings of the store that the service uses, or of the one that is named. @throws Error with what is missing */
  readonly settings: (driver?: 'sqlite' | 'cosmos') => StoreSettings
  /** The service's own audit log, held by this process until it is closed. @throws Error where another process has it */
  readonly openLog: () => Promise<CopiedLog & { readonly close: () => Promise<void> }>
}

const words = [
  'store:migrate [--dry-run]',
  'store:copy --to cosmos|sqlite [--dry-run]',
  'store:export NAME',
  'store:compare',
  'store:compare-audit',
]
export const storeUsage = (program: string): string => words.map((one) => `${program} ${one}`).join('\n')

/** @returns null where the words are none of such a command */
export function readStoreCommand([what, ...rest]: readonly string[]): StoreCommand | null {
  if (what === 'store:migrate' && rest.every((word) => word === '--dry-run') && rest.length < 2) return { what, dryRun: rest.length === 1 }
  if ((what === 'store:compare' || what === 'store:compare-audit') && rest.length === 0) return { what }
  const [flag, to, trial, ...more] = rest
  if (what === 'store:export' && flag !== undefined && to === undefined && /^[a-z]+\.db$/.test(flag) && flag !== 'store.db')
    return { what, file: flag }
  if (what !== 'store:copy' || flag !== '--to' || (to !== 'cosmos' && to !== 'sqlite') || more.length > 0) return null
  if (trial !== undefined && trial !== '--dry-run') return null
  return { what, to, dryRun: trial === '--dry-run' }
}

/** Carries it out and tells how it went. @returns the exit status */
export async function runStoreCommand(command: StoreCommand, options: Options): Promise<0 | 1> {
  try {
    for (const line of await carryOutInStore(command, options)) console.log(line)
    return 0
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
}

/** @returns lines for the terminal @throws Error also where what was compared differs */
export async function carryOutInStore(command: StoreCommand, options: Options): Promise<string[]> {
  switch (command.what) {
    case 'store:copy':
      return command.dryRun ? tryCopy(command.to, options) : copy(command.to, options)
    case 'store:export':
      return exportIt(command.file, options)
    case 'store:compare':
      return compare(options)
    case 'store:compare-audit':
      return compareAudit(options)
    case 'store:migrate':
      return migrate(command.dryRun, options)
  }
}

async function migrate(dryRun: boolean, { owner, migrations, settings }: Options): Promise<string[]> {
  const what = { meta: metaOf(owner), migrations, now: Date.now }
  const reports = await (dryRun
    ? onTrial(settings(), (store, isCopy) => runMigrations({ store, ...what, dryRun: !isCopy }))
    : withStore(await openStore(settings(), owner, { waitMs: 0 }), (store) => runMigrations({ store, ...what })))
  const told = { done: dryRun ? 'would run' : 'done', 'done before': 'done before', 'would run': 'would run' }
  const lines = reports.map(({ id, state, seen, changed }) => `${id}  ${told[state]}  ${seen} documents, ${changed} changed`)
  return lines.length === 0 ? ['There is nothing to migrate.'] : lines
}

/** The service may go on: a file is copied and the copy is migrated for good; a hosted store is read and nothing is written. */
async function onTrial<R>(settings: StoreSettings, work: (store: DocStore, isCopy: boolean) => Promise<R>): Promise<R> {
  if (settings.driver === 'cosmos') return withStore(await openCosmosStore(settings), (store) => work(store, false))
  // Beside the store: where temporary files go, a container has little room.
  const folder = mkdtempSync(join(existsSync(dirname(settings.file)) ? dirname(settings.file) : tmpdir(), 'store-trial-'))
  try {
    const file = join(folder, 'store.db')
    if (existsSync(settings.file)) await snapshotSqlite(settings.file, file)
    return await withStore(openSqliteStore(file), (store) => work(store, true))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function copy(to: 'sqlite' | 'cosmos', options: Options): Promise<string[]> {
  const sums = await withBoth(to, options, copyStore)
  return [
    ...sums.map(({ collection, documents, sha256 }) => `${collection}  ${documents} documents  ${sha256}`),
    `Both stores hold the same. Set STORE=${to} and start the service; what is in the other one stays there.`,
  ]
}

/** The services may go on, and no document is written: containers that a hosted store lacks are made, empty. */
async function tryCopy(to: 'sqlite' | 'cosmos', options: Options): Promise<string[]> {
  const { source, target, collections } = endsOf(to, options)
  await onTrial(source, (from) => onTrial(target, (into) => assertTakes(from, into, collections)))
  return [`Nothing is in the way: ${collections.length} collections can be copied.`]
}

async function compare(options: Options): Promise<string[]> {
  const lines: string[] = []
  let differing = 0
  await withBoth('cosmos', options, async (sqlite, cosmos, declarations) => {
    for (const declaration of declarations) {
      const [here, there] = [await sumOf(sqlite, declaration), await sumOf(cosmos, declaration)]
      const same = here.sha256 === there.sha256 && here.documents === there.documents
      if (!same) differing += 1
      lines.push(
        same
          ? `${here.collection}  ${here.documents} documents  ${here.sha256}`
          : `${here.collection}  DIFFERS: ${here.documents} documents in SQLite, ${there.documents} in Cosmos DB`,
      )
    }
  })
  if (differing > 0) throw new Error([...lines, `The stores differ in ${differing} of ${lines.length} collections.`].join('\n'))
  return [...lines, 'Both stores hold the same.']
}

async function exportIt(name: string, { owner, declarations, settings }: Options): Promise<string[]> {
  const [used, beside] = [settings(), settings('sqlite')]
  if (used.driver === 'sqlite' || beside.driver !== 'sqlite')
    throw new Error('The store is SQLite: what makes backups reads its file, and needs no export.')
  const file = join(dirname(beside.file), name)
  const { sums, bounds } = await withStore(await openCosmosStore(used), (store) => exportStore(store, { owner, declarations, file }))
  return [
    ...sums.map(({ collection, documents }) => `${collection}  ${documents} documents`),
    `Read from ${bounds.readFrom} to ${bounds.readTo}, each document as it was when its turn came; the last change is of ${bounds.newest ?? 'no time'}.`,
  ]
}

async function compareAudit({ owner, settings, openLog }: Options): Promise<string[]> {
  const used = settings()
  if (used.driver === 'sqlite') throw new Error('Audit logs are copied to Cosmos DB only, and the store is SQLite.')
  const log = await openLog()
  try {
    const { compared, differences } = await withStore(await openCosmosStore(used), (store) => compareCopy({ log, store, owner }))
    if (differences.length === 0) return [`${log.name}  ${compared} rows, and the copy says the same.`]
    const shown = differences.slice(0, 10).map(({ seq, what }) => `row ${seq}  ${what}`)
    throw new Error([...shown, `${log.name}: the copy differs in ${differences.length} rows; ${compared} were compared.`].join('\n'))
  } finally {
    await log.close()
  }
}

type Work<R> = (from: DocStore, into: DocStore, declarations: readonly Declaration[]) => Promise<R>

/** From where to where, and each collection once. @throws Error where there is nothing to copy */
function endsOf(to: 'sqlite' | 'cosmos', { declarations, settings }: Options) {
  const [source, target] = [settings(to === 'cosmos' ? 'sqlite' : 'cosmos'), settings(to)]
  if (source.driver === 'sqlite' && !existsSync(source.file))
    throw new Error(`There is no store at ${source.file}. Set DATA_DIR as for the service.`)
  return { source, target, collections: [...new Map(declarations.map((declaration) => [declaration.name, declaration])).values()] }
}

/** Both stores, held for this process alone, and each collection once. */
async function withBoth<R>(to: 'sqlite' | 'cosmos', options: Options, work: Work<R>): Promise<R> {
  const { source, target, collections } = endsOf(to, options)
  return withStore(await openStore(source, options.owner, { waitMs: 0 }), async (from) =>
    withStore(await openStore(target, options.owner, { waitMs: 0 }), (into) => work(from, into, collections)),
  )
}

async function withStore<R>(store: DocStore, work: (store: DocStore) => Promise<R>): Promise<R> {
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
