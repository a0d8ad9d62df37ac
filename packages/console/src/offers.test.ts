import { expect, test } from 'vitest'
import { mayOffer, noMemory, openedAt, readMemory } from './offers.ts'

const day = 86_400_000
const now = Date.parse('2026-06-01T12:00:00Z')

test('an installation is offered from the third day of use on', () => {
  const once = openedAt(noMemory, now)
  expect(openedAt(once, now + 3_600_000)).toBe(once)
  const twice = openedAt(once, now + day)
  expect(mayOffer('install', twice, now + day)).toBe(false)
  expect(mayOffer('install', openedAt(twice, now + 9 * day), now + 9 * day)).toBe(true)
})

test.each([
  ['install', 180],
  ['update', 7],
] as const)('%s, put off, is not offered for %i days, whatever the clock says', (offer, days) => {
  const memory = { putOff: { [offer]: now }, days: 9, lastDay: '2026-06-01' }
  expect([1, days * day - 1, 1 - days * day].map((later) => mayOffer(offer, memory, now + later))).toEqual([false, false, false])
  expect([days * day, -days * day].map((later) => mayOffer(offer, memory, now + later))).toEqual([true, true])
})

test('a newer version is offered on the first day, and putting off the one puts not off the other', () => {
  expect(mayOffer('update', { ...noMemory, putOff: { install: now } }, now)).toBe(true)
  expect(mayOffer('install', { putOff: { update: now }, days: 3, lastDay: '' }, now)).toBe(true)
})

test('what is kept comes back, and what is no memory is none', () => {
  const memory = { putOff: { update: now }, days: 2, lastDay: '2026-06-01' }
  expect(readMemory(JSON.stringify(memory))).toEqual(memory)
  for (const text of [null, '', 'null', '[]', '7', '{"putOff":{"install":"x"},"days":"9","lastDay":4}'])
    expect(readMemory(text)).toEqual(noMemory)
})
