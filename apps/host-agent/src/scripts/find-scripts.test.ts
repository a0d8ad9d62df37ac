import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf, rowOf, scriptsUnder } from './find-scripts.ts'

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

  it('passes over what is not there', () => {
    expect(scriptsUnder(join(root, 'gone'))).toEqual([])
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

  it('is passed over where it is not as it must be', () => {
    const strange = '# variables: PATH LD_PRELOAD lower OK\n# timeout: 0\n# user: ../x\n'
    expect(row(strange)).toMatchObject({ variables: [], timeoutSec: 600, user: 'me' })
    expect(row('# variables: PATH LD_PRELOAD PYTHONSTARTUP RUN_ID OK\n')).toMatchObject({ variables: ['OK'] })
    expect(row(`${'#\n'.repeat(3_000)}# timeout: 42\n`)).toMatchObject({ timeoutSec: 600 })
  })
})
