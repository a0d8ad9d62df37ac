import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { rounds } from '@console/testkit/deep'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import {
  boundedControllers,
  boundedUnified,
  controllersTree,
  recordTree,
  type Tree,
  unifiedContainers,
  unifiedTree,
} from './recorded-trees.fake.ts'
import { createHostSampler } from './sample-host.ts'

const space = { bsize: 4_096, blocks: 1_000, bfree: 400, bavail: 350, files: 200, ffree: 150 }

describe('a look at the machine', () => {
  const made: ReturnType<typeof recordTree>[] = []
  afterEach(() => {
    for (const one of made.splice(0)) one.remove()
  })
  const treeOf = (tree: Tree) => {
    const one = recordTree(tree)
    made.push(one)
    return one
  }
  const sampleOf = (tree: Tree, statfs = async () => space) => createHostSampler({ root: treeOf(tree).root, statfs }).sample()

  it('reads processors, load, memory, pressure and uptime as the kernel tells them', async () => {
    const reading = await sampleOf(unifiedTree)
    expect(reading.cpu).toEqual({
      cores: 2,
      seconds: { user: 10, nice: 0.5, system: 3, idle: 80, iowait: 1.2, irq: 0, softirq: 0.2, steal: 0.1 },
    })
    expect(reading.load).toEqual({ one: 0.52, five: 1.25, fifteen: 2, runnable: 3, tasks: 412 })
    expect(reading.memory).toEqual({
      totalBytes: 4_294_967_296,
      availableBytes: 2_147_483_648,
      usedBytes: 2_147_483_648,
      cacheBytes: (1_310_720 + 65_536 + 131_072) * 1_024,
      swapTotalBytes: 1_073_741_824,
      swapUsedBytes: 268_435_456,
    })
    expect(reading.pressure.cpu).toMatchObject({ some: { avg10: 12.5, totalSec: 25 }, full: { avg10: 0 } })
    expect(reading.uptime).toEqual({ seconds: 5_126.85 })
  })

  it('lists file systems on disks once each, however often they are mounted, and asks no server', async () => {
    const asked: string[] = []
    const { root } = treeOf(unifiedTree)
    const statfs = async (path: string) => {
      asked.push(path.slice(root.length))
      return space
    }
    const { disks } = await createHostSampler({ root, statfs }).sample()
    expect(asked).toEqual(['/', '/srv/with blank'])
    expect(disks).toMatchObject({
      left: 0,
      items: [
        { mount: '/', type: 'ext4', totalBytes: 4_096_000, usedBytes: 2_457_600, availableBytes: 1_433_600, inodes: 200, inodesUsed: 50 },
        { mount: '/srv/with blank', type: 'xfs' },
      ],
    })
  })

  it('goes on where one file system fails', async () => {
    const { disks } = await sampleOf(unifiedTree, () => Promise.reject(Object.assign(new Error('no'), { code: 'EIO' })))
    expect(disks).toEqual({ items: [{ unknown: '/: EIO' }, { unknown: '/srv/with blank: EIO' }], left: 0 })
  })

  it('says which bound holds: the machine’s, or that of the container around it', async () => {
    const machine = { by: 'machine', memoryBytes: null, memoryUsedBytes: null, cpus: null }
    expect((await sampleOf(unifiedTree)).limit).toEqual(machine)
    expect((await sampleOf(controllersTree)).limit).toEqual(machine)
    const two = { by: 'cgroup', memoryBytes: 536_870_912, memoryUsedBytes: 104_857_600, cpus: 1.5 }
    expect((await sampleOf(boundedUnified)).limit).toEqual(two)
    const one = { by: 'cgroup', memoryBytes: 268_435_456, memoryUsedBytes: 100_663_296, cpus: 0.5 }
    expect((await sampleOf(boundedControllers)).limit).toEqual(one)
  })

  it('takes no bound that is above the machine’s own memory for one', async () => {
    const wide = { ...boundedUnified, '/sys/fs/cgroup/memory.max': '99999999999999\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }
    expect((await sampleOf(wide)).limit).toMatchObject({ by: 'machine', memoryBytes: null })
  })

  it('looks once for all who ask within a second', async () => {
    const { root } = treeOf(unifiedTree)
    let at = 5_000
    let looks = 0
    const statfs = async () => {
      looks += 1
      return space
    }
    const sampler = createHostSampler({ root, statfs, sharedMs: 1_000, monotonic: () => at })
    const first = await Promise.all(Array.from({ length: 50 }, () => sampler.sample()))
    expect([looks, new Set(first.map(({ atMs }) => atMs)).size]).toEqual([2, 1])
    at += 1_000
    expect((await sampler.sample()).atMs).toBe(6_000)
    expect(looks).toBe(4)
  })

  it('looks at containers alone, once for all who ask within a second, and tells of them what a whole look tells', async () => {
    const { root } = treeOf({ ...unifiedTree, ...unifiedContainers })
    let at = 5_000
    const sampler = createHostSampler({ root, statfs: async () => space, sharedMs: 1_000, monotonic: () => at })
    const { containers } = await sampler.sample()
    const first = await sampler.containers()
    expect(Object.keys(first)).toEqual(['at', 'atMs', 'containers'])
    expect(first.containers).toEqual(containers)
    expect('items' in containers && containers.items.length).toBeGreaterThan(0)
    expect(await sampler.containers()).toBe(first)
    at += 1_000
    expect((await sampler.containers()).atMs).toBe(6_000)
  })

  it('tells what is missing as unknown, with the reason', async () => {
    const reading = await sampleOf({ '/proc/self/mountinfo': 'nothing to see\n' })
    expect(reading.cpu).toEqual({ unknown: '/proc/stat: is not there' })
    expect(reading.memory).toEqual({ unknown: '/proc/meminfo: is not there' })
    expect(reading.pressure.io).toEqual({ unknown: 'this kernel measures no pressure' })
    expect(reading.disks).toEqual({ unknown: '/proc/self/mountinfo: no mount is understood' })
    expect(reading.limit.by).toBe('machine')
  })

  it('follows no link, reads nothing without end, and waits for no pipe', async () => {
    const { root, put } = treeOf({ ...unifiedTree, '/secret': 'cpu  1 1 1 1\ncpu0 1 1 1 1\n' })
    for (const path of ['/proc/stat', '/proc/uptime']) rmSync(join(root, path))
    symlinkSync(join(root, 'secret'), join(root, 'proc/stat'))
    execFileSync('mkfifo', [join(root, 'proc/uptime')])
    put({ '/proc/meminfo': `MemTotal: 1 kB\n${'x'.repeat(100_000)}` })
    rmSync(join(root, 'proc/loadavg'))
    mkdirSync(join(root, 'proc/loadavg'))
    const reading = await createHostSampler({ root, statfs: async () => space }).sample()
    expect(reading.cpu).toEqual({ unknown: '/proc/stat: is a symbolic link' })
    expect(reading.uptime).toHaveProperty('unknown')
    expect(reading.memory).toEqual({ unknown: '/proc/meminfo: longer than 65536 bytes' })
    expect(reading.load).toEqual({ unknown: '/proc/loadavg: is a folder' })
  })

  it('throws for no text whatever', async () => {
    const { root, put } = treeOf(boundedUnified)
    const sampler = createHostSampler({ root, statfs: async () => space })
    const paths = Object.keys(boundedUnified)
    const words = fc.constantFrom(
      'cpu',
      'cpu0',
      'some',
      'full',
      'avg10=',
      '-1',
      '1e999',
      'NaN',
      '99999999999999999999999',
      ' - ',
      '\n',
      '\0',
      'MemTotal:',
      'kB',
      'max',
    )
    const texts = fc.oneof(
      fc.string({ maxLength: 200, unit: 'binary' }),
      fc.array(words, { maxLength: 30 }).map((all) => all.join(' ')),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), texts, async (path, text) => {
        put({ [path]: text })
        const reading = await sampler.sample()
        put({ [path]: boundedUnified[path] ?? '' })
        expect(numbersBelow(reading).filter((value) => !(Number.isFinite(value) && value >= 0))).toEqual([])
      }),
      { numRuns: rounds({ test: 12, deep: 2_000 }), seed: 7 },
    )
  }, 60_000)

  it('agrees with the machine that it runs on', async () => {
    const reading = await createHostSampler().sample()
    const cores = readFileSync('/proc/stat', 'utf8').match(/^cpu[0-9]+ /gm)?.length
    expect(reading.cpu).toMatchObject({ cores })
    const [, total] = /MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8')) ?? []
    expect(reading.memory).toMatchObject({ totalBytes: Number(total) * 1_024 })
    const [, size, used] =
      execFileSync('df', ['-B1', '--output=target,size,used', '/'], { encoding: 'utf8' }).trim().split('\n')[1]?.split(/\s+/).map(Number) ??
      []
    const root = 'items' in reading.disks ? reading.disks.items.find((disk) => 'mount' in disk && disk.mount === '/') : undefined
    expect(root).toMatchObject({ totalBytes: size })
    // Others write to this disk between the two looks.
    expect(Math.abs((root && 'usedBytes' in root ? root.usedBytes : 0) - (used ?? 0))).toBeLessThan(0.05 * (size ?? 0))
  })

  it('sees a load that it was told of', async () => {
    const sampler = createHostSampler()
    const busy = (reading: Awaited<ReturnType<typeof sampler.sample>>): number =>
      'seconds' in reading.cpu ? reading.cpu.seconds.user + reading.cpu.seconds.nice : Number.NaN
    const before = busy(await sampler.sample())
    const mine = process.cpuUsage()
    while (process.cpuUsage(mine).user < 200_000) Array.from({ length: 5_000 }, Math.random).sort()
    const used = busy(await sampler.sample()) - before
    // At least what this process spent, less a tick at each end; others may have worked as well.
    expect(used).toBeGreaterThan(0.15)
  }, 60_000)
})

function numbersBelow(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersBelow) : []
}
