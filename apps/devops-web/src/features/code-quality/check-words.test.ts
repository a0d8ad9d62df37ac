import { expect, it } from 'vitest'
import { boundsText, countsText, tookMs } from './check-words.ts'

it('tells what a check counted, and nothing that it did not say', () => {
  const none = { tool: null, errors: null, warnings: null, testsPassed: null, testsFailed: null, testsSkipped: null }
  expect(countsText(null)).toBe('')
  expect(countsText(none)).toBe('')
  expect(countsText({ ...none, errors: 1, warnings: 12 })).toBe('1 error, 12 warnings')
  expect(countsText({ ...none, testsPassed: 40, testsFailed: 0 })).toBe('40 passed, 0 failed')
})

it('measures a run to its end, or to now', () => {
  const startedAt = '2026-01-01T00:00:00.000Z'
  const nowMs = Date.parse(startedAt) + 5_000
  expect(tookMs({ startedAt: null, endedAt: null }, nowMs)).toBeNull()
  expect(tookMs({ startedAt, endedAt: null }, nowMs)).toBe(5_000)
  expect(tookMs({ startedAt, endedAt: '2026-01-01T00:00:03.000Z' }, nowMs)).toBe(3_000)
})

it('tells the bounds of a check as the machine holds it to them', () => {
  const plain = (text: string) => text.replaceAll('\u00a0', ' ')
  expect(plain(boundsText({ memoryBytes: 4 * 1_073_741_824, limitSec: 1_200 }))).toBe('They may take 4.0 GiB of memory together, and 20 m.')
  expect(plain(boundsText({ memoryBytes: null, limitSec: 90 }))).toContain('memory is not bounded')
})
