import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyStore } from './copy-store.ts'
import { openCosmosStore } from './cosmos.ts'
import { type Migration, runMigrations } from './migrations.ts'
import { metaOf, openStore, type StoreOwner, type StoreSettings } from './open-store.ts'
import type { Declaration, DocStore } from './port.ts'
import { openSqliteStore, snapshotSqlite } from './sqlite.ts'

export type StoreCommand =
  | { readonly what: 'store:migrate'; readonly dryRun: boolean }
  | { readonly what: 'store:copy'; readonly to: 'sqlite' | 'cosmos' }
type Options = {
  readonly owner: StoreOwner
  readonly declarations: readonly Declaration[]
  readonly migrations: readonly Migration[]
  /** Settings of the store that the service uses, or of the one that is named. @throws Error with what is missing */
  readonly settings: (driver?: 'sqlite' | 'cosmos') => StoreSettings
}

export const storeUsage = (program: string): string => `${program} store:migrate [--dry-run]\n${program} store:copy --to cosmos|sqlite`

/** @returns null where the words are none of such a command */
export function readStoreCommand([what, ...rest]: readonly string[]): StoreCommand | null {
  if (what === 'store:migrate' && rest.every((word) => word === '--dry-run') && rest.length < 2) return { what, dryRun: rest.length === 1 }
  const [flag, to, ...more] = rest
  if (what !== 'store:copy' || flag !== '--to' || (to !== 'cosmos' && to !== 'sqlite') || more.length > 0) return null
  return { what, to }
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

/** @returns lines for the terminal */
export async function carryOutInStore(command: StoreCommand, options: Options): Promise<string[]> {
  return command.what === 'store:copy' ? copy(command.to, options) : migrate(command.dryRun, options)
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
  const folder = mkdtempSync(join(tmpdir(), 'store-trial-'))
  try {
    const file = join(folder, 'store.db')
    if (existsSync(settings.file)) await snapshotSqlite(settings.file, file)
    return await withStore(openSqliteStore(file), (store) => work(store, true))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function copy(to: 'sqlite' | 'cosmos', { owner, declarations, settings }: Options): Promise<string[]> {
  const [source, target] = [settings(to === 'cosmos' ? 'sqlite' : 'cosmos'), settings(to)]
  if (source.driver === 'sqlite' && !existsSync(source.file))
    throw new Error(`There is no store at ${source.file}. Set DATA_DIR as for the service.`)
  const byName = new Map(declarations.map((declaration) => [declaration.name, declaration]))
  const sums = await withStore(await openStore(source, owner, { waitMs: 0 }), async (from) =>
    withStore(await openStore(target, owner, { waitMs: 0 }), (into) => copyStore(from, into, [...byName.values()])),
  )
  return [
    ...sums.map(({ collection, documents, sha256 }) => `${collection}  ${documents} documents  ${sha256}`),
    `Both stores hold the same. Set STORE=${to} and start the service; what is in the other one stays there.`,
  ]
}

async function withStore<R>(store: DocStore, work: (store: DocStore) => Promise<R>): Promise<R> {
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
