import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync, type StatementSync } from 'node:sqlite'
import { readCursor, writeCursor } from './cursor.ts'
import {
  type Collection,
  type Declaration,
  type Doc,
  type DocStore,
  type Op,
  type Placed,
  type Pred,
  type Query,
  type Stored,
  StoreError,
} from './port.ts'
import { checkDoc, checkKeys, checkOps, checkQuery, refuseIfLog } from './rules.ts'
import { createTable, tableOf } from './sqlite-tables.ts'

/**
 * The document store on Node's own SQLite: one file, one process. Every commit is on disk before it is answered
 * (`synchronous=FULL`). A second process that opens the same file is refused; the lock ends with the process that holds it.
 * @param file a path, or `:memory:`
 */
export function openSqliteStore(file: string): DocStore {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const lock = file === ':memory:' ? null : takeLock(`${file}.lock`)
  const db = openFile(file, lock)
  const opened = new Map<string, Collection<Doc>>()
  return {
    collection<T extends Doc>(declaration: Declaration): Collection<T> {
      const known = opened.get(declaration.name) ?? open(db, declaration)
      opened.set(declaration.name, known)
      return known as unknown as Collection<T>
    },
    // A table is made when its collection is opened.
    async ready() {},
    async *everything(declaration) {
      if (!opened.has(declaration.name)) opened.set(declaration.name, open(db, declaration))
      yield* everything(db, declaration)
    },
    async close() {
      db.close()
      if (lock) letGo(lock)
    },
  }
}

/** What the file holds now, as a file of its own; the process that has the store goes on. */
export async function snapshotSqlite(file: string, target: string): Promise<void> {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    await backup(db, target)
  } finally {
    db.close()
  }
}

/** @throws StoreError naming the file and, where the rights are why, the account that lacks them */
function openDatabase(file: string): DatabaseSync {
  try {
    if (file !== ':memory:' && existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK)
    return new DatabaseSync(file)
  } catch (cause) {
    throw unusable(file, cause)
  }
}

function unusable(file: string, cause: unknown): StoreError {
  const { code, message } = cause as NodeJS.ErrnoException
  const why = code === 'EACCES' ? `the account of this process, uid ${process.getuid?.()}, may not read and write it` : message
  return new StoreError('Unavailable', `${file} cannot be opened as a store: ${why}`, { cause })
}

function openFile(file: string, lock: DatabaseSync | null): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    db = openDatabase(file)
    db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=2000; PRAGMA foreign_keys=ON')
    return db
  } catch (cause) {
    db?.close()
    if (lock) letGo(lock)
    throw cause instanceof StoreError ? cause : unusable(file, cause)
  }
}

/** Locks that this process has. Who keeps a collection alone lets the store go, and with it a lock that nobody else refers to. */
const held = new Set<DatabaseSync>()

function letGo(lock: DatabaseSync): void {
  held.delete(lock)
  lock.close()
}

/** https://www.sqlite.org/rescode.html */
const busy = 5

