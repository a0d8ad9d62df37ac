import { createHash } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf, rootTrouble, rowOf, scriptsUnder } from './find-scripts.ts'

const root = mkdtempSync(join(tmpdir(), 'find-scripts-'))
const uid = process.getuid?.() ?? 0
const put = (name: string, text = 'echo x\n'): string => {
  const path = join(root, name)
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o755 })
  writeFileSync(path, text, { mode: 0o755 })
  return path
}
const row = (text: string) => {
  const path = put('hints.sh', text)
  return rowOf({ root, path, scriptId: 'hints', approval: undefined, uid, ownUser: 'me' })
}

beforeAll(() => chmodSync(root, 0o755))
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('finding scripts', () => {
  it('names each file ending in .sh, six folders deep, but none in hidden folders or node_modules', () => {
    for (const name of [
      'a.sh',
      'b/c.sh',
      'b/1/2/3/4/5/six.sh',
      'b/1/2/3/4/5/6/seven.sh',
      '.git/hook.sh',
      'node_modules/x/y.sh',
      'b/readme.md',
    ])
      put(name)
    mkdirSync(join(root, 'folder.sh'))
    expect(scriptsUnder(root).map((path) => idOf(root, path))).toEqual(['a', 'b-1-2-3-4-5-six', 'b-c'])
  })

  it('names them in order, whatever order their folder has', () => {
    const names = [...[...'qzfmbxkathdwy'].map((letter) => `order/${letter}.sh`), 'order/a/x.sh', 'order/a-b.sh']
    for (const name of names) put(name)
    expect(scriptsUnder(join(root, 'order'))).toEqual(names.map((name) => join(root, name)).sort())
    rmSync(join(root, 'order'), { recursive: true })
  })

  it('names two thousand at most, so that no folder makes an answer without end', () => {
    for (let name = 0; name <= 2_000; name += 1) put(`many/${name}.sh`, '')
    expect(scriptsUnder(join(root, 'many'))).toHaveLength(2_000)
    rmSync(join(root, 'many'), { recursive: true })
  })

  it('passes over what is not there', () => {
    expect(scriptsUnder(join(root, 'gone'))).toEqual([])
  })

  it('finds nothing by a root that is a link by now, or lies below one', () => {
    put('elsewhere/inner/a.sh')
    symlinkSync(join(root, 'elsewhere'), join(root, 'link'))
    expect(scriptsUnder(join(root, 'elsewhere/inner'))).toHaveLength(1)
    expect([scriptsUnder(join(root, 'link')), scriptsUnder(join(root, 'link/inner'))]).toEqual([[], []])
    for (const name of ['link', 'elsewhere']) rmSync(join(root, name), { recursive: true })
  })

  it('says of a root that it is missing, or why nothing under it is taken, as it stands at this moment', () => {
    const here = join(root, 'later/scripts')
    expect(rootTrouble(here, uid)).toMatch(/^\S+ of the script roots is not there\./)
    put('later/scripts/a.sh')
    expect(rootTrouble(here, uid)).toBeNull()
    chmodSync(here, 0o777)
    expect(rootTrouble(here, uid)).toMatch(/^Nothing is taken from \S+ of the script roots\. \S+ can be written by others/)
    chmodSync(here, 0o755)
    if (uid === 0) chownSync(here, 65_534, 65_534)
    if (uid === 0) expect(rootTrouble(here, uid)).toMatch(/belongs to account 65534/)
    renameSync(here, join(root, 'later/moved'))
    symlinkSync(join(root, 'later/moved'), here)
    expect(rootTrouble(here, uid)).toMatch(/symbolic link/)
    rmSync(join(root, 'later'), { recursive: true })
  })

  it('makes ids that hold no path', () => {
    const id = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}$/
    for (const name of ['b/c d.sh', '--x.sh', 'ünï/$(id).sh', `${'n'.repeat(200)}.sh`, 'a/../../etc/passwd.sh'])
      expect(idOf(root, join(root, name))).toMatch(id)
  })
})

