import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { until } from '@console/testkit/daemon-harness'
import { afterEach, describe, expect, it } from 'vitest'
import { type Born, bornOf, endProcesses, isThere, processesOf, runMark } from './processes.ts'

const started: ChildProcess[] = []
/** A session of its own, as a run is. */
const begin = (text: string, env: Record<string, string> = {}): Born => {
  const child = spawn('bash', ['-c', text], { detached: true, stdio: 'ignore', env: { PATH: '/usr/bin:/bin', ...env } })
  started.push(child)
  return { pid: child.pid ?? 0, born: bornOf(child.pid ?? 0) ?? '' }
}
const gone = (root: Born) => until('it ends', () => !isThere(root) || processesOf('none', root).length === 0, 30_000)

const argumentsOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
  } catch {
    return ''
  }
}

afterEach(async () => {
  for (const child of started.splice(0)) {
    const root = { pid: child.pid ?? 0, born: bornOf(child.pid ?? 0) ?? '' }
    await endProcesses(() => (root.born === '' ? [] : processesOf('none', root)), 0)
  }
})

describe('processes of a run', () => {
  it('are told from others of the same number by when they were born', () => {
    const root = begin('sleep 60')
    expect(isThere(root)).toBe(true)
    expect(isThere({ ...root, born: 'another-boot:1' })).toBe(false)
    expect(bornOf(2 ** 22 + 1)).toBeNull()
  })

  it('are found by mark, by group, by session and by descent', async () => {
    const mark = { [runMark]: 'run-of-four' }
    begin('sleep 61', mark)
    const root = begin("sleep 62 & setsid bash -c 'sleep 63 & wait' & wait")
    await until('all are there', () => processesOf('run-of-four', root).length >= 5, 30_000)
    expect(processesOf('run-of-four', null)).toHaveLength(1)
    expect(processesOf('run-of-fo', null)).toEqual([])
  }, 60_000)

  it('are not seen any more in a session of their own, without the mark and without their parent: decision 9', async () => {
    const sleep = `sleep 65.${process.pid}`
    const root = begin(`setsid --fork ${sleep}; sleep 66; true`)
    const find = () => readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name) && argumentsOf(name) === sleep)
    const [escaped] = (await until('it got away', () => find().length === 1 && find(), 30_000)).map(Number)
    await until('its parent has gone on', () => processesOf('none', root).length === 2, 30_000)
    expect(escaped).toBeGreaterThan(1)
    expect(processesOf('none', root)).not.toContain(escaped)
    process.kill(escaped ?? 0, 'SIGKILL')
  }, 60_000)

  it('are not those of somebody who was given the number since then', async () => {
    const root = begin('sleep 60 & wait')
    await until('its child is there', () => processesOf('none', root).length === 2, 30_000)
    expect(processesOf('none', { ...root, born: `${root.born}1` })).toEqual([])
    expect(processesOf('none', { ...root, born: 'another-boot:1' })).toEqual([])
  }, 60_000)

  it('are still found when their leader has ended', async () => {
    const root = begin('sleep 64 & exit 0')
    await until('the leader ends', () => processesOf('none', root).join() !== '' && !processesOf('none', root).includes(root.pid), 30_000)
    expect(processesOf('none', root)).toHaveLength(1)
    expect(await endProcesses(() => processesOf('none', root), 30_000)).toBe(true)
  }, 60_000)

  it('are given the time to end well, and not longer than that', async () => {
    const kind = begin('trap "exit 0" TERM; while :; do sleep 0.05; done')
    await until('it is there', () => processesOf('none', kind).length > 1, 30_000)
    expect(await endProcesses(() => processesOf('none', kind), 30_000)).toBe(true)
    const deaf = begin('trap "" TERM; while :; do sleep 0.05; done')
    await until('it is there', () => processesOf('none', deaf).length > 1, 30_000)
    const since = performance.now()
    expect(await endProcesses(() => processesOf('none', deaf), 300)).toBe(true)
    expect(performance.now() - since).toBeGreaterThanOrEqual(300)
    await gone(deaf)
  }, 90_000)

  it('are ended though they start others without end', async () => {
    const storm = begin('trap "" TERM; for n in 1 2 3; do (while :; do (sleep 0.1; sleep 0.1) & sleep 0.02; done) & done; wait')
    await until('it rages', () => processesOf('none', storm).length > 6, 30_000)
    expect(await endProcesses(() => processesOf('none', storm), 100)).toBe(true)
    expect(processesOf('none', storm)).toEqual([])
  }, 60_000)
})
