import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openWaitingValues } from './seal-values.ts'

let dir: string
const sealed = (): string => join(dir, 'values.sealed')
const values = { values: { TOKEN: 'hunter2secret', NAME: 'ä\n"' }, secretNames: ['TOKEN'] }

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'seal-values-'))
  writeFileSync(join(dir, 'key.pem'), 'the key of this agent')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('the values of a run that waits', () => {
  it('come back whole, also to a new process, and lie on the disk for nobody else to read', () => {
    openWaitingValues(join(dir, 'key.pem')).put(dir, values)
    expect(openWaitingValues(join(dir, 'key.pem')).take(dir)).toEqual(values)
    expect(readFileSync(sealed()).includes('hunter2')).toBe(false)
    expect(statSync(sealed()).mode & 0o777).toBe(0o600)
  })

  it('are sealed anew each time, so that equal values do not look equal', () => {
    const waiting = openWaitingValues(join(dir, 'key.pem'))
    waiting.put(dir, values)
    const first = readFileSync(sealed())
    waiting.put(dir, values)
    expect(readFileSync(sealed()).equals(first)).toBe(false)
  })

  it('are not taken when one bit was changed, or with another key', () => {
    const waiting = openWaitingValues(join(dir, 'key.pem'))
    waiting.put(dir, values)
    const bytes = readFileSync(sealed())
    for (const at of [0, 12, bytes.length - 1]) {
      const bad = Buffer.from(bytes)
      bad[at] = (bad[at] ?? 0) ^ 1
      writeFileSync(sealed(), bad)
      expect(() => waiting.take(dir)).toThrow()
    }
    writeFileSync(sealed(), bytes)
    expect(waiting.take(dir)).toEqual(values)
    writeFileSync(join(dir, 'key.pem'), 'another key')
    expect(() => waiting.take(dir)).toThrow()
  })

  it('are gone once they are forgotten', () => {
    const waiting = openWaitingValues(join(dir, 'key.pem'))
    waiting.put(dir, values)
    waiting.forget(dir)
    expect(waiting.take(dir)).toBeNull()
  })
})
