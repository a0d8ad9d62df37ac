import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export type Tree = Readonly<Record<string, string>>

/** Writes a tree of files below a folder of its own; the caller removes it. */
export function recordTree(tree: Tree): { readonly root: string; put(more: Tree): void; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'host-tree-'))
  const put = (more: Tree): void => {
    for (const [path, text] of Object.entries(more)) {
      const file = join(root, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
  }
  put(tree)
  return { root, put, remove: () => rmSync(root, { recursive: true, force: true }) }
}

/** What every kernel of today tells, in its own words: two processors, 4 GiB, one disk. */
const common: Tree = {
  '/proc/stat': `cpu  1000 50 300 8000 120 0 20 10 0 0
cpu0 500 25 150 4000 60 0 10 5 0 0
cpu1 500 25 150 4000 60 0 10 5 0 0
intr 123 0 0
ctxt 456
btime 1790000000
processes 789
`,
  '/proc/loadavg': '0.52 1.25 2.00 3/412 9876\n',
  '/proc/uptime': '5126.85 9842.10\n',
  '/proc/meminfo': `MemTotal:        4194304 kB
MemFree:          524288 kB
MemAvailable:    2097152 kB
Buffers:           65536 kB
Cached:          1310720 kB
SwapCached:            0 kB
SwapTotal:       1048576 kB
SwapFree:         786432 kB
SReclaimable:     131072 kB
HugePages_Total:       0
`,
  '/proc/pressure/cpu': 'some avg10=12.50 avg60=8.00 avg300=4.25 total=25000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  '/proc/pressure/memory': 'some avg10=0.00 avg60=0.10 avg300=0.00 total=1500000\nfull avg10=0.00 avg60=0.05 avg300=0.00 total=900000\n',
  '/proc/pressure/io': 'some avg10=1.00 avg60=2.00 avg300=3.00 total=4000000\nfull avg10=0.50 avg60=1.00 avg300=1.50 total=2000000\n',
}

/** A machine with cgroups of version 2. */
export const unifiedTree: Tree = {
  ...common,
  '/proc/self/mountinfo': `22 27 0:21 / /proc rw,relatime - proc proc rw
23 27 0:22 / /sys rw,relatime - sysfs sysfs rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
28 27 254:16 / /srv/with\\040blank rw,relatime - xfs /dev/vdb rw
29 27 254:16 /part /srv/with\\040blank/deep/bind rw,relatime - xfs /dev/vdb rw
30 27 0:44 / /mnt/share rw,relatime - nfs4 server:/export rw
31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate
46 27 0:39 / /var/lib/docker/overlay2/aa/merged rw - overlay overlay rw,lowerdir=/l
`,
  '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n',
}

/** A machine with cgroups of version 1, a folder a controller. */
export const controllersTree: Tree = {
  ...common,
  '/proc/self/mountinfo': `27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs ro
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
38 31 0:35 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
`,
  '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
  '/sys/fs/cgroup/memory/memory.usage_in_bytes': '3000000000\n',
}

/** The same as a container with bounds sees it: the top of the tree is its own group. */
export const boundedUnified: Tree = {
  ...unifiedTree,
  '/sys/fs/cgroup/memory.max': '536870912\n',
  '/sys/fs/cgroup/memory.current': '209715200\n',
  '/sys/fs/cgroup/memory.stat': 'anon 100000000\nfile 109715200\ninactive_file 104857600\nactive_file 4857600\n',
  '/sys/fs/cgroup/cpu.max': '150000 100000\n',
}
export const boundedControllers: Tree = {
  ...controllersTree,
  '/sys/fs/cgroup/memory/memory.limit_in_bytes': '268435456\n',
  '/sys/fs/cgroup/memory/memory.usage_in_bytes': '134217728\n',
  '/sys/fs/cgroup/memory/memory.stat': 'cache 5\ninactive_file 1\ntotal_cache 50000000\ntotal_inactive_file 33554432\n',
  '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000\n',
  '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
}
