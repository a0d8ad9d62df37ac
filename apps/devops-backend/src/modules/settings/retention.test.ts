import { describe, expect, it } from 'vitest'
import { startRetention } from './retention.ts'

const dayMs = 86_400_000
const nowMs = Date.parse('2026-03-31T12:00:00Z')
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

describe('retention', () => {
  it('removes what is older than the settings say, at once and again after they changed', async () => {
    let stored = { runHistoryDays: 30, healthSampleDays: 90, metricDays: 90, auditDays: 90, telemetryDays: 30 }
    const removed: string[] = []
    const retention = await startRetention({
      read: async () => stored,
      removeRuns: async (before) => removed.push(`runs ${day(before)}`),
      removeRows: async (before) => removed.push(`rows ${day(before)}`),
      now: () => nowMs,
      log: () => undefined,
    })
    await retention.apply()
    expect(removed.slice(0, 2)).toEqual([`runs ${day(nowMs - 30 * dayMs)}`, `rows ${day(nowMs - 90 * dayMs)}`])
    stored = { ...stored, runHistoryDays: 7, telemetryDays: 2 }
    expect(retention.days().telemetryDays).toBe(30)
    await retention.apply()
    expect(removed.at(-2)).toBe(`runs ${day(nowMs - 7 * dayMs)}`)
    expect(retention.days().telemetryDays).toBe(2)
    await retention.stop()
  })

  it('goes on with the next kind when one fails, and removes nothing while the settings cannot be read', async () => {
    const said: string[] = []
    let readable = true
    let rows = 0
    const retention = await startRetention({
      read: async () => {
        if (!readable) throw new Error('away')
        return { runHistoryDays: 30, healthSampleDays: 90, metricDays: 90, auditDays: 90, telemetryDays: 30 }
      },
      removeRuns: () => Promise.reject(new Error('busy')),
      removeRows: async () => (rows += 1),
      now: () => nowMs,
      log: (message) => said.push(message),
    })
    await retention.apply()
    expect([rows, said]).toEqual([2, ['old runs could not be removed', 'old runs could not be removed']])
    readable = false
    await retention.apply()
    expect([rows, said.at(-1)]).toEqual([2, 'the settings could not be read, so nothing old was removed'])
    await retention.stop()
  })
})
