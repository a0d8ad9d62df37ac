import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '@console/http-kit/context'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTelemetry } from './telemetry.ts'

const ctx = { requestId: 'r1', actor: { id: 'u1', name: 'Somebody' }, address: '192.0.2.7' } as unknown as Context
const report = { kind: 'error', message: 'it broke' } as never

describe('telemetry', () => {
  let dir: string
  let now: Date
  beforeEach(() => {
    dir = join(mkdtempSync(join(tmpdir(), 'telemetry-')), 'own')
    now = new Date('2026-03-10T12:00:00Z')
  })
  afterEach(() => rmSync(join(dir, '..'), { recursive: true }))
  const telemetry = () => createTelemetry({ dir, now: () => now, days: () => 3 })

  it('is one line a report, in a file a day that only its owner reads, and names nobody', () => {
    telemetry().take(ctx, [report, report])
    const file = join(dir, '2026-03-10.ndjson')
    const text = readFileSync(file, 'utf8')
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(Array(2).fill({ at: now.toISOString(), requestId: 'r1', kind: 'error', message: 'it broke' }))
    expect(text).not.toMatch(/u1|Somebody|192\.0\.2\.7/)
    expect([statSync(dir).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600])
  })

  it('goes when its days are over', () => {
    const kept = telemetry()
    kept.take(ctx, [report])
    now = new Date('2026-03-13T12:00:00Z')
    kept.take(ctx, [report])
    expect(readdirSync(dir).sort()).toEqual(['2026-03-10.ndjson', '2026-03-13.ndjson'])
    now = new Date('2026-03-14T00:00:00Z')
    kept.take(ctx, [report])
    expect(readdirSync(dir).sort()).toEqual(['2026-03-13.ndjson', '2026-03-14.ndjson'])
  })

  it('takes no more of a day than its bound', () => {
    const kept = telemetry()
    const file = join(dir, '2026-03-10.ndjson')
    writeFileSync(file, Buffer.alloc(20 * 1_048_576 + 1))
    kept.take(ctx, [report])
    expect(statSync(file).size).toBe(20 * 1_048_576 + 1)
  })
})
