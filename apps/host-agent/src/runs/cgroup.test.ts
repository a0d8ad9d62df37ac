import { afterEach, expect, it } from 'vitest'
import { recordTree, type Tree } from '../metrics/recorded-trees.fake.ts'
import { cgroupOfUnit, memoryKills } from './cgroup.ts'

/** A machine has one version of cgroups: these trees are what kernels of both, and of both at once, tell of such a unit. */
const unit = 'bytelyst-r1.service'
const slice = `/system.slice/${unit}`
const procs = `1\n${process.pid}\n`
const events = 'low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n'
const control = 'oom_kill_disable 0\nunder_oom 0\noom_kill 4\n'
const ofVersion1 = `12:memory:${slice}\n3:cpu,cpuacct:/\n1:name=systemd:${slice}\n`
const trees = {
  'version 2': {
    '/proc/self/cgroup': `0::${slice}\n`,
    [`/sys/fs/cgroup${slice}/cgroup.procs`]: procs,
    [`/sys/fs/cgroup${slice}/memory.events`]: events,
  },
  'version 1': {
    '/proc/self/cgroup': ofVersion1,
    [`/sys/fs/cgroup/systemd${slice}/cgroup.procs`]: procs,
    [`/sys/fs/cgroup/memory${slice}/memory.oom_control`]: control,
  },
  'version 1 with version 2 beside it': {
    '/proc/self/cgroup': `${ofVersion1}0::${slice}\n`,
    [`/sys/fs/cgroup/unified${slice}/cgroup.procs`]: procs,
    [`/sys/fs/cgroup/memory${slice}/memory.oom_control`]: control,
  },
} satisfies Record<string, Tree>

let tree: ReturnType<typeof recordTree>
afterEach(() => tree.remove())

it.each([
  ['version 2', '', 2],
  ['version 1', '/systemd', 4],
  ['version 1 with version 2 beside it', '/unified', 4],
] as const)('finds the unit that it runs in, and counts who was ended for its memory: %s', (version, below, kills) => {
  tree = recordTree(trees[version])
  expect([cgroupOfUnit(unit, tree.root), memoryKills(unit, tree.root)]).toEqual([`${tree.root}/sys/fs/cgroup${below}${slice}`, kills])
})

it.each(Object.keys(trees) as (keyof typeof trees)[])('takes no other unit for its own: %s', (version) => {
  tree = recordTree(trees[version])
  for (const other of ['bytelyst-r2.service', 'r1.service', 'system.slice'])
    expect([cgroupOfUnit(other, tree.root), memoryKills(other, tree.root)]).toEqual([null, null])
})

it('holds nothing that a process of that name outside it says', () => {
  tree = recordTree({ ...trees['version 2'], [`/sys/fs/cgroup${slice}/cgroup.procs`]: '1\n' })
  expect(cgroupOfUnit(unit, tree.root)).toBeNull()
})

it('says that nobody counts where the kernel bounds no memory, or is too old to count', () => {
  const { [`/sys/fs/cgroup${slice}/memory.events`]: _, ...unbounded } = trees['version 2']
  for (const more of [{}, { [`/sys/fs/cgroup${slice}/memory.events`]: 'low 0\noom 3\n' }]) {
    tree?.remove()
    tree = recordTree({ ...unbounded, ...more })
    expect(memoryKills(unit, tree.root)).toBeNull()
  }
})
