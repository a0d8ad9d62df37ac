import { expect, it } from 'vitest'
import { nextRun } from './next-run.ts'

const next = (schedule: string, after: string, timeZone = 'UTC') =>
  nextRun(schedule, { after: new Date(after), timeZone })?.toISOString() ?? null

it.each([
  ['*/15 * * * *', '2026-11-28T14:31:00Z', '2026-11-28T14:45:00.000Z'],
  ['15 3 * * *', '2026-11-28T14:31:00Z', '2026-11-29T03:15:00.000Z'],
  ['25 6 * * 7', '2026-11-28T14:31:00Z', '2026-11-29T06:25:00.000Z'],
  ['0 22 * * mon-fri', '2026-11-28T14:31:00Z', '2026-11-30T22:00:00.000Z'],
  // Either-or: the 13th, and each Friday.
  ['0 0 13 * 5', '2026-11-28T14:31:00Z', '2026-12-04T00:00:00.000Z'],
  // A field that begins with a star does not restrict: Mondays of odd days alone.
  ['0 0 */2 * 1', '2026-11-30T00:01:00Z', '2026-12-07T00:00:00.000Z'],
  ['@daily', '2026-11-28T14:31:00Z', '2026-11-29T00:00:00.000Z'],
  ['@midnight', '2026-11-28T14:31:00Z', '2026-11-29T00:00:00.000Z'],
  ['@reboot', '2026-11-28T14:31:00Z', null],
  ['0 0 31 2 *', '2026-11-28T14:31:00Z', null],
  ['61 * * * *', '2026-11-28T14:31:00Z', null],
  ['0 0 L * *', '2026-11-28T14:31:00Z', null],
  ['0 0 * * 5#2', '2026-11-28T14:31:00Z', null],
  ['0 0 15W * *', '2026-11-28T14:31:00Z', null],
  ['0 0-30~2 * * *', '2026-11-28T14:31:00Z', null],
])('says of %s after %s: %s', (schedule, after, expected) => {
  expect(next(schedule, after)).toBe(expected)
})

it('reads hours in the zone of the host, and does without one that it does not know', () => {
  expect(next('15 3 * * *', '2026-07-01T12:00:00Z', 'Europe/Berlin')).toBe('2026-07-02T01:15:00.000Z')
  expect(next('15 3 * * *', '2026-07-01T12:00:00Z', 'Nowhere/Atall')).toBe(null)
})
