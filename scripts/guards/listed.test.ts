import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { guards } from './listed.ts'

const root = join(import.meta.dirname, '../..')

it('lists guards that stand once in their file, so that each can be taken away', () => {
  const texts = new Map(guards.map(({ file }) => [file, readFileSync(join(root, file), 'utf8')]))
  const stale = guards.filter(({ file, was }) => texts.get(file)?.split(was).length !== 2)
  expect(stale.map(({ file, was }) => `${file}: ${was}`)).toEqual([])
  expect(guards.length).toBeGreaterThan(400)
})
