import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { homesFolder, job } from '@console/testkit/made-home'
import { afterAll, expect, it } from 'vitest'
import { openHome } from './probe/home-files.ts'
import { readJobs, readRuns } from './probe/read-cron.ts'
import { readGateway } from './probe/read-gateway.ts'
import { readSessions } from './probe/read-sessions.ts'

const base = homesFolder()
const now = Date.parse('2026-11-28T12:00:00.000Z')
let n = 0
const fresh = (): string => {
  n += 1
  const home = join(base, `home-${n}`)
  mkdirSync(join(home, 'cron'), { recursive: true })
  return home
}
const put = (name: string, value: unknown) => {
  const home = fresh()
  writeFileSync(join(home, name), JSON.stringify(value))
  return home
}
const inDatabase = (file: string, sql: string): void => {
  const db = new DatabaseSync(file)
  db.exec(sql)
  db.close()
}
afterAll(() => rmSync(base, { recursive: true, force: true }))

// Columns are only ever added, from schema 14 (release 0.16) to 26 (release 0.20.3): which of these a home has depends on its release.
const optional = {
  title: ["'Named'", { title: 'Named' }],
  model: ["'small'", { model: 'small' }],
  message_count: ['7', { messages: 7 }],
  ended_at: ['1795000100', { ended: true }],
  last_activity_at: ['1795000300', { lastActivityAt: new Date(1_795_000_300_000).toISOString() }],
  archived: ['0', {}],
  hidden: ['0', {}],
} as const
const names = Object.keys(optional) as (keyof typeof optional)[]

it('reads sessions with any of the columns that releases may lack, and leaves out what is archived or hidden', () => {
  for (let chosen = 0; chosen < 2 ** names.length; chosen += 1) {
    const has = names.filter((_, at) => (chosen >> at) % 2 === 1)
    const home = fresh()
    const columns = has.map((name) => `, ${name}`).join('')
    const values = (hiding?: string) => has.map((name) => (name === hiding ? ', 1' : `, ${optional[name][0]}`)).join('')
    const hiding = has.filter((name) => name === 'archived' || name === 'hidden')
    inDatabase(
      join(home, 'state.db'),
      `CREATE TABLE sessions (id TEXT PRIMARY KEY, source TEXT, started_at REAL, later_column TEXT${columns});
       INSERT INTO sessions (id, source, started_at${columns}) VALUES ('one', 'cli', 1795000000${values()});
       ${hiding.map((name) => `INSERT INTO sessions (id, source, started_at${columns}) VALUES ('${name}', 'cli', 1795000001${values(name)});`).join('\n')}`,
    )
    const { items } = readSessions(openHome(home))
    const told = { title: null, model: null, messages: null, ended: false, lastActivityAt: new Date(1_795_000_000_000).toISOString() }
    if (has.includes('ended_at')) told.lastActivityAt = new Date(1_795_000_100_000).toISOString()
    expect([has, items]).toEqual([
      has,
      [
        Object.assign(
          { id: 'one', source: 'cli', startedAt: new Date(1_795_000_000_000).toISOString() },
          told,
          ...has.map((name) => optional[name][1]),
        ),
      ],
    ])
  }
})

it('reads jobs as a bare list of older releases, and with what newer ones add', () => {
  const one = { name: 'job a', lastStatus: 'ok', delivers: 'telegram', nextRunAt: '2026-11-28T09:00:00.000Z' }
  for (const value of [[job('a', {})], { jobs: [job('a', {})], updated_at: '2026-11-28T09:00:00+00:00' }])
    expect(readJobs(openHome(put('cron/jobs.json', value)))).toMatchObject({ total: 1, items: [{ ...one, failureStreak: null }] })
  const added = {
    provider_snapshot: {},
    model_snapshot: {},
    paused_reason: null,
    fire_claim: { pid: 5 },
    failure_streak: 3,
    last_fire_error: {},
  }
  const newer = readJobs(openHome(put('cron/jobs.json', { jobs: [job('a', added)] })))
  expect(newer.items).toEqual([expect.objectContaining({ ...one, failureStreak: 3 })])
  expect(JSON.stringify(newer)).not.toContain('CANARY')
})

it('counts runs of seven days where a release keeps a record of them, and says nothing of runs where it keeps none', () => {
  const home = put('cron/jobs.json', { jobs: [job('a', {}), job('b', {})] })
  const jobs = readJobs(openHome(home)).items
  expect(readRuns(openHome(home), jobs, now)).toBeNull()
  const at = (days: number) => new Date(now - days * 86_400_000).toISOString()
  const rows = [
    ['a', 'completed', at(1)],
    ['a', 'completed', at(6.9)],
    ['a', 'failed', at(2)],
    ['a', 'running', at(0)],
    ['a', 'completed', at(7.1)],
    ['b', 'failed', at(8)],
  ]
  inDatabase(
    join(home, 'cron/executions.db'),
    `CREATE TABLE executions (id TEXT PRIMARY KEY, job_id TEXT, source TEXT, pid INTEGER, process_id TEXT, process_started_at REAL,
       status TEXT, claimed_at TEXT, started_at TEXT, finished_at TEXT, error TEXT);
     ${rows.map(([id, status, time], k) => `INSERT INTO executions (id, job_id, status, claimed_at, error) VALUES ('${k}', '${id}', '${status}', '${time}', 'CANARY');`).join('\n')}`,
  )
  expect(readRuns(openHome(home), jobs, now)).toEqual([
    { completed: 2, failed: 1 },
    { completed: 0, failed: 0 },
  ])
})

it('reads the state of a gateway without the keys of newer releases, and with them', () => {
  const state = {
    pid: 14_802,
    kind: 'hermes-gateway',
    argv: ['CANARY'],
    start_time: 197_343,
    gateway_state: 'running',
    exit_reason: null,
    active_agents: 1,
  }
  const updated_at = '2026-11-28T11:59:00+00:00'
  const older = { ...state, updated_at, platforms: { telegram: { state: 'connected', updated_at, writer_pid: 14_802 } } }
  const retrying = {
    state: 'retrying',
    error_code: 'timeout',
    error_message: 'CANARY',
    needs_attention: true,
    retrying_since: updated_at,
    updated_at,
  }
  const newer = { ...older, hermes_home: '/CANARY', restart_requested: false, served_profiles: [], platforms: { discord: retrying } }
  const told = [older, newer].map((value) => readGateway(openHome(put('gateway_state.json', value))))
  const seen = { status: 'up', state: 'running', pid: 14_802, startTicks: 197_343, activeAgents: 1, updatedAt: '2026-11-28T11:59:00.000Z' }
  expect(told).toMatchObject([
    { ...seen, platforms: [{ name: 'telegram', state: 'connected', errorCode: null, needsAttention: false }] },
    { ...seen, platforms: [{ name: 'discord', state: 'retrying', errorCode: 'timeout', needsAttention: true }] },
  ])
  expect(JSON.stringify(told)).not.toContain('CANARY')
})
