import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { StoreSettings } from '@console/store/open-store'
import { readContainer } from '@console/store/read-container'
import { CommandRefused } from './command-line.ts'
import { type LegacyDoc, translateLegacy } from './legacy-people.ts'

export type LegacyCommand = {
  readonly what: 'import-legacy'
  /** The database that holds the containers `users` and `memberships` of before. */
  readonly database: string
  /** The folder that gets the files; null for a dry run. */
  readonly out: string | null
}
/** What the page takes at once. */
const rowsPerFile = 500
const mostTold = 20

/** @returns null where the words are none of this command */
export function readLegacyCommand([what, ...rest]: readonly string[]): LegacyCommand | null {
  if (what !== 'import-legacy' || rest.length % 2 !== 0) return null
  const given = new Map<string, string>()
  for (let at = 0; at < rest.length; at += 2) {
    const [name = '', value = ''] = rest.slice(at, at + 2)
    if (!['--database', '--out'].includes(name) || value === '' || given.has(name)) return null
    given.set(name, value)
  }
  const database = given.get('--database')
  return database === undefined ? null : { what, database, out: given.get('--out') ?? null }
}

/**
 * Reads people of an older console in Cosmos DB and tells what would become of them; with a folder it writes them there as files for the import of Platform
 * Admin, where each is tried, confirmed and recorded. Nothing is written to the database.
 * @returns lines for the terminal @throws CommandRefused StoreError
 */
export async function importLegacy({ database, out }: LegacyCommand, settings: StoreSettings): Promise<string[]> {
  if (settings.driver !== 'cosmos') throw new CommandRefused('Older people lie in Cosmos DB: set COSMOS_ENDPOINT and COSMOS_KEY.')
  const { driver: _, database: __, ...account } = settings
  const all = (container: string): Promise<LegacyDoc[]> => Array.fromAsync(readContainer({ ...account, database, container }))
  const [users, memberships] = [await all('users'), await all('memberships')]
  const { rows, refusals, leftOut } = translateLegacy(users, memberships)
  const files = Array.from({ length: Math.ceil(rows.length / rowsPerFile) }, (__, at) =>
    rows.slice(at * rowsPerFile, (at + 1) * rowsPerFile),
  )
  const lines = [
    `${database}: ${users.length} users, ${memberships.length} memberships`,
    `${rows.length} people can be imported, with ${rows.reduce((sum, row) => sum + row.memberships.length, 0)} memberships`,
    ...refusals.slice(0, mostTold).map(({ container, id, field, rule }) => `refused  ${container} ${id}: ${field}: ${rule}`),
    ...(refusals.length > mostTold ? [`refused  ${refusals.length - mostTold} more`] : []),
    ...(leftOut.length > 0 ? [`not read: ${leftOut.join(', ')}`] : []),
  ]
  if (out === null) return [...lines, 'This was a dry run: --out FOLDER writes the files for the import.']
  for (const [at, part] of files.entries()) writeNew(join(out, `people-${at + 1}.json`), `${JSON.stringify(part, null, 2)}\n`)
  return [...lines, `${files.length} files in ${out}: Platform Admin, People, “Import…” makes invites of them`]
}

/** For its owner alone, and never over another. @throws CommandRefused */
function writeNew(file: string, text: string): void {
  let fd: number
  try {
    fd = openSync(file, 'wx', 0o600)
  } catch (error) {
    throw new CommandRefused(
      `${file} cannot be made (${(error as NodeJS.ErrnoException).code}). Name a folder that is there and holds none.`,
    )
  }
  try {
    writeSync(fd, text)
  } finally {
    closeSync(fd)
  }
}
