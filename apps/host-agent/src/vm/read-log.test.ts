import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readLogTail } from './read-log.ts'

let root: string
const file = (): string => join(root, 'var/log/vm-cleanup.log')
const texts = (most = 100): string[] => readLogTail(root, 'cleanup', most).lines.map(({ text }) => text)

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vm-log-'))
  mkdirSync(join(root, 'var/log'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('the end of a log of the VM', () => {
  it('is its last lines, oldest first, and says whether there is more above', () => {
    writeFileSync(file(), 'one\ntwo\nthree\n')
    const tail = readLogTail(root, 'cleanup', 2)
    expect(tail).toMatchObject({ state: 'there', path: '/var/log/vm-cleanup.log', sizeBytes: 14, more: true, reason: null })
    expect(tail.lines).toEqual([
      { text: 'two', masked: 0, cut: false },
      { text: 'three', masked: 0, cut: false },
    ])
    expect(readLogTail(root, 'cleanup', 3).more).toBe(false)
    writeFileSync(file(), '')
    expect(readLogTail(root, 'cleanup', 3)).toMatchObject({ state: 'there', lines: [], more: false })
  })

  it('is bounded in bytes, in lines and in the length of a line', () => {
    writeFileSync(file(), `secret=${'x'.repeat(300_000)}\nlast ${'y'.repeat(5_000)}\n`)
    const { lines, more } = readLogTail(root, 'cleanup', 100)
    expect([lines.length, lines[0]?.text.length, lines[0]?.cut, more]).toEqual([1, 2_000, true, true])
    writeFileSync(file(), 'a\n'.repeat(200_000))
    expect(texts(1_000).length).toBe(1_000)
    writeFileSync(file(), 'z'.repeat(300_000))
    expect(readLogTail(root, 'cleanup', 100)).toMatchObject({ lines: [], more: true })
  })

  it('shows no secret, no control sequence and no direction of writing', () => {
    writeFileSync(file(), 'password=hunter2222 \u001b[2Jgone\u202eevil\u0007\n')
    const [line] = readLogTail(root, 'cleanup', 1).lines
    expect(line?.masked).toBe(1)
    expect(line?.text).not.toMatch(/hunter|\u001b|\u202e|\u0007|\[2J/)
  })

  it('is read through no link, from no other thing than a file, and never waits', () => {
    expect(readLogTail(root, 'cleanup', 5).state).toBe('missing')
    writeFileSync(join(root, 'shadow'), 'root:hash\n')
    symlinkSync(join(root, 'shadow'), file())
    expect(readLogTail(root, 'cleanup', 5)).toMatchObject({ state: 'refused', reason: 'It is a symbolic link.', lines: [] })
    rmSync(file())
    linkSync(join(root, 'shadow'), file())
    expect(readLogTail(root, 'cleanup', 5)).toMatchObject({ state: 'refused', reason: 'It has a second name elsewhere.', lines: [] })
    rmSync(file())
    execFileSync('mkfifo', [file()])
    expect(readLogTail(root, 'cleanup', 5)).toMatchObject({ state: 'refused', lines: [] })
    rmSync(file())
    mkdirSync(file())
    expect(readLogTail(root, 'cleanup', 5)).toMatchObject({ state: 'refused', lines: [] })
    rmSync(file(), { recursive: true })
    writeFileSync(file(), 'mine\n')
    renameSync(join(root, 'var/log'), join(root, 'elsewhere'))
    symlinkSync(join(root, 'elsewhere'), join(root, 'var/log'))
    expect(readLogTail(root, 'cleanup', 5)).toMatchObject({ state: 'refused', lines: [] })
  })
})
