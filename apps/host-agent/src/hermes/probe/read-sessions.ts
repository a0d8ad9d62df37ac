import type { DatabaseSync } from 'node:sqlite'
import type { HomeFiles } from './home-files.ts'
import { bounded, columnsOf, hasIndex, readDatabase } from './open-database.ts'
import { countOf, instantOf, type Listed, textOf, Unreadable } from './section.ts'

/** A conversation by its outside: of what was said in it nothing is ever selected. */
export type SessionItem = {
  readonly id: string
  readonly title: string | null
  readonly source: string
  readonly model: string | null
  readonly messages: number | null
  readonly startedAt: string | null
  readonly lastActivityAt: string | null
  readonly ended: boolean
}

const most = 50
const wanted = ['title', 'model', 'message_count', 'ended_at', 'last_activity_at']
const longestText = 1_048_576

/** Releases differ in columns, which are only ever added: what is not there is left out, without the first three there is nothing to tell. */
export function readSessions(files: HomeFiles): Listed<SessionItem> {
  return readDatabase(files, 'state.db', (db) => {
    const has = columnsOf(db, 'sessions')
    if (!['id', 'source', 'started_at'].every((name) => has.has(name))) throw new Unreadable('schema')
    const columns = ['id', 'source', 'started_at', ...wanted.filter((name) => has.has(name))].map((name) => bounded(name, longestText))
    const shown = ['archived', 'hidden'].filter((name) => has.has(name)).map((name) => ` AND ${name} = 0`)
    const rows = db
      .prepare(
        // Sorted by row numbers alone: of the many that are not shown no text is carried along.
        `SELECT ${columns.join()} FROM sessions WHERE rowid IN
           (SELECT rowid FROM sessions WHERE source <> 'tool'${shown.join('')} ORDER BY started_at DESC LIMIT ?) ORDER BY started_at DESC`,
      )
      .all(most)
    const activity = activityOf(db)
    const items = rows.map((row): SessionItem => {
      const id = textOf(row.id, 100) ?? '-'
      return {
        id,
        title: textOf(row.title, 200),
        source: textOf(row.source, 40) ?? '-',
        model: textOf(row.model, 200),
        messages: countOf(row.message_count),
        startedAt: instantOf(row.started_at),
        lastActivityAt: instantOf(row.last_activity_at) ?? activity?.(id) ?? instantOf(row.ended_at) ?? instantOf(row.started_at),
        ended: typeof row.ended_at === 'number',
      }
    })
    // By an index alone: the rows themselves hold long texts, and archived ones are therefore counted too.
    const total = Number(db.prepare("SELECT count(*) AS n FROM sessions WHERE source <> 'tool'").get()?.n ?? 0)
    return { items, total, truncated: items.length >= most && total > items.length }
  })
}

/** When somebody last wrote in a session, from the index alone; null where there is no such index, for then it would read every message. */
function activityOf(db: DatabaseSync): ((id: string) => string | null) | null {
  if (!hasIndex(db, 'idx_messages_session')) return null
  const statement = db.prepare('SELECT max(timestamp) AS at FROM messages INDEXED BY idx_messages_session WHERE session_id = ?')
  return (id) => instantOf(statement.get(id)?.at)
}
