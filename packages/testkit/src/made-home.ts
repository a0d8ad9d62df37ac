import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Texts that no reader of a home may ever show. */
export const canaries = ['CANARY-env', 'CANARY-config', 'CANARY-message', 'CANARY-memory', 'CANARY-user', 'CANARY-prompt', 'CANARY-chat']

const first =
  'id TEXT PRIMARY KEY, source TEXT NOT NULL, user_id TEXT, model TEXT, system_prompt TEXT, parent_session_id TEXT, started_at REAL NOT NULL, ended_at REAL, end_reason TEXT, message_count INTEGER DEFAULT 0, cwd TEXT, title TEXT, archived INTEGER NOT NULL DEFAULT 0'

/** The columns that releases of these schemas have, as far as they matter here: 0.16, 0.17, 0.18.0, 0.18.2, 0.19.0 and 0.20.3. */
const columnsOf = {
  14: first,
  16: first,
  17: `${first}, session_key TEXT, chat_id TEXT, git_branch TEXT`,
  19: `${first}, session_key TEXT, chat_id TEXT, git_branch TEXT, display_name TEXT, origin_json TEXT`,
  22: `${first}, session_key TEXT, chat_id TEXT, git_branch TEXT, display_name TEXT, origin_json TEXT`,
  26: `${first}, session_key TEXT, chat_id TEXT, git_branch TEXT, display_name TEXT, origin_json TEXT, hidden INTEGER NOT NULL DEFAULT 0, pinned INTEGER DEFAULT 0, last_activity_at REAL`,
} as const
export type Schema = keyof typeof columnsOf

/** A folder for homes of one test. */
export const homesFolder = (inside = tmpdir()): string => mkdtempSync(join(inside, 'hermes-homes-'))

/** A home as releases of that schema leave it, with a canary wherever something private lies. */
export function makeHome(home: string, schema: Schema = 22, { wal = true, sessions = 3 } = {}): string {
  for (const folder of ['cron', 'memories', 'skills/devops/disk-report', 'skills/weather', 'skills/.hub'])
    mkdirSync(join(home, folder), { recursive: true })
  const write = (name: string, text: string): void => writeFileSync(join(home, name), text)
  write('.env', 'KEY=CANARY-env\n')
  write(
    'config.yaml',
    'model:\n  api_key: CANARY-config\nskills:\n  disabled: [weather]\nmemory:\n  memory_char_limit: 900\n  provider: honcho\n',
  )
  write('memories/MEMORY.md', 'CANARY-memory one\n§\nCites § 5 inside\n§\n\n§\nthree\nlines\nhere')
  write('memories/USER.md', 'CANARY-user')
  write('skills/devops/disk-report/SKILL.md', '---\nname: disk-report\ndescription: "Tells: how full"\nversion: 1.0.0\n---\nCANARY-prompt')
  write('skills/weather/SKILL.md', '---\nname: weather\ndescription: key: value: more\n---\n')
  write('skills/.hub/lock.json', '{"installed":{"weather":{}}}')
  write('skills/.usage.json', '{"disk-report":{"use_count":3,"last_used_at":"2026-11-20T10:00:00+00:00"}}')
  write(
    'cron/jobs.json',
    JSON.stringify({ jobs: [job('a1', {}), job('a2', { enabled: false, last_status: 'error', last_error: 'password=CANARY-prompt' })] }),
  )
  write('cron/ticker_heartbeat', '1795882509.71')
  write(
    'gateway_state.json',
    JSON.stringify({ pid: 5, start_time: 7, gateway_state: 'running', platforms: { telegram: { state: 'connected' } } }),
  )
  const db = new DatabaseSync(join(home, 'state.db'))
  db.exec(
    `PRAGMA journal_mode = ${wal ? 'WAL' : 'DELETE'}; CREATE TABLE schema_version (version INTEGER); CREATE TABLE sessions (${columnsOf[schema]})`,
  )
  db.exec('CREATE TABLE messages (id INTEGER PRIMARY KEY, session_id TEXT, role TEXT, content TEXT, timestamp REAL)')
  db.exec('CREATE INDEX idx_messages_session ON messages(session_id, timestamp); CREATE INDEX idx_sessions_source ON sessions(source)')
  db.prepare('INSERT INTO schema_version VALUES (?)').run(schema)
  const add = db.prepare(
    'INSERT INTO sessions (id, source, user_id, model, started_at, ended_at, message_count, title) VALUES (?,?,?,?,?,?,?,?)',
  )
  for (let n = 0; n < sessions; n += 1) {
    const at = 1_795_000_000 + n * 100
    add.run(
      `s${n}`,
      n % 2 ? 'telegram' : 'cli',
      'CANARY-chat',
      'lab-model',
      at,
      null,
      2,
      n === 0 ? '<b>\u001b[31mred\u001b[0m</b>' : `Session ${n}`,
    )
    db.prepare("INSERT INTO messages (session_id, role, content, timestamp) VALUES (?, 'user', 'CANARY-message', ?)").run(`s${n}`, at + 50)
  }
  add.run('hidden-tool', 'tool', null, null, 1_795_900_000, null, 0, null)
  db.close()
  return home
}

export const job = (id: string, more: object): object => ({
  ...{ id, name: `job ${id}`, prompt: 'CANARY-prompt', schedule_display: 'every 30m', enabled: true, state: 'scheduled' },
  ...{
    next_run_at: '2026-11-28T09:00:00+00:00',
    last_run_at: '2026-11-27T09:00:00+00:00',
    last_status: 'ok',
    deliver: 'telegram:CANARY-chat',
  },
  ...more,
})

/** Every file of a home with what it holds, its owner and when it was written: what a reader must leave as it was. */
export function pictureOf(folder: string, inside = ''): Record<string, string> {
  return Object.assign(
    {},
    ...readdirSync(join(folder, inside), { withFileTypes: true }).map((entry) => {
      const name = join(inside, entry.name)
      const { uid, gid, mode, ino, mtimeMs, size } = statSync(join(folder, name))
      const facts = [uid, gid, mode, ino, mtimeMs, size].join()
      if (entry.isDirectory()) return { [name]: facts, ...pictureOf(folder, name) }
      return {
        [name]: `${facts} ${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}`,
      }
    }),
  )
}
