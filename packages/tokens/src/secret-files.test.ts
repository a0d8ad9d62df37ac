import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { withSecretFiles } from './secret-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'secret-files-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

it('takes a secret from its file, without the end of the line', () => {
  const problems: string[] = []
  const env = withSecretFiles({ A_FILE: file('a', 'first \n'), B_FILE: file('b', 'second'), C: 'third' }, ['A', 'B', 'C'], problems)
  expect([env.A, env.B, env.C, problems]).toEqual(['first ', 'second', 'third', []])
})

it('takes an empty file for none, and leaves names alone that are no secrets', () => {
  const problems: string[] = []
  const env = withSecretFiles({ A_FILE: file('empty', '\n'), B_FILE: file('other', 'x'), C_FILE: '' }, ['A', 'C'], problems)
  expect([env.A, env.B, env.C, problems]).toEqual([undefined, undefined, undefined, []])
})

it('tells of a file that is away, and of a secret that is given twice', () => {
  const problems: string[] = []
  const env = withSecretFiles({ A_FILE: join(folder, 'away'), B: 'x', B_FILE: file('twice', 'y') }, ['A', 'B'], problems)
  expect([env.A, env.B]).toEqual([undefined, 'x'])
  expect(problems).toEqual([`A_FILE: ${join(folder, 'away')} cannot be read (ENOENT).`, 'B and B_FILE are both set. Remove one.'])
})
