import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { isThere } from '../runs/processes.ts'
import { readRunRecord, recordedName } from './run-records.ts'

const script = join(import.meta.dirname, '../../../../vm/lib/run-logged.sh')
let base: string
let folder: string
const account = { name: 'uma', uid: process.getuid?.() ?? 0, gid: 0, home: '/home/uma' }
const read = (alive: Parameters<typeof readRunRecord>[2] = isThere, whose = account) =>
  readRunRecord(base, { account: whose, name: 'job' }, alive)
const put = (which: string, value: object | string): void =>
  writeFileSync(join(folder, `job.${which}.json`), typeof value === 'string' ? value : JSON.stringify(value))
const start = { v: 1, name: 'job', startedAt: '2026-11-28T03:15:00.000Z', pid: 7, born: 'boot:1' }
const end = { v: 1, name: 'job', startedAt: '2026-11-28T03:15:00.000Z', endedAt: '2026-11-28T03:15:04.000Z', exitCode: 1 }

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'records-'))
  folder = join(base, 'home/uma/.local/state/bytelyst-runs')
  mkdirSync(folder, { recursive: true })
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

describe('the record of a job', () => {
  it('is looked for where a line is wrapped, by the name that it gives', () => {
    expect(recordedName('/opt/bytelyst-agent/current/app/vm/lib/run-logged.sh backup.1 tar -c /')).toBe('backup.1')
    expect(recordedName('cd / && run-logged.sh backup tar')).toBe('backup')
    for (const none of [
      'backup',
      'run-logged.sh',
      'run-logged.sh ../x tar',
      'run-logged.sh -x tar',
      'my-run-logged.sh backup tar',
      'run-logged.sh.old a b',
    ])
      expect([none, recordedName(none)]).toEqual([none, null])
  })

  it('tells start, end and exit code; a later start without an end is running as long as its process lives', () => {
    expect(read()).toBe(null)
    put('started', start)
    expect(read(() => true)).toEqual({ startedAt: start.startedAt, endedAt: null, exitCode: null, running: true })
    expect(read(() => false)).toEqual({ startedAt: start.startedAt, endedAt: null, exitCode: null, running: false })
    put('ended', end)
    expect(read(() => true)).toEqual({ startedAt: end.startedAt, endedAt: end.endedAt, exitCode: 1, running: false })
    put('started', { ...start, startedAt: '2026-11-29T03:15:00.000Z' })
    expect(read(() => true)).toMatchObject({ startedAt: '2026-11-29T03:15:00.000Z', running: true })
  })

  it('is not believed where it is another’s, a link, endless or no record', () => {
    put('ended', end)
    expect(read(isThere, { ...account, uid: account.uid + 1 })).toBe(null)
    for (const text of [
      '{',
      'null',
      '[]',
      JSON.stringify({ ...end, v: 2 }),
      JSON.stringify({ ...end, endedAt: '<b>' }),
      JSON.stringify({ ...end, endedAt: '28 Nov 2026 (<b>)' }),
      JSON.stringify({ ...end, exitCode: '0' }),
      ' '.repeat(5_000) + JSON.stringify(end),
    ]) {
      put('ended', text)
      expect([text.slice(0, 60), read()]).toEqual([text.slice(0, 60), null])
    }
    writeFileSync(join(base, 'elsewhere'), JSON.stringify(end))
    rmSync(join(folder, 'job.ended.json'))
    symlinkSync(join(base, 'elsewhere'), join(folder, 'job.ended.json'))
    expect(read()).toBe(null)
  })
})

/** The script looks for the home of the account that it runs as: a `getent` before the real one answers for this test. */
function environment(): NodeJS.ProcessEnv {
  const bin = join(base, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'getent'), `#!/bin/sh\necho "${userInfo().username}:x:0:0::${base}/home/uma:/bin/sh"\n`)
  chmodSync(join(bin, 'getent'), 0o755)
  return { PATH: `${bin}:/usr/bin:/bin` }
}

describe('run-logged.sh', () => {
  const run = (...args: string[]) => spawnSync('bash', [script, ...args], { encoding: 'utf8', input: 'given', env: environment() })

  it('passes input, output and exit status on, and leaves a record that is believed', () => {
    const told = run('job', 'sh', '-c', 'cat; echo oh >&2; exit 3')
    expect([told.status, told.stdout, told.stderr]).toEqual([3, 'given', 'oh\n'])
    const record = read()
    expect(record).toMatchObject({ exitCode: 3, running: false })
    expect(Date.parse(record?.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(record?.startedAt ?? ''))
    expect(run('job', 'true').status).toBe(0)
    expect(read()).toMatchObject({ exitCode: 0 })
    expect(readdirSync(folder).sort()).toEqual(['job.ended.json', 'job.started.json'])
  })

  it('is seen running; a signal reaches the command, and its end is recorded', async () => {
    const child = spawn('bash', [script, 'job', 'sleep', '600'], { env: environment(), stdio: 'ignore' })
    await vi.waitFor(() => expect(read()).toMatchObject({ running: true, endedAt: null }), { timeout: 20_000, interval: 50 })
    // The command is there before the signal is: one without a child has nobody to pass it to.
    await vi.waitFor(() => expect(spawnSync('pgrep', ['-P', String(child.pid), 'sleep']).status).toBe(0), { timeout: 20_000, interval: 50 })
    child.kill('SIGTERM')
    const [status] = await once(child, 'exit')
    expect(status).toBe(143)
    expect(read()).toMatchObject({ exitCode: 143, running: false })
  }, 60_000)

  it('is told as interrupted when it is killed itself, and clears what it left in the middle', async () => {
    const child = spawn('bash', [script, 'job', 'sleep', '0.2'], { env: environment(), stdio: 'ignore' })
    await vi.waitFor(() => expect(read()).toMatchObject({ running: true }), { timeout: 20_000, interval: 20 })
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(read()).toMatchObject({ endedAt: null, running: false })
    writeFileSync(join(folder, `.job.ended.${child.pid}.part`), 'half')
    expect(run('job', 'true').status).toBe(0)
    expect(readdirSync(folder).sort()).toEqual(['job.ended.json', 'job.started.json'])
  }, 60_000)

  it('runs the command all the same where nothing can be recorded, and says so', () => {
    rmSync(join(base, 'home'), { recursive: true })
    writeFileSync(join(base, 'home'), 'in the way')
    const told = run('job', 'sh', '-c', 'echo done')
    expect([told.status, told.stdout]).toEqual([0, 'done\n'])
    expect(told.stderr).toContain('the record of job could not be written')
  })

  it.each([[[]], [['job']], [['../up', 'true']], [['-x', 'true']], [['a b', 'true']]])('refuses %j', (args) => {
    expect(run(...args).status).toBe(64)
    expect(readdirSync(folder)).toEqual([])
  })
})
