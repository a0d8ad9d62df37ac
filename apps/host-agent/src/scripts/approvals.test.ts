import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Approval, type Approvals, type Edit, openApprovals, sha256Of } from './approvals.ts'

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
    ['a name that its file has not', { scriptId: 'another' }],
    ['a variable that is none', { variables: ['release'] }],
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

  it.each([
    ['a hash with something behind it', { sha256: `${'a'.repeat(64)}0` }],
    ['a hash with something before it', { sha256: `0${'a'.repeat(64)}` }],
    ['a limit over a day', { timeoutSec: 86_401 }],
    ['a limit that is no number', { timeoutSec: '60' }],
    ['a path that does not begin at the root', { path: 'opt/x.sh' }],
    ['somebody who is no text', { approvedBy: null }],
  ])('do not load with %s', (_what, over) => {
    plant('bad', over)
    expect(ids()).toEqual(['good'])
  })

  it('load with a limit of a second, and of a day', () => {
    plant('short', { timeoutSec: 1 })
    plant('long', { timeoutSec: 86_400 })
    expect(ids()).toEqual(['good', 'long', 'short'])
  })

  it('load up to 64 KiB and not a byte over it, however well formed', () => {
    const text = JSON.stringify(approval('full'))
    writeFileSync(place('full'), text.padEnd(65_536), { mode: 0o600 })
    expect(ids()).toEqual(['full', 'good'])
    writeFileSync(place('full'), text.padEnd(65_537), { mode: 0o600 })
    expect(ids()).toEqual(['good'])
  })

  it('that lay there before are no edit when the agent starts, and none that it wrote is', () => {
    plant('other')
    const told: Edit[] = []
    const again = openApprovals(dir, { ownerUid, edited: (edit) => told.push(edit) })
    again.read()
    expect(told).toEqual([])
  })

  it('have their bytes beside them, under their hash, for nobody to write', () => {
    const path = book.copyOf('a'.repeat(64))
    expect([path, readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([
      join(dir, 'scripts.d', `${'a'.repeat(64)}.sh`),
      'echo good\n',
      0o444,
    ])
    expect(sha256Of(Buffer.from('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it('leave no descriptor open, however often they are read', () => {
    const open = () => readdirSync('/proc/self/fd').length
    plant('open', {}, 0o620)
    ids()
    const before = open()
    for (let round = 0; round < 50; round += 1) ids()
    expect(open() - before).toBeLessThan(40)
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

describeNeeding('account', 'rows of scripts.d and other accounts', () => {
  it('do not load when they belong to another account, but to root or the agent', () => {
    plant('foreign')
    chownSync(place('foreign'), 65_534, 65_534)
    expect(book.read().warnings).toEqual(['scripts.d/foreign.json is not used: it belongs to account 65534.'])
    expect(ids()).toEqual(['good'])
    const theirs = openApprovals(dir, { ownerUid: 65_534, edited: () => undefined })
    expect([...theirs.read().approvals.keys()].sort()).toEqual(['foreign', 'good'])
    chownSync(join(dir, 'scripts.d'), 65_534, 65_534)
    expect(book.read().warnings).toEqual(['scripts.d is not used: it belongs to account 65534.'])
  })
})
