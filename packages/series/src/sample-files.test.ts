import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSampleFiles, type SampleFiles } from './sample-files.ts'

const dayMs = 86_400_000
const start = Date.UTC(2026, 0, 10)

describe('sample files', () => {
  let dir: string
  let clock: number
  let files: SampleFiles
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'samples-'))
    clock = start
    files = openSampleFiles({ dir, retentionDays: () => 3, mostBytes: 10_000, now: () => clock })
  })
  afterEach(() => rmSync(dir, { recursive: true }))
  const sample = (at: number, note = '') => ({ at, check: 'c1', ok: true, latencyMs: 3, note })

  it('are read back by time, over days and reopenings', () => {
    for (let n = 0; n < 5; n += 1) files.append('web', sample(start + n * dayMs))
    const reopened = openSampleFiles({ dir, retentionDays: () => 3, mostBytes: 10_000, now: () => clock })
    expect(reopened.read('web', start + dayMs, start + 3 * dayMs).map(({ at }) => (at - start) / dayMs)).toEqual([1, 2, 3])
    expect(reopened.read('other', start, start + dayMs)).toEqual([])
  })

  it('pass over a torn last line', () => {
    files.append('web', sample(start))
    appendFileSync(join(dir, 'web', '2026-01-10.ndjson'), '{"at":17')
    expect(files.read('web', start, start + dayMs)).toHaveLength(1)
    const reopened = openSampleFiles({ dir, retentionDays: () => 3, mostBytes: 10_000, now: () => clock })
    reopened.append('web', sample(start + 1))
    expect(reopened.read('web', start, start + dayMs).map(({ at }) => at)).toEqual([start, start + 1])
  })

  it('go when they are old, and oldest first when they are too many', () => {
    for (let n = 0; n < 5; n += 1) files.append('web', sample(start + n * dayMs))
    clock = start + 4 * dayMs
    expect(files.trim()).toBe(1)
    files.append('web', sample(clock, 'x'.repeat(20_000)))
    files.trim()
    expect(files.read('web', start, clock)).toEqual([])
  })

  it('refuse a key that is a path', () => {
    expect(() => files.append('../x', sample(start))).toThrow(RangeError)
  })
})
