import type { Stats } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import type { HomeFiles } from './home-files.ts'
import { type Reason, Unreadable } from './section.ts'

const mostBytes = 8 * 1_073_741_824
const mostLogBytes = 512 * 1_048_576
const tries = 3
const longestValue = 4 * 1_048_576
const magic = 'SQLite format 3\0'

/**
 * Reads a database that another program may be writing at this moment, and leaves no file behind. At rest (no write-ahead log beside it) it is
 * read as an unchanging file, with no lock at all, and the answer is thrown away if it changed meanwhile. With a log it is read through
 * the writer's shared index, which is opened for reading only, so that neither it nor the log can be made or altered by this process.
 * https://sqlite.org/uri.html (immutable), https://sqlite.org/wal.html#read_only_databases
 */
export function readDatabase<T>(files: HomeFiles, name: string, read: (db: DatabaseSync) => T): T {
  for (let attempt = 1; ; attempt += 1) {
    const before = lookAt(files, name)
    const last = attempt === tries
    if (before.journal) {
      // Either in the midst of a transaction, or left so by a writer that died: only a writer may put that right.
      if (last) throw new Unreadable('busy')
    } else
      try {
        const answer = once(files, name, before.live, read)
        if (before.live || isSame(before, lookAt(files, name))) return answer
        if (last) throw new Unreadable('busy')
      } catch (error) {
        const changed = !before.live && !isSame(before, lookAt(files, name))
        const reason = changed ? 'busy' : reasonOfSqlite(error)
        if (last || reason !== 'busy') throw reason === null ? error : new Unreadable(reason)
      }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40)
  }
}

type Looked = { readonly main: Stats; readonly live: boolean; readonly log: boolean; readonly journal: boolean }

function lookAt(files: HomeFiles, name: string): Looked {
  const main = files.file(name)
  if (main.size > mostBytes) throw new Unreadable('too_big')
  if (files.head(name, magic.length).bytes.toString('latin1') !== magic) throw new Unreadable('damaged')
  const beside = (end: string): Stats | null => {
    const info = files.look(`${name}${end}`)
    if (info?.isSymbolicLink()) throw new Unreadable('link')
    if (info && !info.isFile()) throw new Unreadable('not_a_file')
    return info
  }
  const [log, index, journal] = [beside('-wal'), beside('-shm'), beside('-journal')]
  if (log && log.size > mostLogBytes) throw new Unreadable('too_big')
  // A log that holds something, or that somebody has open: the main file alone would show old rows.
  return { main, log: log !== null, live: log !== null && (log.size > 0 || index !== null), journal: journal !== null && journal.size > 0 }
}

function isSame(one: Looked, other: Looked): boolean {
  const { main } = one
  const now = other.main
  return (
    now.ino === main.ino && now.size === main.size && now.mtimeMs === main.mtimeMs && one.log === other.log && !other.live && !other.journal
  )
}

function once<T>(files: HomeFiles, name: string, live: boolean, read: (db: DatabaseSync) => T): T {
  const url = pathToFileURL(files.at(name))
  url.search = live ? '?mode=ro&readonly_shm=1' : '?immutable=1'
  const db = new DatabaseSync(url, {
    readOnly: true,
    timeout: 200,
    allowExtension: false,
    enableDoubleQuotedStringLiterals: false,
    // What a stranger's value may cost: beyond it a statement fails. A limit of the whole heap does nothing here, for Node's SQLite does not count.
    limits: { length: longestValue },
  })
  try {
    db.exec(
      'PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size = -2048',
    )
    return read(db)
  } finally {
    db.close()
  }
}

/** Null for what is no error of SQLite. */
function reasonOfSqlite(error: unknown): Reason | null {
  const { code, errcode = 0 } = error as { code?: string; errcode?: number }
  if (code !== 'ERR_SQLITE_ERROR') return null
  const known: Readonly<Record<number, Reason>> = {
    3: 'permission',
    5: 'busy',
    6: 'busy',
    7: 'too_big',
    8: 'busy',
    14: 'busy',
    18: 'too_big',
  }
  if ((errcode & 0xff) === 1) return 'schema'
  return known[errcode & 0xff] ?? 'damaged'
}

/** The columns of a plain table; a view or a virtual table could make anything happen. @throws Unreadable schema */
export function columnsOf(db: DatabaseSync, table: string): ReadonlySet<string> {
  const made = db.prepare("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?").get(table)
  if (!/^CREATE TABLE /i.test(String(made?.sql ?? ''))) throw new Unreadable('schema')
  // Computed columns are not among them.
  return new Set(
    db
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map((row) => String(row.name)),
  )
}

/** A column for SELECT that is NULL where it takes more bytes; its length is known without reading it. */
export function bounded(name: string, mostBytes: number): string {
  return `iif(octet_length(${name}) <= ${mostBytes}, ${name}, NULL) AS ${name}`
}

export function hasIndex(db: DatabaseSync, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?").get(name) !== undefined
}
