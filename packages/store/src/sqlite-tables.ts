import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from './port.ts'

/** The table of a collection, made where it is missing. @throws StoreError Invalid for a name that none can have */
export function createTable(db: DatabaseSync, name: string): void {
  db.exec(
    `CREATE TABLE IF NOT EXISTS "${tableOf(name)}" (pk TEXT NOT NULL, id TEXT NOT NULL, etag TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (pk, id)) WITHOUT ROWID`,
  )
}

export function tableOf(name: string): string {
  if (!/^[a-z][a-z0-9_]{1,60}$/.test(name)) throw new StoreError('Invalid', `${name} is no collection name`)
  return name
}
