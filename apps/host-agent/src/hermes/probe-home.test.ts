import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { canaries, homesFolder, job, makeHome, pictureOf } from '@console/testkit/made-home'
import { afterAll, describe, expect, it } from 'vitest'
import { checkDocument } from './check-document.ts'
import type { ProbeDocument } from './probe/document.ts'
import { startProbe } from './start-probe.ts'

const base = homesFolder()
const self = { uid: null, gid: null, home: '/', ownUid: process.getuid?.() ?? 0 }
const withinMs = 30_000
let n = 0
const fresh = (...made: Parameters<typeof makeHome> extends [string, ...infer R] ? R : never): string => {
  n += 1
  return makeHome(join(base, `home-${n}`), ...made)
}
const look = async (home: string): Promise<ProbeDocument> => {
  const answer = await startProbe(home, self, { withinMs })
  if (typeof answer === 'string') throw new Error(answer)
  return answer
}
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe('the probe of a home', () => {
  it.each([14, 16, 17, 19, 22, 26] as const)('tells of a home of schema %i, and nothing private', async (schema) => {
    const home = fresh(schema)
    const before = pictureOf(home)
    const told = await look(home)
    expect(told.sessions).toMatchObject({ status: 'up', total: 3, truncated: false })
    expect(told.sessions.items.map(({ id, title, source }) => [id, title, source])).toEqual([
      ['s2', 'Session 2', 'cli'],
      ['s1', 'Session 1', 'telegram'],
      ['s0', '<b>red</b>', 'cli'],
    ])
    expect(told.sessions.items[0]?.lastActivityAt).toBe(new Date(1_795_000_250_000).toISOString())
    expect(told.memory).toMatchObject({ status: 'up', total: 3 })
    expect(told.memory.items.map(({ lines }) => lines)).toEqual([1, 1, 3])
    expect(told.memoryFacts).toMatchObject({ limitCharacters: 900, externalProvider: 'honcho', userFile: true })
    expect(told.skills.items).toMatchObject([
      { name: 'disk-report', category: 'devops', description: 'Tells: how full', provenance: 'local', disabled: false, uses: 3 },
      { name: 'weather', category: null, description: 'key: value: more', provenance: 'hub', disabled: true, uses: null },
    ])
    expect(told.cron.items).toMatchObject([
      { id: 'a1', state: 'scheduled', delivers: 'telegram', runs: null },
      { id: 'a2', state: 'paused', lastError: 'password=[masked]' },
    ])
    expect(told.gateway).toMatchObject({ status: 'up', state: 'running', pid: 5, startTicks: 7 })
    expect(told.disk.parts.map(({ name }) => name)).toContain('state.db')
    for (const canary of canaries) expect(JSON.stringify(told)).not.toContain(canary)
    expect(pictureOf(home)).toEqual(before)
  })

  it.each([true, false])('reads beside a writer that has the database open, and alters none of its files (log: %s)', async (wal) => {
    const home = fresh(26, { wal })
    const writer = new DatabaseSync(join(home, 'state.db'))
    writer.exec("INSERT INTO sessions (id, source, started_at, title) VALUES ('new', 'cli', 1795999999, 'Just now')")
    const before = pictureOf(home)
    expect((await look(home)).sessions.items[0]).toMatchObject({ id: 'new', title: 'Just now' })
    expect(pictureOf(home)).toEqual(before)
    writer.exec("UPDATE sessions SET title = 'Written after' WHERE id = 'new'; PRAGMA wal_checkpoint(TRUNCATE)")
    expect((await look(home)).sessions.items[0]).toMatchObject({ title: 'Written after' })
    writer.close()
  })

  it('says busy in the midst of a transaction without a log, and reads a log whose writer died', async () => {
    const home = fresh(22, { wal: false })
    const writer = new DatabaseSync(join(home, 'state.db'))
    writer.exec("BEGIN; UPDATE sessions SET title = 'half'; PRAGMA cache_spill = 1")
    writer.exec("INSERT INTO sessions (id, source, started_at) VALUES ('x', 'cli', 1)")
    expect((await look(home)).sessions).toMatchObject({ status: 'unknown', reason: 'busy', items: [] })
    writer.exec('ROLLBACK')
    writer.close()
    const died = fresh(22)
    const script = `const { DatabaseSync } = require('node:sqlite'); const db = new DatabaseSync(process.argv[1])
      db.exec("INSERT INTO sessions (id, source, started_at) VALUES ('late', 'cli', 1799999999)"); process.kill(process.pid, 'SIGKILL')`
    try {
      execFileSync(process.execPath, ['-e', script, join(died, 'state.db')], { stdio: 'ignore' })
    } catch {
      // It was to die.
    }
    const before = pictureOf(died)
    expect((await look(died)).sessions.items[0]).toMatchObject({ id: 'late' })
    expect(pictureOf(died)).toEqual(before)
  })

  it('says of what is missing, damaged, a link, a pipe, strange or too big, why it is unknown, and tells the rest', async () => {
    const spoilt: readonly [string, (home: string) => void, keyof ProbeDocument, string][] = [
      ['no database', (home) => rmSync(join(home, 'state.db')), 'sessions', 'not_initialised'],
      ['an empty database', (home) => truncateSync(join(home, 'state.db'), 0), 'sessions', 'damaged'],
      ['half a database', (home) => truncateSync(join(home, 'state.db'), 5_000), 'sessions', 'damaged'],
      ['no database at all', (home) => writeFileSync(join(home, 'state.db'), 'text '.repeat(1_000)), 'sessions', 'damaged'],
      ['a strange schema', (home) => inDatabase(home, 'DROP TABLE sessions; CREATE TABLE sessions (id TEXT)'), 'sessions', 'schema'],
      ['a view without end', (home) => inDatabase(home, `DROP TABLE sessions; CREATE VIEW sessions AS ${endless}`), 'sessions', 'schema'],
      ['a database that is a link', (home) => moved(home, 'state.db'), 'sessions', 'link'],
      ['jobs that are a link', (home) => moved(home, 'cron/jobs.json'), 'cron', 'link'],
      ['a folder that is a link', (home) => moved(home, 'cron'), 'cron', 'outside'],
      ['a pipe for jobs', (home) => pipe(home, 'cron/jobs.json'), 'cron', 'not_a_file'],
      ['a pipe for the database', (home) => pipe(home, 'state.db'), 'sessions', 'not_a_file'],
      ['a pipe for memory', (home) => pipe(home, 'memories/MEMORY.md'), 'memory', 'not_a_file'],
      ['jobs that are no JSON', (home) => truncateSync(join(home, 'cron/jobs.json'), 9), 'cron', 'damaged'],
      ['jobs that are something else', (home) => writeFileSync(join(home, 'cron/jobs.json'), '"x"'), 'cron', 'schema'],
      ['jobs of 3 MB', (home) => appendFileSync(join(home, 'cron/jobs.json'), ' '.repeat(3_000_000)), 'cron', 'too_big'],
      ['memory of 10 MB', (home) => appendFileSync(join(home, 'memories/MEMORY.md'), 'x'.repeat(10_000_000)), 'memory', 'too_big'],
      ['a state that is a list', (home) => writeFileSync(join(home, 'gateway_state.json'), '[]'), 'gateway', 'schema'],
      ['skills that are a link', (home) => moved(home, 'skills'), 'skills', 'link'],
    ]
    for (const [name, spoil, part, reason] of spoilt) {
      const home = fresh()
      spoil(home)
      const told = await look(home)
      expect([name, told[part]]).toEqual([name, expect.objectContaining({ status: 'unknown', reason })])
      const others = (['sessions', 'cron', 'memory', 'skills', 'gateway'] as const).filter((other) => other !== part)
      expect([name, ...others.map((other) => told[other].status)]).toEqual([name, 'up', 'up', 'up', 'up'])
      for (const canary of canaries) expect(JSON.stringify(told)).not.toContain(canary)
    }
  }, 120_000)

  it('bounds skills, jobs and folders, and follows no skill that is a link to a secret', async () => {
    const home = fresh()
    writeFileSync(join(home, 'cron/jobs.json'), JSON.stringify(Array.from({ length: 500 }, (_, k) => job(`j${k}`, {}))))
    for (let k = 0; k < 2_000; k += 1) {
      mkdirSync(join(home, `skills/s${k}`))
      writeFileSync(join(home, `skills/s${k}/SKILL.md`), `---\nname: s${k}\n---\n`)
    }
    rmSync(join(home, 'skills/weather/SKILL.md'))
    mkdirSync(join(home, 'skills/a-link'))
    symlinkSync(join(home, '.env'), join(home, 'skills/a-link/SKILL.md'))
    inDatabase(home, "UPDATE sessions SET title = hex(zeroblob(400000)) WHERE id = 's1'")
    const told = await look(home)
    expect(told.sessions.items[1]?.title).toBe('0'.repeat(200))
    expect(told.cron).toMatchObject({ status: 'up', total: 500, truncated: true })
    expect([told.cron.items.length, told.skills.items.length, told.skills.truncated]).toEqual([200, 300, true])
    expect(told.skills.items[0]).toMatchObject({ name: 'a-link', reason: 'link', description: null })
    expect(JSON.stringify(told)).not.toContain('CANARY-env')
  }, 60_000)

  it('says of a whole home why nothing is known', async () => {
    const home = fresh()
    symlinkSync(home, join(base, 'a-link'))
    writeFileSync(join(base, 'a-file'), '')
    const answers = ['nowhere', 'a-link', 'a-file'].map((name) => startProbe(join(base, name), self, { withinMs }))
    expect(await Promise.all(answers)).toEqual(['not_installed', 'link', 'not_a_file'])
  })
})

