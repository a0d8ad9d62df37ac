import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openScriptBook } from './script-book.ts'

const base = mkdtempSync(join(tmpdir(), 'script-book-'))
const root = join(base, 'scripts')
mkdirSync(join(base, 'kept'), { mode: 0o700 })
const book = openScriptBook({
  dir: join(base, 'kept'),
  roots: [root],
  uid: process.getuid?.() ?? 0,
  rootAllowed: true,
  now: () => new Date(),
  edited: () => {},
})
const ofRoot = (): string[] => book.list().warnings.filter((warning) => warning.includes(`${root} of the script roots`))
const statuses = (): string[] => book.list().items.map(({ scriptId, status }) => `${scriptId} ${status}`)

afterAll(() => rmSync(base, { recursive: true, force: true }))

describe('a root of scripts', () => {
  it('is looked at each time: once it is made its scripts are found, and none is run from a link in its place', () => {
    expect([ofRoot(), statuses()]).toEqual([[expect.stringContaining('is not there')], []])

    mkdirSync(root, { mode: 0o755 })
    writeFileSync(join(root, 'a.sh'), 'echo a\n', { mode: 0o755 })
    expect([ofRoot(), statuses()]).toEqual([[], ['a new']])
    book.approve(book.plan({ scriptId: 'a' }).digest, 'user:ada')
    expect(book.admit('a').approval.path).toBe(join(root, 'a.sh'))

    renameSync(root, join(base, 'moved'))
    symlinkSync(join(base, 'moved'), root)
    expect([ofRoot(), statuses()]).toEqual([[expect.stringContaining('a symbolic link')], ['a missing']])
    expect(() => book.admit('a')).toThrow(expect.objectContaining({ code: 'SCRIPT_REFUSED' }))
    expect(() => book.plan({ scriptId: 'a' })).toThrow(expect.objectContaining({ code: 'SCRIPT_REFUSED' }))
  })
})
