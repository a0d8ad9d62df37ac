import { spawnSync } from 'node:child_process'
import { describeNeeding } from '@console/testkit/needs'
import { expect, it } from 'vitest'
import { files, root, textOf } from './source-files.ts'

const scripts = files.filter((path) => path.endsWith('.sh') || path.startsWith('.ci/'))

it('reads each shell script to its end without starting it', () => {
  for (const path of scripts) expect([path, spawnSync('bash', ['-n', path], { cwd: root, encoding: 'utf8' }).stderr]).toEqual([path, ''])
  expect(scripts.length).toBeGreaterThan(3)
})

it('says in the second line of each script what it is', () => {
  expect(scripts.filter((path) => !/^#!\S+.*\n# \S/.test(textOf(path)))).toEqual([])
})

describeNeeding('shellcheck', 'shellcheck', () => {
  it('has nothing to say about any of them', () => {
    const { stdout } = spawnSync('shellcheck', ['--format=gcc', ...scripts], { cwd: root, encoding: 'utf8' })
    expect(stdout).toBe('')
  }, 60_000)
})
