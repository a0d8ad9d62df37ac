import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { writeDurably } from './write-durably.ts'

const folder = mkdtempSync(join(tmpdir(), 'durable-'))
afterAll(() => rmSync(folder, { recursive: true }))

it.each([0o077, 0o022])('gives a file the mode that is asked for, whatever the umask %o takes away', (umask) => {
  const file = join(folder, `of-${umask}`)
  const before = process.umask(umask)
  try {
    writeDurably(file, 'one', 0o644)
    writeDurably(file, 'two', 0o644)
  } finally {
    process.umask(before)
  }
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['two', 0o644])
  expect(readdirSync(folder)).not.toContainEqual(expect.stringContaining('.part'))
})