describe('what a script proposes in its first lines', () => {
  it('is its variables, its limit and its account', () => {
    expect(row('#!/bin/bash\n# variables: RELEASE TOKEN\n# timeout: 42\n# user: deploy\n')).toMatchObject({
      variables: ['RELEASE', 'TOKEN'],
      timeoutSec: 42,
      user: 'deploy',
      status: 'new',
    })
  })

  it('stands in a line of its own, from its beginning to its end', () => {
    for (const text of ['x # variables: A\n', '# variables: A b\n', '# variables: A;\n']) expect(row(text)).toMatchObject({ variables: [] })
    for (const text of ['x # timeout: 5\n', '# timeout: 5x\n', '# timeout: 123456\n']) expect(row(text)).toMatchObject({ timeoutSec: 600 })
    for (const text of ['x # user: deploy\n', '# user: deploy x\n', '# user: Deploy\n', '# user: 1x\n'])
      expect(row(text)).toMatchObject({ user: 'me' })
    expect(row('echo\n')).toMatchObject({ variables: [] })
  })

  it('is passed over where it is not as it must be', () => {
    const strange = '# variables: PATH LD_PRELOAD lower OK\n# timeout: 0\n# user: ../x\n'
    expect(row(strange)).toMatchObject({ variables: [], timeoutSec: 600, user: 'me' })
    expect(row('# variables: PATH LD_PRELOAD PYTHONSTARTUP RUN_ID OK\n')).toMatchObject({ variables: ['OK'] })
    expect(row(`${'#\n'.repeat(3_000)}# timeout: 42\n`)).toMatchObject({ timeoutSec: 600 })
  })
})

describe('how a script stands to its approval', () => {
  const text = 'echo approved\n'
  const sha256 = createHash('sha256').update(text).digest('hex')
  const approvedRow = (over: object = {}, file = 'stands.sh') => {
    const path = put('stands.sh', text)
    const approval = {
      ...{ v: 1 as const, scriptId: 'stands', path, sha256, user: 'deploy', workingDirectory: '/srv', timeoutSec: 9, variables: ['A'] },
      ...{ approvedBy: 'user-1', approvedAt: '2026-01-01T00:00:00.000Z' },
      ...over,
    }
    return rowOf({ root, path: join(root, file), scriptId: 'stands', approval, uid, ownUser: 'me' })
  }

  it('is approved with what the approval says, not the file', () => {
    expect(approvedRow()).toEqual({
      ...{ scriptId: 'stands', path: join(root, 'stands.sh'), root, status: 'approved', sha256, approvedSha256: sha256 },
      ...{ approvedBy: 'user-1', approvedAt: '2026-01-01T00:00:00.000Z', user: 'deploy', workingDirectory: '/srv', timeoutSec: 9 },
      ...{ variables: ['A'], reason: null, sizeBytes: text.length },
    })
  })

  it('is changed when the bytes or the place are others', () => {
    expect(approvedRow({ sha256: 'b'.repeat(64) })).toMatchObject({ status: 'changed', approvedSha256: 'b'.repeat(64), sha256 })
    expect(approvedRow({ path: '/elsewhere/stands.sh' })).toMatchObject({ status: 'changed' })
  })

  it('is missing or refused when it cannot be read, and proposes nothing then', () => {
    expect(approvedRow({}, 'gone.sh')).toMatchObject({ status: 'missing', sha256: null, sizeBytes: null, reason: 'The file is gone.' })
    const path = put('bad.sh', '# variables: A\necho \0\n')
    expect(rowOf({ root, path, scriptId: 'bad', approval: undefined, uid, ownUser: 'me' })).toMatchObject({
      ...{ status: 'refused', variables: [], timeoutSec: 600, user: 'me', workingDirectory: root, approvedBy: null, approvedAt: null },
      ...{ approvedSha256: null, sizeBytes: null, reason: expect.stringContaining('NUL') },
    })
  })

  it('is told with one dash for each run of strange characters, and without its ending alone', () => {
    expect([idOf(root, join(root, 'a  b.sh')), idOf(root, join(root, 'a.sh.b.sh'))]).toEqual(['a-b', 'a-sh-b'])
  })
})
