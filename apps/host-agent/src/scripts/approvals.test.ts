import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Approval, type Approvals, type Edit, openApprovals } from './approvals.ts'

let dir: string
let book: Approvals
let edits: Edit[]
const ownerUid = process.getuid?.() ?? 0
const approval = (scriptId: string, over: object = {}): Approval => ({
  v: 1,
  scriptId,
  path: `/opt/${scriptId}.sh`,
  sha256: 'a'.repeat(64),
  user: 'deploy',
  workingDirectory: '/opt',
  timeoutSec: 60,
  variables: ['RELEASE'],
  approvedBy: 'user-1',
  approvedAt: '2026-01-01T00:00:00.000Z',
  ...over,
})
const place = (name: string): string => join(dir, 'scripts.d', `${name}.json`)
const plant = (name: string, over: object = {}, mode = 0o600): void => {
  writeFileSync(place(name), JSON.stringify(approval(name, over)), { mode })
  chmodSync(place(name), mode)
}
const ids = (): string[] => [...book.read().approvals.keys()].sort()

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'approvals-'))
  edits = []
  book = openApprovals(dir, { ownerUid, edited: (edit) => edits.push(edit) })
  book.write(approval('good'), Buffer.from('echo good\n'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('rows of scripts.d', () => {
  it('come back as they were written, and what the agent writes is no edit', () => {
    expect(book.read()).toEqual({ approvals: new Map([['good', approval('good')]]), warnings: [] })
    book.remove('good')
    expect(ids()).toEqual([])
    expect(edits).toEqual([])
  })

  it.each([
    ['group', 0o620],
    ['others', 0o602],
  ])('do not load when %s may write them; the others do', (_who, mode) => {
    plant('open', {}, mode)
    expect(book.read().warnings).toEqual(['scripts.d/open.json is not used: others may write it.'])
    expect(ids()).toEqual(['good'])
    chmodSync(place('open'), 0o644)
    expect(ids()).toEqual(['good', 'open'])
  })

  it('do not load at all when others may write the folder', () => {
    chmodSync(join(dir, 'scripts.d'), 0o770)
    expect(book.read()).toEqual({ approvals: new Map(), warnings: ['scripts.d is not used: others may write it.'] })
    chmodSync(join(dir, 'scripts.d'), 0o700)
    expect(ids()).toEqual(['good'])
  })

  it('do not load as a link, a FIFO, a folder or a huge file', () => {
    plant('other')
    renameSync(place('other'), join(dir, 'other.json'))
    symlinkSync(join(dir, 'other.json'), place('other'))
    execFileSync('mkfifo', [place('fifo')])
    writeFileSync(place('huge'), ' '.repeat(70_000), { mode: 0o600 })
    execFileSync('mkdir', [place('folder')])
    expect(ids()).toEqual(['good'])
    expect(book.read().warnings).toHaveLength(4)
  })

  it.each([
    ['a name of another row', { scriptId: 'good' }],
    ['a variable that changes what loads', { variables: ['LD_PRELOAD'] }],
    ['a variable that is no text', { variables: [7] }],
    ['no list of variables', { variables: 'RELEASE' }],
    ['a path that is not plain', { path: '/opt/../etc/x.sh' }],
    ['a relative working directory', { workingDirectory: 'opt' }],
    ['no whole number as limit', { timeoutSec: 1.5 }],
    ['no limit', { timeoutSec: 0 }],
    ['a hash that is none', { sha256: 'A'.repeat(64) }],
    ['an account that is no text', { user: 0 }],
    ['another version', { v: 2 }],
  ])('do not load with %s', (_what, over) => {
    plant('bad', over)
    expect(ids()).toEqual(['good'])
    plant('bad')
    expect(ids()).toEqual(['bad', 'good'])
  })

  it('do not load when they are broken', () => {
    for (const [index, text] of ['{', 'null', '[]', '"x"', ''].entries()) writeFileSync(place(`bad-${index}`), text, { mode: 0o600 })
    expect(ids()).toEqual(['good'])
    expect(book.read().warnings).toHaveLength(5)
  })

  it('are told when another hand adds, changes or removes one, once each', () => {
    plant('added')
    ids()
    ids()
    expect(edits.splice(0)).toEqual([{ scriptId: 'added', approval: approval('added') }])
    plant('good', { user: 'root' })
    ids()
    expect(edits.splice(0)).toEqual([{ scriptId: 'good', approval: approval('good', { user: 'root' }) }])
    rmSync(place('added'))
    ids()
    ids()
    expect(edits).toEqual([{ scriptId: 'added', approval: null }])
  })
})