/** An exclusive transaction on a file of its own: the system gives the lock back whatever ends the process. */
function takeLock(file: string): DatabaseSync {
  const lock = openDatabase(file)
  try {
    lock.exec('PRAGMA busy_timeout=0; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
    held.add(lock)
    return lock
  } catch (cause) {
    lock.close()
    if ((cause as { errcode?: number }).errcode !== busy) throw unusable(file, cause)
    throw new StoreError('Unavailable', `${file.replace(/\.lock$/, '')} is open in another process. One process may have it.`, { cause })
  }
}

type Row = { id: string; etag: string; doc: string }

function open(db: DatabaseSync, declaration: Declaration): Collection<Doc> {
  const table = `"${tableOf(declaration.name)}"`
  provision(db, declaration)
  const prepare = keepPrepared(db)
  const statements = {
    get: db.prepare(`SELECT id, etag, doc FROM ${table} WHERE pk = ? AND id = ?`),
    insert: db.prepare(`INSERT INTO ${table} (pk, id, etag, doc) VALUES (?, ?, ?, ?)`),
    replace: db.prepare(`UPDATE ${table} SET etag = ?, doc = ? WHERE pk = ? AND id = ? AND etag = ?`),
    remove: db.prepare(`DELETE FROM ${table} WHERE pk = ? AND id = ? AND etag = ?`),
  }
  const get = (pk: string, id: string): Stored<Doc> | null => {
    const row = statements.get.get(pk, id) as Row | undefined
    return row ? stored(row) : null
  }
  const insert = (pk: string, id: string, doc: Doc): Stored<Doc> => {
    const row = { id, etag: freshEtag(), doc: checkDoc(doc, declaration) }
    translate(() => statements.insert.run(pk, id, row.etag, row.doc))
    return stored(row)
  }
  const replace = (pk: string, id: string, doc: Doc, ifMatch: string): Stored<Doc> => {
    const row = { id, etag: freshEtag(), doc: checkDoc(doc, declaration) }
    const { changes } = translate(() => statements.replace.run(row.etag, row.doc, pk, id, ifMatch))
    if (changes === 0) throw missed(get(pk, id))
    return stored(row)
  }
  const remove = (pk: string, id: string, ifMatch: string): void => {
    const { changes } = translate(() => statements.remove.run(pk, id, ifMatch))
    if (changes === 0) throw missed(get(pk, id))
  }
  const one = (pk: string, op: Op<Doc>): Stored<Doc> | null => {
    if (op.op === 'insert') return insert(pk, op.id, op.doc)
    if (op.op === 'replace') return replace(pk, op.id, op.doc, op.ifMatch)
    remove(pk, op.id, op.ifMatch)
    return null
  }
  return {
    async get(pk, id) {
      checkKeys(pk, id)
      return get(pk, id)
    },
    async insert(pk, id, doc) {
      checkKeys(pk, id)
      return insert(pk, id, doc)
    },
    async replace(pk, id, doc, ifMatch) {
      checkKeys(pk, id)
      refuseIfLog(declaration)
      return replace(pk, id, doc, ifMatch)
    },
    async remove(pk, id, ifMatch) {
      checkKeys(pk, id)
      refuseIfLog(declaration)
      remove(pk, id, ifMatch)
    },
    async find(pk, query) {
      checkKeys(pk)
      checkQuery(query, declaration)
      return find(prepare, declaration, pk, query)
    },
    async batch(pk, ops) {
      checkKeys(pk, ...ops.map(({ id }) => id))
      checkOps(ops, declaration)
      translate(() => db.exec('BEGIN IMMEDIATE'))
      try {
        const results = ops.map((op) => one(pk, op))
        translate(() => db.exec('COMMIT'))
        return results
      } catch (error) {
        // A full disk makes SQLite roll back by itself; rolling back again would hide why.
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
    },
  }
}

/** Makes table and indexes where they are missing; the same declaration twice changes nothing. */
function provision(db: DatabaseSync, declaration: Declaration): void {
  const table = tableOf(declaration.name)
  createTable(db, table)
  for (const field of new Set([...Object.keys(declaration.fields), ...(declaration.sort ?? [])]))
    if (declaration.fields[field] !== 'string[]')
      db.exec(`CREATE INDEX IF NOT EXISTS "${table}_${field}" ON "${table}" (pk, ${at(field)}, id)`)
  for (const set of declaration.unique ?? [])
    db.exec(`CREATE UNIQUE INDEX IF NOT EXISTS "${table}_u_${set.join('_')}" ON "${table}" (pk, ${set.map(at).join(', ')})`)
}

function* everything(db: DatabaseSync, declaration: Declaration): Generator<Placed> {
  const page = db.prepare(`SELECT pk, id, doc FROM "${tableOf(declaration.name)}" WHERE (pk, id) > (?, ?) ORDER BY pk, id LIMIT 500`)
  let last = { pk: '', id: '' }
  while (true) {
    const rows = page.all(last.pk, last.id) as { pk: string; id: string; doc: string }[]
    for (const { pk, id, doc } of rows) yield { pk, id, doc: JSON.parse(doc) as Doc }
    const end = rows.at(-1)
    if (!end) return
    last = end
  }
}

/** A question is asked in the same words again and again: each wording is compiled once. Few are kept, since lists of values vary in length. */
function keepPrepared(db: DatabaseSync): (sql: string) => StatementSync {
  const kept = new Map<string, StatementSync>()
  return (sql) => {
    const statement = kept.get(sql) ?? db.prepare(sql)
    kept.set(sql, statement)
    const [oldest] = kept.keys()
    if (kept.size > mostPrepared && oldest !== undefined) kept.delete(oldest)
    return statement
  }
}

const mostPrepared = 50

function find(prepare: (sql: string) => StatementSync, declaration: Declaration, pk: string, query: Query) {
  const position = readCursor(declaration.name, pk, query)
  const conditions = ['pk = ?']
  const values: (string | number)[] = [pk]
  for (const pred of query.where ?? []) {
    const [text, ...more] = conditionOf(pred)
    conditions.push(text)
    values.push(...more)
  }
  const { f, dir } = query.order ?? { f: null, dir: 'asc' }
  const beyond = dir === 'asc' ? '>' : '<'
  if (position && f === null) {
    conditions.push(`id ${beyond} ?`)
    values.push(position.id)
  } else if (position && f !== null) {
    // The bound on the field alone is redundant, and makes SQLite seek instead of scanning a row-value comparison.
    conditions.push(`${at(f)} ${beyond}= ? AND (${at(f)}, id) ${beyond} (?, ?)`)
    values.push(bound(position.sort ?? ''), bound(position.sort ?? ''), position.id)
  }
  const order = f === null ? `id ${dir}` : `${at(f)} ${dir}, id ${dir}`
  const sql = `SELECT id, etag, doc FROM "${tableOf(declaration.name)}"${indexFor(declaration, query)} WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ?`
  const rows = translate(() => prepare(sql).all(...values, query.limit + 1)) as Row[]
  const items = rows.slice(0, query.limit).map(stored)
  const last = items.at(-1)
  if (rows.length <= query.limit || !last) return { items }
  const sort = f === null ? null : ((last.doc as Record<string, string | number>)[f] ?? null)
  return { items, cursor: writeCursor(declaration.name, pk, query, { sort, id: last.id }) }
}

/**
 * Without statistics SQLite prefers the primary key, and so the whole partition, to an index on an expression: it is told which to take.
 * With an order on a field the index of that field serves already.
 */
function indexFor(declaration: Declaration, { where = [], order }: Query): string {
  if (order) return ''
  const usable = (ops: readonly Pred['op'][]) => where.find(({ f, op }) => ops.includes(op) && declaration.fields[f] !== 'string[]')
  const pred = usable(['eq', 'in']) ?? usable(['lt', 'lte', 'gt', 'gte'])
  return pred ? ` INDEXED BY "${tableOf(declaration.name)}_${pred.f}"` : ''
}

const comparison = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

function conditionOf(pred: Pred): [string, ...(string | number)[]] {
  const field = at(pred.f)
  if (pred.op === 'absent') return [`${field} IS NULL`]
  if (pred.op === 'has') return [`EXISTS (SELECT 1 FROM json_each(doc, '$.${pred.f}') WHERE value = ?)`, pred.v]
  if (pred.op === 'prefix') return [`substr(${field}, 1, ?) = ?`, [...pred.v].length, pred.v]
  if (pred.op === 'in') return [`${field} IN (${pred.v.map(() => '?').join(', ')})`, ...pred.v.map(bound)]
  return [`${field} ${comparison[pred.op]} ?`, bound(pred.v)]
}

/** JSON's true and false are 1 and 0 to SQLite. */
function bound(value: string | number | boolean): string | number {
  return typeof value === 'boolean' ? Number(value) : value
}

function at(field: string): string {
  if (!/^[a-z][A-Za-z0-9]*$/.test(field)) throw new StoreError('Invalid', `${field} is no field name`)
  return `json_extract(doc, '$.${field}')`
}

function stored({ id, etag, doc }: Row): Stored<Doc> {
  return { id, etag, doc: JSON.parse(doc) as Doc }
}

function freshEtag(): string {
  return randomBytes(12).toString('base64url')
}

function missed(current: Stored<Doc> | null): StoreError {
  return current
    ? new StoreError('Precondition', 'the document changed meanwhile')
    : new StoreError('NotFound', 'there is no such document')
}

/** Extended result codes of SQLite: 1555 primary key, 2067 unique index, 5 busy, 13 disk full, 8 read-only, 10 I/O. */
function translate<R>(run: () => R): R {
  try {
    return run()
  } catch (cause) {
    const code = (cause as { errcode?: number }).errcode ?? 0
    if (code === 1555 || code === 2067) throw new StoreError('Conflict', 'the id or a unique field is taken', { cause })
    if ((code & 0xff) === 5) throw new StoreError('Throttled', 'the store is busy', { cause, retryAfterMs: 50 })
    if ([8, 10, 13, 14].includes(code & 0xff)) throw new StoreError('Unavailable', 'the store cannot be written or read', { cause })
    throw cause
  }
}
