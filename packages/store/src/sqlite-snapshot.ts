import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createTable } from './sqlite-tables.ts'

/** A document as it lies in the store: its collection, partition and id, and its text. */
export type Kept = { readonly collection: string; readonly pk: string; readonly id: string; readonly text: string }
export type Snapshot = {
  /** How many documents there are. */
  count(): number
  /** Every document of one moment, by collection, partition and id, in the order of bytes. */
  each(): Generator<Kept>
  close(): void
}

/** A store as it is at this moment, while its service goes on: what is committed later is not seen. It holds no lock that a writer waits for. */
export function openSnapshot(file: string): Snapshot {
  const db = new DatabaseSync(file, { readOnly: true })
  db.exec('PRAGMA busy_timeout=2000; BEGIN')
  // The moment is that of the first read.
  const tables = (
    db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").all() as {
      name: string
    }[]
  ).map(({ name }) => name)
  return {
    count: () => tables.reduce((sum, collection) => sum + Number(db.prepare(`SELECT count(*) AS n FROM "${collection}"`).get()?.n), 0),
    *each() {
      for (const collection of tables)
        for (const row of db.prepare(`SELECT pk, id, doc FROM "${collection}" ORDER BY pk, id`).iterate())
          yield { collection, pk: String(row.pk), id: String(row.id), text: String(row.doc) }
    },
    close() {
      db.exec('ROLLBACK')
      db.close()
    },
  }
}

export type Filling = { put(kept: Kept): void; close(): void }

/** A new store that is given documents as they were kept. Indexes come when its service opens it. What is put is on disk once it is closed. */
export function fillStore(file: string, newEtag: () => string): Filling {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; BEGIN')
  const inserts = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  return {
    put({ collection, pk, id, text }) {
      let insert = inserts.get(collection)
      if (!insert) {
        createTable(db, collection)
        insert = db.prepare(`INSERT INTO "${collection}" (pk, id, etag, doc) VALUES (?, ?, ?, ?)`)
        inserts.set(collection, insert)
      }
      insert.run(pk, id, newEtag(), text)
    },
    close() {
      db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
      db.close()
    },
  }
}