describe('what a probe prints', () => {
  const program = (name: string, text: string): string => {
    const path = join(base, name)
    writeFileSync(path, text)
    chmodSync(path, 0o755)
    return path
  }
  const run = (node: string, ms = withinMs) => startProbe(base, self, { node, withinMs: ms })

  it('is believed only in its one shape, in time, and up to its length', async () => {
    const printing = (name: string, text: string) => program(name, `#!/bin/sh\n${text}\n`)
    expect(await run(printing('hangs', 'exec sleep 60'), 300)).toBe('timeout')
    expect(await run(printing('floods', 'head -c 3000000 /dev/zero; exec sleep 60'), 3_000)).toBe('bad_output')
    expect(await run(printing('words', 'echo hello'))).toBe('bad_output')
    expect(await run(printing('fails', 'exit 3'))).toBe('bad_output')
    expect(await run(join(base, 'not-there'))).toBe('cannot_start')
    expect(checkDocument('{"unknown":"permission"}\n', 'timeout')).toBe('permission')
    expect(checkDocument('{"unknown":"<b>"}\n', 'timeout')).toBe('bad_output')
  })

  it('counts as far as it got where it hangs, floods or falls', async () => {
    const lines = linesOf(await look(fresh()))
    const telling = (name: string, some: readonly string[], then: string) => {
      writeFileSync(join(base, `${name}-lines`), some.join('\n'))
      return program(name, `#!/bin/sh\ncat '${base}/${name}-lines'\n${then}\n`)
    }
    const [files = '', sessions = '', runs = ''] = lines
    const partsOf = async (node: string, ms?: number) => {
      const told = await run(node, ms)
      return typeof told === 'string' ? told : [told.skills.status, told.sessions.reason ?? told.sessions.status, told.cron.items[0]?.runs]
    }
    expect(await partsOf(telling('hangs-at-once', [files.slice(0, 100)], 'exec sleep 60'), 300)).toBe('timeout')
    expect(await partsOf(telling('hangs-then', [files, sessions.slice(0, 100)], 'exec sleep 60'), 300)).toEqual(['up', 'timeout', null])
    expect(await partsOf(telling('falls', [files, ''], 'kill -SEGV $$'))).toEqual(['up', 'bad_output', null])
    expect(await partsOf(telling('hangs-last', [files, sessions, ''], 'exec sleep 60'), 300)).toEqual(['up', 'up', null])
    expect(await partsOf(telling('whole', [files, sessions, runs, ''], ''))).toEqual(['up', 'up', { completed: 0, failed: 0 }])
    expect(await partsOf(telling('floods-then', [files, sessions, runs, ''], 'exec head -c 3000000 /dev/zero'))).toBe('bad_output')
  })

  it('is refused for one field more, less or of another kind, and for a line too many', async () => {
    const told = await look(fresh())
    const [files, sessions, runs] = linesOf(told).map((line) => JSON.parse(line))
    const check = (...lines: object[]) => checkDocument(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'timeout')
    expect(check(files, sessions, runs)).toMatchObject({ sessions: told.sessions, skills: told.skills })
    const [first] = sessions.sessions.items
    const wrong: object[][] = [
      [{ ...files, more: 1 }],
      [{ ...files, v: 2 }],
      [{ ...files, disk: { ...files.disk, totalBytes: -1 } }],
      [{ ...files, ticker: { ...files.ticker, heartbeatAt: 'yesterday' } }],
      [files, { ...sessions, more: 1 }],
      [files, { sessions: { ...sessions.sessions, items: [{ ...first, content: 'x' }] } }],
      [files, { sessions: { ...sessions.sessions, items: Array(51).fill(first) } }],
      [files, sessions, { runs: [...runs.runs, runs.runs[0]] }],
      [files, sessions, { runs: [] }],
      [files, sessions, runs, {}],
    ]
    for (const lines of wrong) expect(check(...lines)).toBe('bad_output')
  })
})

/** What a probe prints of a home whose jobs have no runs. */
function linesOf({ sessions, ...rest }: ProbeDocument): string[] {
  const items = rest.cron.items.map(({ runs: _, ...job }) => job)
  const runs = items.map(() => ({ completed: 0, failed: 0 }))
  return [{ ...rest, cron: { ...rest.cron, items } }, { sessions }, { runs }].map((line) => JSON.stringify(line))
}

const endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n AS id, 'cli' AS source, n AS started_at FROM r"

function inDatabase(home: string, sql: string): void {
  const db = new DatabaseSync(join(home, 'state.db'))
  db.exec(sql)
  db.close()
}

function moved(home: string, name: string): void {
  const elsewhere = join(base, `elsewhere-${n}-${name.replaceAll('/', '-')}`)
  renameSync(join(home, name), elsewhere)
  symlinkSync(elsewhere, join(home, name))
}

function pipe(home: string, name: string): void {
  rmSync(join(home, name))
  execFileSync('mkfifo', [join(home, name)])
}
