import { describe, expect, it } from 'vitest'
import { isCheckpoint, isCheckpointBy, logName, signCheckpoint } from './checkpoint.ts'
import { aKeyPair } from './sample-log.fake.ts'

const own = aKeyPair()
const good = signCheckpoint(own.key, {
  log: 'host-agent',
  genesis: 'a'.repeat(64),
  size: 3,
  head: 'b'.repeat(64),
  at: '2026-01-01T00:00:00.000Z',
})

describe('a checkpoint', () => {
  it('is by whom it is signed, and by nobody else', () => {
    expect([isCheckpoint(good), isCheckpointBy(own.publicKey, good), isCheckpointBy(aKeyPair().publicKey, good)]).toEqual([
      true,
      true,
      false,
    ])
    expect(isCheckpoint({ ...good, size: 0 })).toBe(true)
  })

  it('is signed whole: any member changed is another statement', () => {
    for (const over of [
      { log: 'x' },
      { genesis: 'c'.repeat(64) },
      { size: 4 },
      { head: 'c'.repeat(64) },
      { at: '2026-01-01T00:00:00.001Z' },
    ])
      expect([isCheckpoint({ ...good, ...over }), isCheckpointBy(own.publicKey, { ...good, ...over })]).toEqual([true, false])
  })

  it.each([
    { log: 'Host' },
    { log: '1host' },
    { log: 'a/b' },
    { log: `a${'b'.repeat(40)}` },
    { log: 7 },
    { log: ['host-agent'] },
    { genesis: 'a'.repeat(63) },
    { genesis: 'a'.repeat(65) },
    { genesis: 'A'.repeat(64) },
    { head: 'b'.repeat(65) },
    { head: null },
    { at: '2026-01-01T00:00:00Z' },
    { at: ' 2026-01-01T00:00:00.000Z' },
    { at: '2026-01-01T00:00:00.000Zx' },
    { at: 'x' },
    { signature: 'a'.repeat(85) },
    { signature: 'a'.repeat(87) },
    { signature: `${'a'.repeat(85)}=` },
    { size: -1 },
    { size: 1.5 },
    { size: '3' },
    { size: 2 ** 53 },
  ])('has the shape that is written, not %j', (over) => {
    expect([isCheckpoint({ ...good, ...over }), isCheckpointBy(own.publicKey, { ...good, ...over })]).toEqual([false, false])
  })

  it('is no other value, and asking never throws', () => {
    for (const value of [null, undefined, 'x', 7, [], {}])
      expect([isCheckpoint(value), isCheckpointBy(own.publicKey, value)]).toEqual([false, false])
    expect(isCheckpointBy('no key' as never, good)).toBe(false)
  })

  it('is of a log whose name may begin a file name', () => {
    expect(['a', 'a0-b', `a${'b'.repeat(39)}`].every((name) => logName.test(name))).toBe(true)
  })
})
