import { describe, expect, it } from 'vitest'
import { digestOf, makePlan, parseFound, planLines } from './make-plan.ts'

const item = { kind: 'logs', path: '/var/log/a/b.gz', sizeBytes: 7, changedSec: 1_700_000_000, identity: '1:2:3:4.5' }
const sum = { kind: 'logs', why: 'recent', count: 2, sizeBytes: 9 }
const found = (over: object = {}, one: object = {}): string =>
  JSON.stringify({ v: 1, items: [{ ...item, ...one }], kept: [sum], left: 0, ...over })
const refused = (text: string) => expect([text, () => parseFound(text)][1]).toThrow(/cannot be read/)

describe('what the script of a cleanup found', () => {
  it('becomes a plan that is told by its digest, and a line an object', () => {
    const at = new Date('2026-11-28T12:00:00.000Z')
    const { plan, digest } = makePlan(parseFound(found()), { by: 'ada', sha256: 'f'.repeat(64), at })
    expect(plan).toMatchObject({ plannedBy: 'ada', expiresAt: '2026-11-28T12:15:00.000Z', totalBytes: 7, leftCount: 0, kept: [sum] })
    expect(plan.items).toEqual([
      { kind: 'logs', path: '/var/log/a/b.gz', sizeBytes: 7, changedAt: '2023-11-14T22:13:20.000Z', identity: '1:2:3:4.5' },
    ])
    expect(planLines(plan)).toBe('0\tlogs\t1:2:3:4.5\t7\t/var/log/a/b.gz\n')
    expect(digestOf({ ...plan, totalBytes: 8 })).not.toBe(digest)
  })

  it('is refused whole when it names a place that the script does not know', () => {
    const places: readonly (readonly [string, string])[] = [
      ['logs', '/etc/shadow.gz'],
      ['logs', '/var/log/a/b/c.gz'],
      ['logs', '/var/log/syslog'],
      ['logs', '/var/log/../b.gz'],
      ['packages', '/var/cache/apt/pkgcache.deb'],
      ['packages', '/var/cache/apt/archives/lock'],
      ['temporary', '/tmp/a/b'],
      ['temporary', '/tmp/..'],
      ['temporary', '/var/tmp/.'],
      ['temporary', '/home/tmp/a'],
      ['crashes', '/var/lib/docker/x'],
      ['journals', '/var/log/journal/m/system.journal'],
    ]
    for (const [kind, path] of places) refused(found({}, { kind, path }))
    for (const path of ['/var/log/two\nlines.gz', '/var/log/tab\t.gz', '/var/log/é.gz', `/var/log/${'x'.repeat(1_000)}.gz`])
      refused(found({}, { path }))
  })

  it('is refused whole when anything in it is not as it must be', () => {
    for (const over of [{ v: 2 }, { more: 1 }, { items: {} }, { left: -1 }, { left: 1.5 }, { items: [item, item] }, { kept: null }])
      refused(found(over))
    for (const one of [
      { kind: 'kernels' },
      { kind: 'constructor' },
      { sizeBytes: '7' },
      { sizeBytes: -7 },
      { extra: 1 },
      { identity: 'x' },
    ])
      refused(found({}, one))
    for (const one of [{ why: 'because' }, { kind: 'images' }, { count: -1 }]) refused(found({ kept: [{ ...sum, ...one }] }))
    refused(found({ items: Array.from({ length: 2_001 }, (_, n) => ({ ...item, path: `/var/log/a${n}.gz` })) }))
  })
})
