import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readStanding, type Standing, weaknesses } from './standing.ts'

const good: Standing = { uid: 1_001, capabilities: 0n, mayGain: false, rootWritable: false, interfaces: [] }
const loopback = { address: '127.0.0.1', internal: true }
const outside = { address: '172.17.0.2', internal: false }
type Interfaces = Parameters<typeof readStanding>[1]

let proc: string
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'standing-'))
})
afterEach(() => rmSync(proc, { recursive: true, force: true }))

/** What the kernel tells, as it writes it. */
function told({ effective = '0', permitted = '0', noNewPrivs = '1', mounts = ['27 1 254:0 / / ro,relatime - ext4 /dev/vda rw'] } = {}) {
  const hex = (digit: string): string => digit.padStart(16, '0')
  writeFileSync(join(proc, 'status'), `Name:\tnode\nCapPrm:\t${hex(permitted)}\nCapEff:\t${hex(effective)}\nNoNewPrivs:\t${noNewPrivs}\n`)
  writeFileSync(join(proc, 'mountinfo'), `${mounts.join('\n')}\n`)
}
const read = (interfaces: object = { lo: [loopback] }): Standing => readStanding(proc, interfaces as Interfaces)

describe('how docker-proxy stands', () => {
  it('is read from what the kernel tells', () => {
    told()
    expect(read()).toEqual({ ...good, uid: process.getuid?.() })
    told({ effective: '400', permitted: '2000', noNewPrivs: '0', mounts: ['27 1 254:0 / / rw,relatime - ext4 /dev/vda rw'] })
    expect(read({ lo: [loopback], eth0: [outside], eth1: undefined })).toEqual({
      uid: process.getuid?.(),
      capabilities: 0x2400n,
      mayGain: true,
      rootWritable: true,
      interfaces: ['eth0'],
    })
  })

  it('is by the mount over the root folder that is seen, and by no other', () => {
    const [ro, rw] = ['27 1 254:0 / / ro,relatime - ext4 /dev/vda rw', '28 27 254:0 / / rw,relatime - ext4 /dev/vda ro']
    told({ mounts: [ro, '30 27 0:5 / /data rw - tmpfs tmpfs rw'] })
    expect(read().rootWritable).toBe(false)
    told({ mounts: [ro, rw] })
    expect(read().rootWritable).toBe(true)
    told({ mounts: ['30 27 0:5 / /data ro - tmpfs tmpfs rw'] })
    expect(read().rootWritable).toBe(true)
  })

  it('is the worst where nothing can be read', () => {
    mkdirSync(join(proc, 'status'))
    expect(read()).toMatchObject({ capabilities: null, mayGain: true, rootWritable: true })
  })
})

describe('what weakens docker-proxy', () => {
  const wrongs: readonly (readonly [Partial<Standing>, string])[] = [
    [{ uid: 0 }, 'runs as root'],
    [{ capabilities: 0x2000n }, 'holds capabilities (2000)'],
    [{ capabilities: null }, 'cannot read which capabilities'],
    [{ mayGain: true }, 'could gain rights'],
    [{ rootWritable: true }, 'writable file system'],
    [{ interfaces: ['eth0', 'eth1'] }, 'has a network (eth0, eth1)'],
  ]

  it('is nothing when it is held as its container holds it', () => expect(weaknesses(good)).toEqual([]))

  it.each(wrongs)('is each thing by itself: %o', (over, says) => {
    expect(weaknesses({ ...good, ...over })).toEqual([expect.stringContaining(says)])
  })
})
