import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const script = join(import.meta.dirname, '../../../../vm/docker-watchdog.sh')
const id = (letter: string): string => letter.repeat(64)
const asks = 'com.bytelyst.watchdog=restart'
let base: string

const path = (name: string): string => join(base, name)
const read = (name: string): string => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : '')
/** What the engine's command would list: id, name, state, status, labels. */
const list = (...rows: readonly (readonly [string, string, string, string, string])[]): void =>
  writeFileSync(path('list'), rows.map((row) => `${row.join('|')}\n`).join(''))
const look = (...args: string[]) => {
  const env = { WATCHDOG_DOCKER: path('docker'), WATCHDOG_LOG: path('log'), WATCHDOG_STATE: path('state'), WATCHDOG_SOCKET: '/nowhere' }
  return spawnSync('/bin/bash', [script, ...args], { encoding: 'utf8', env, timeout: 60_000 })
}
/** The levels and sentences of the log so far, without their times. */
const told = (): string[] =>
  read('log')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/^\S+ /, '').replace(/for [0-9]+ s/, 'for N s'))
const began = (letter: string, secondsAgo: number): void =>
  writeFileSync(path(`state/unhealthy-${id(letter)}`), `${Math.floor(Date.now() / 1_000) - secondsAgo}\n`)

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'watchdog-'))
  writeFileSync(
    path('docker'),
    `#!/bin/bash\necho "$*" >>${base}/calls\n[[ -e ${base}/away ]] && exit 1\n[[ $3 == ps ]] && cat ${base}/list\ntrue\n`,
    {
      mode: 0o755,
    },
  )
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

describe('the watchdog of Docker', () => {
  it('writes down what needs a look, and leaves everything alone', () => {
    list(
      [id('a'), 'web', 'running', 'Up 2 hours (healthy)', ''],
      [id('b'), 'api', 'running', 'Up 2 hours (unhealthy)', asks],
      [id('c'), 'job', 'restarting', 'Restarting (1) 2 seconds ago', ''],
      ['not-an-id', 'x', 'dead', 'Dead', ''],
      [id('d'), 'evil$(touch x)', 'dead', 'Dead', ''],
    )
    expect(look().status).toBe(0)
    expect(told()).toEqual([
      'warn api unhealthy for N s',
      'warn job restarts again and again',
      'ok 3 containers, 2 to look at, 0 restarted',
    ])
    expect(read('calls').trim().split('\n').length).toBe(1)
    expect(read('calls')).toMatch(/^-H unix:\/\/\/nowhere ps --all --no-trunc /)
    expect(look('--print').stdout).toMatch(/Z warn api unhealthy for [0-9]+ s\n/)
    expect(told().length).toBe(3)
  }, 60_000)

  it('restarts only what asked for it, has been unhealthy for three minutes, and not again and again', () => {
    list(
      [id('a'), 'asks', 'running', 'Up (unhealthy)', `x=1,${asks}`],
      [id('b'), 'silent', 'running', 'Up (unhealthy)', 'com.bytelyst.watchdog=restarts'],
      [id('c'), 'kept', 'running', 'Up (unhealthy)', `${asks},com.bytelyst.protect=true`],
      [id('d'), 'young', 'running', 'Up (unhealthy)', asks],
    )
    look('--restart')
    expect(read('calls')).not.toContain('restart --time')
    for (const letter of ['a', 'b', 'c']) began(letter, 400)
    look('--restart')
    const restarts = () => [...read('calls').matchAll(/restart --time 15 (\S+)/g)].map(([, which]) => which)
    expect(restarts()).toEqual([id('a')])
    expect(told()).toContain('acted asks restarted, unhealthy for N s')
    expect(told()).toContain('warn young unhealthy for N s, left alone until 180 s')
    for (let round = 0; round < 3; round += 1) {
      began('a', 400)
      look('--restart')
    }
    expect(restarts().length).toBe(3)
    expect(told().at(-5)).toBe('fail asks unhealthy for N s, left alone: restarted 3 times within the hour')
  }, 120_000)

  it('forgets what is well again', () => {
    list([id('a'), 'web', 'running', 'Up (unhealthy)', ''])
    look()
    expect(existsSync(path(`state/unhealthy-${id('a')}`))).toBe(true)
    list([id('a'), 'web', 'running', 'Up (healthy)', ''])
    look()
    expect(existsSync(path(`state/unhealthy-${id('a')}`))).toBe(false)
    expect(told().at(-1)).toBe('ok 1 containers, nothing to report')
  }, 60_000)

  it('says that the engine is away, turns its log over, and writes through no link', () => {
    writeFileSync(path('away'), '')
    writeFileSync(path('log'), 'x'.repeat(1_100_000))
    expect(look().status).toBe(1)
    expect(told()).toEqual(['fail the engine does not answer'])
    expect(read('log.1').length).toBe(1_100_000)
    rmSync(path('log'))
    writeFileSync(path('victim'), 'mine')
    utimesSync(path('victim'), 1, 1)
    symlinkSync(path('victim'), path('log'))
    expect([look().status, read('victim')]).toEqual([2, 'mine'])
    for (const args of [['--fix'], ['--print', '--restart']]) expect(look(...args).status).toBe(2)
  }, 60_000)
})
