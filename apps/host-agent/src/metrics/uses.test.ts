import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { rounds } from '@console/testkit/deep'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { readContainers } from './containers.ts'
import { openHostFiles } from './host-files.ts'
import { findCgroups, readMounts } from './mounts.ts'
import { readNetwork } from './network.ts'
import { createProcessReader } from './processes.ts'
import {
  controllersContainers,
  idOf,
  peripherals,
  processFiles,
  recordTree,
  type Tree,
  unifiedContainers,
  unifiedTree,
} from './recorded-trees.fake.ts'
import { readTemperatures } from './temperatures.ts'

describe('what uses the machine', () => {
  const made: ReturnType<typeof recordTree>[] = []
  afterEach(() => {
    for (const one of made.splice(0)) one.remove()
  })
  const treeOf = (tree: Tree) => {
    const one = recordTree(tree)
    made.push(one)
    return { ...one, files: openHostFiles(one.root) }
  }
  const containersIn = (root: string) => {
    const files = openHostFiles(root)
    const mounts = readMounts(files)
    return readContainers(files, findCgroups('items' in mounts ? mounts.items : []))
  }

  it('finds containers in version 2 under each driver, what they hold inside of them left out', async () => {
    const io = { readBytes: 4_100, writtenBytes: 8_200 }
    const found = await containersIn(treeOf(unifiedContainers).root)
    expect(found).toMatchObject({ version: 2, left: 0 })
    const items = 'items' in found ? [...found.items] : []
    expect(items.sort((x, y) => (x.id < y.id ? -1 : 1))).toEqual([
      { id: idOf('a'), cpuSec: 2.5, memoryBytes: 49_999_999, memoryLimitBytes: 67_108_864, ...io },
      { id: idOf('b'), cpuSec: 1, memoryBytes: 8_999_999, memoryLimitBytes: null, ...io },
      { id: idOf('c'), cpuSec: 1e-6, memoryBytes: 0, memoryLimitBytes: null, ...io },
    ])
  })

  it('finds them in version 1, where each controller has its own tree', async () => {
    expect(await containersIn(treeOf(controllersContainers).root)).toEqual({
      version: 1,
      left: 0,
      items: [
        { id: idOf('a'), cpuSec: 2.5, memoryBytes: 40_000_000, memoryLimitBytes: 67_108_864, readBytes: 4_096, writtenBytes: 8_192 },
        { id: idOf('b'), cpuSec: 1, memoryBytes: 9_000_000, memoryLimitBytes: null, readBytes: null, writtenBytes: null },
      ],
    })
  })

  it('follows no link in the tree of cgroups, takes no group that is not named after a container, and counts what is over the bound', async () => {
    const { root, put } = treeOf(unifiedTree)
    put({ '/elsewhere/cpu.stat': 'usage_usec 5\n' })
    mkdirSync(join(root, 'sys/fs/cgroup/docker'))
    symlinkSync(join(root, 'elsewhere'), join(root, `sys/fs/cgroup/docker/${idOf('e')}`))
    mkdirSync(join(root, `sys/fs/cgroup/docker/${idOf('f')}`))
    symlinkSync(join(root, 'elsewhere/cpu.stat'), join(root, `sys/fs/cgroup/docker/${idOf('f')}/cpu.stat`))
    mkdirSync(join(root, 'sys/fs/cgroup/docker/..not-one'))
    const none = { cpuSec: null, memoryBytes: null, memoryLimitBytes: null, readBytes: null, writtenBytes: null }
    expect(await containersIn(root)).toEqual({ version: 2, left: 0, items: [{ id: idOf('f'), ...none }] })
    for (let n = 0; n < 510; n += 1) mkdirSync(join(root, 'sys/fs/cgroup/docker', n.toString(16).padStart(64, '0')))
    expect(await containersIn(root)).toMatchObject({ left: 11, items: { length: 500 } })
  })

  it('says so where no cgroups are mounted', async () => {
    expect(await containersIn(treeOf({ '/proc/self/mountinfo': '27 1 254:0 / / rw - ext4 /dev/vda rw\n' }).root)).toEqual({
      unknown: 'no cgroups are mounted here',
    })
  })

  it('lists interfaces, those with a device first, and counts the ends of containers', () => {
    expect(readNetwork(treeOf(peripherals).files)).toEqual({
      left: 1,
      items: [
        { name: 'eth0', kind: 'physical', receivedBytes: 1_000, sentBytes: 2_000, errors: 3, dropped: 1 },
        { name: 'docker0', kind: 'virtual', receivedBytes: 0, sentBytes: 700, errors: 0, dropped: 3 },
        { name: 'lo', kind: 'loopback', receivedBytes: 500, sentBytes: 500, errors: 0, dropped: 0 },
      ],
    })
    expect(readNetwork(treeOf({ '/proc/self/net/dev': 'nothing\n' }).files)).toHaveProperty('unknown')
  })

  it('reads sensors, and passes over one that is broken', () => {
    expect(readTemperatures(treeOf(peripherals).files)).toEqual({
      items: [
        { name: 'x86_pkg_temp', celsius: 47.5 },
        { name: 'nvme Composite', celsius: -5.25 },
      ],
    })
    expect(readTemperatures(treeOf({}).files)).toEqual({ unknown: 'this machine tells no temperature' })
  })

  it('tells name, pid and owner of processes, and never their arguments', async () => {
    const { files, put } = treeOf(peripherals)
    const read = createProcessReader(files)
    const first = await read(1_000)
    expect(first).toMatchObject({ count: 2, busiest: [], left: 0 })
    expect(first).toMatchObject({ largest: [{ pid: 8, name: 'idle?[31m', user: '4242', cores: null, memoryBytes: 3_686_400 }, { pid: 7 }] })
    put(processFiles({ pid: 7, name: 'a (b) c', uid: 1_001, ticks: 600, pages: 50 }))
    const second = await read(11_000)
    expect(second).toMatchObject({ busiest: [{ pid: 7, name: 'a (b) c', user: 'web', cores: 0.5 }] })
    // Asked again at once it is compared with the reading before, not with a moment that is too short.
    put(processFiles({ pid: 7, name: 'a (b) c', uid: 1_001, ticks: 700, pages: 50 }))
    expect(await read(11_500)).toMatchObject({ busiest: [{ pid: 7, cores: 2 }] })
    expect(JSON.stringify([first, second])).not.toContain('hunter2')
  })

  it.each([
    ['/opt/agent/node\0--token=hunter2\0', 'node'],
    ['node\0/srv/app.js\0', 'node'],
    // A program may write there what it likes, and in one piece.
    ['node --token=hunter2', 'MainThread'],
    ['/srv/hunter2/\0', 'MainThread'],
    ['', 'MainThread'],
  ])('names the program of a process whose thread alone has a name: %j', async (cmdline, name) => {
    const { files, put } = treeOf(peripherals)
    put({ ...processFiles({ pid: 7, name: 'MainThread', uid: 1_001, ticks: 1, pages: 5_000 }), '/proc/7/cmdline': cmdline })
    const told = await createProcessReader(files)(1_000)
    expect(told).toMatchObject({ largest: [{ pid: 7, name }, { pid: 8 }] })
    expect(JSON.stringify(told)).not.toContain('hunter2')
  })

  it('throws for no text whatever', async () => {
    const tree = { ...peripherals, ...unifiedContainers }
    const { files, put, root } = treeOf(tree)
    const read = createProcessReader(files)
    let at = 0
    const words = fc.constantFrom(
      '(',
      ')',
      'eth0:',
      '..:',
      '0',
      '-1',
      '1e99',
      'usage_usec',
      'rbytes=',
      'Uid:',
      '\n',
      '\0',
      'max',
      '9'.repeat(30),
    )
    const texts = fc.oneof(
      fc.string({ maxLength: 100, unit: 'binary' }),
      fc.array(words, { maxLength: 20 }).map((all) => all.join(' ')),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(tree)), texts, async (path, text) => {
        put({ [path]: text })
        at += 5_000
        const all = [await containersIn(root), readNetwork(files), readTemperatures(files), await read(at)]
        put({ [path]: tree[path as keyof typeof tree] ?? '' })
        expect(JSON.stringify(all)).not.toContain('hunter2')
      }),
      { numRuns: rounds({ test: 12, deep: 2_000 }), seed: 11 },
    )
  }, 60_000)

  it('agrees with the machine that it runs on', async () => {
    const network = readNetwork(openHostFiles())
    const names = 'items' in network ? network.items.map(({ name }) => name) : []
    for (const name of readFileSync('/proc/self/net/dev', 'utf8').matchAll(/^\s*(?!veth)([^\s:]+):/gm)) expect(names).toContain(name[1])
    const read = createProcessReader(openHostFiles())
    await read(0)
    const mine = process.cpuUsage()
    while (process.cpuUsage(mine).user < 200_000) Array.from({ length: 5_000 }, Math.random).sort()
    const all = await read(5_000)
    const ids = 'busiest' in all ? [...all.busiest, ...all.largest] : []
    expect(ids.every(({ memoryBytes }) => memoryBytes >= 0)).toBe(true)
    const me = 'busiest' in all ? all.busiest.find(({ pid }) => pid === process.pid) : undefined
    // Where others are busier this one is not among the first; what is told of it fits all the same.
    if (me) expect(me.user).toBe(execFileSync('id', ['-un'], { encoding: 'utf8' }).trim())
  }, 60_000)

  it('takes what is gone for gone', async () => {
    const { files, root } = treeOf(peripherals)
    const read = createProcessReader(files)
    rmSync(join(root, 'proc/8/status'))
    expect(await read(1_000)).toMatchObject({ count: 2, largest: [{ pid: 7 }] })
  })
})
