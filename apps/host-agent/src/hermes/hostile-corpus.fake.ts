import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export type Part = 'sessions' | 'cron' | 'memory' | 'skills' | 'gateway'
type Spoil = (home: string) => void

const twoGb = 2 * 1_073_741_824
const texts = ['cron/jobs.json', 'memories/MEMORY.md', 'gateway_state.json']
const lesser = ['config.yaml', 'skills/.usage.json', 'skills/.hub/lock.json', 'cron/ticker_heartbeat']

/** What may be wrong with a home, and why a part of it is then unknown. @param outside a folder elsewhere that links lead to */
export function corpusOf(outside: string): readonly (readonly [string, Spoil, Partial<Record<Part, string>>])[] {
  const linked = (...names: string[]) => each(names, (path, name) => linkAway(path, join(outside, name)))
  const files = { sessions: 'not_a_file', cron: 'not_a_file', memory: 'not_a_file', gateway: 'not_a_file' }
  return [
    ['a database of no bytes', each(['state.db'], (path) => truncateSync(path, 0)), { sessions: 'damaged' }],
    ['a database cut in its header', each(['state.db'], (path) => truncateSync(path, 50)), { sessions: 'damaged' }],
    ['a database cut within a page', each(['state.db'], (path) => truncateSync(path, 6_000)), { sessions: 'damaged' }],
    ['another program’s database', (home) => inDatabase(home, 'DROP TABLE sessions; CREATE TABLE songs (id)'), { sessions: 'schema' }],
    ['a title of 40 MB', (home) => inDatabase(home, "UPDATE sessions SET title = hex(zeroblob(20000000)) WHERE id = 's1'"), {}],
    ['an origin of 40 MB', (home) => inDatabase(home, 'UPDATE sessions SET source = hex(zeroblob(20000000))'), { sessions: 'too_big' }],
    ['2 GB of nothing for a database', each(['state.db'], hollow), { sessions: 'damaged' }],
    ['a log of 2 GB beside the database', each(['state.db-wal'], hollow), { sessions: 'too_big' }],
    ['texts of 2 GB', each(texts, hollow), { cron: 'too_big', memory: 'too_big', gateway: 'too_big' }],
    ['lesser files of 2 GB', each(lesser, hollow), {}],
    ['texts of no bytes', each([...texts, ...lesser], (path) => truncateSync(path, 0)), { cron: 'damaged', gateway: 'damaged' }],
    ['690,000 empty jobs', each(['cron/jobs.json'], (path) => writeFileSync(path, `[${Array(690_000).fill('{}').join()}]`)), bigJobs],
    ['jobs a million lists deep', each(['cron/jobs.json'], (path) => writeFileSync(path, '['.repeat(1_000_000))), bigJobs],
    ['links for files', linked(...texts, 'state.db', ...lesser), { sessions: 'link', cron: 'link', memory: 'link', gateway: 'link' }],
    ['links for folders', linked('cron', 'memories', 'skills'), { cron: 'outside', memory: 'outside', skills: 'link' }],
    ['a link beside the database', linked('state.db-wal'), { sessions: 'link' }],
    ['skills that are links', linked('skills/weather/SKILL.md', 'skills/devops'), {}],
    ['pipes for files', each([...texts, 'state.db', ...lesser, 'skills/weather/SKILL.md'], pipe), files],
    ['a pipe beside the database', each(['state.db-wal'], pipe), { sessions: 'not_a_file' }],
    ['folders for files', each([...texts, 'state.db', ...lesser, 'skills/weather/SKILL.md'], folder), files],
  ]
}
const bigJobs = { cron: 'too_big' }

/** Tables whose columns have names so long that they alone take more memory than a probe may. */
export const wideTables = `PRAGMA writable_schema = ON;
  WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1900),
    wide(text) AS (SELECT group_concat('c' || n || hex(zeroblob(250))) FROM r)
  INSERT INTO sqlite_master SELECT 'table', 't' || n, 't' || n, 2, 'CREATE TABLE t' || n || ' (' || text || ')' FROM r, wide WHERE n <= 100`

export function inDatabase(home: string, sql: string, name = 'state.db'): void {
  const db = new DatabaseSync(join(home, name), { defensive: false })
  db.exec(sql)
  db.close()
}

export function linkAway(path: string, to: string): void {
  rmSync(path, { recursive: true, force: true })
  symlinkSync(to, path)
}

function each(names: readonly string[], act: (path: string, name: string) => void): Spoil {
  return (home) => {
    for (const name of names) act(join(home, name), name)
  }
}

function hollow(path: string): void {
  writeFileSync(path, '')
  truncateSync(path, twoGb)
}

function pipe(path: string): void {
  rmSync(path, { force: true })
  execFileSync('mkfifo', [path])
}

function folder(path: string): void {
  rmSync(path)
  mkdirSync(path)
}
