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

const network = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 500 5 0 0 0 0 0 0 500 5 0 0 0 0 0 0
docker0:    0 0 0 0 0 0 0 0 700 7 0 3 0 0 0 0
 veth12ab: 9 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0
  eth0: 1000 10 2 1 0 0 0 0 2000 20 1 0 0 0 0 0
`
/** One more of what machines may tell: interfaces, sensors, processes. */
export const peripherals: Tree = {
  '/proc/self/net/dev': network,
  '/sys/class/net/eth0/device/vendor': '0x1af4\n',
  '/sys/class/thermal/thermal_zone0/type': 'x86_pkg_temp\n',
  '/sys/class/thermal/thermal_zone0/temp': '47500\n',
  '/sys/class/hwmon/hwmon1/name': 'nvme\n',
  '/sys/class/hwmon/hwmon1/temp1_label': 'Composite\n',
  '/sys/class/hwmon/hwmon1/temp1_input': '-5250\n',
  '/sys/class/hwmon/hwmon1/temp2_input': '65261850\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nweb:x:1001:1001::/srv:/bin/false\n',
  ...processFiles({ pid: 7, name: 'a (b) c', uid: 1_001, ticks: 100, pages: 50 }),
  ...processFiles({ pid: 8, name: 'idle\u001b[31m', uid: 4_242, ticks: 5, pages: 900 }),
}
/** `/proc/<pid>` as the kernel writes it, secrets in its arguments included. */
export function processFiles({
  pid,
  name,
  uid,
  ticks,
  pages,
}: {
  pid: number
  name: string
  uid: number
  ticks: number
  pages: number
}): Tree {
  const fields = [
    'S',
    '1',
    '7',
    '7',
    '0',
    '-1',
    '4194304',
    '10',
    '0',
    '0',
    '0',
    String(ticks),
    '0',
    '0',
    '0',
    '20',
    '0',
    '1',
    '0',
    '3000',
    '1000000',
    String(pages),
  ]
  return {
    [`/proc/${pid}/stat`]: `${pid} (${name}) ${fields.join(' ')} 18446744073709551615\n`,
    [`/proc/${pid}/status`]: `Name:\t${name}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nVmRSS:\t    ${pages * 4} kB\n`,
    [`/proc/${pid}/cmdline`]: '/bin/thing\0--password=hunter2\0',
    [`/proc/${pid}/environ`]: 'TOKEN=hunter2\0',
  }
}

export const idOf = (digit: string): string => digit.repeat(64)

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

/** Containers as the systemd driver, the cgroupfs driver and another engine name their groups, and what only looks like one. */
export const unifiedContainers: Tree = {
  ...unifiedTree,
  ...filesOfTwo(`system.slice/docker-${idOf('a')}.scope`, { usec: 2_500_000, memory: 50_000_000, limit: '67108864' }),
  ...filesOfTwo(`docker/${idOf('b')}`, { usec: 1_000_000, memory: 9_000_000, limit: 'max' }),
  ...filesOfTwo(`machine.slice/libpod-${idOf('c')}.scope`, { usec: 1, memory: 1, limit: 'max' }),
  ...filesOfTwo(`docker/${idOf('b')}/docker/${idOf('d')}`, { usec: 7, memory: 7, limit: 'max' }),
  ...filesOfTwo('system.slice/ssh.service', { usec: 7, memory: 7, limit: 'max' }),
  ...filesOfTwo(`docker/${'A'.repeat(64)}`, { usec: 7, memory: 7, limit: 'max' }),
}
function filesOfTwo(path: string, { usec, memory, limit }: { usec: number; memory: number; limit: string }): Tree {
  const folder = `/sys/fs/cgroup/${path}`
  return {
    [`${folder}/cpu.stat`]: `usage_usec ${usec}\nuser_usec ${usec}\nsystem_usec 0\nnr_periods 0\n`,
    [`${folder}/memory.current`]: `${memory}\n`,
    [`${folder}/memory.stat`]: 'anon 1\ninactive_file 1\n',
    [`${folder}/memory.max`]: `${limit}\n`,
    [`${folder}/io.stat`]:
      '254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n254:16 rbytes=4 wbytes=8 rios=1 wios=2 dbytes=0 dios=0\n',
  }
}

/** The same in version 1, where each controller has its tree; the second container has no files of its blocks. */
export const controllersContainers: Tree = {
  ...controllersTree,
  [`/sys/fs/cgroup/cpu,cpuacct/docker/${idOf('a')}/cpuacct.usage`]: '2500000000\n',
  [`/sys/fs/cgroup/memory/docker/${idOf('a')}/memory.usage_in_bytes`]: '50000000\n',
  [`/sys/fs/cgroup/memory/docker/${idOf('a')}/memory.stat`]: 'inactive_file 5\ntotal_inactive_file 10000000\n',
  [`/sys/fs/cgroup/memory/docker/${idOf('a')}/memory.limit_in_bytes`]: '67108864\n',
  [`/sys/fs/cgroup/blkio/docker/${idOf('a')}/blkio.throttle.io_service_bytes_recursive`]:
    '254:0 Read 4096\n254:0 Write 8192\n254:0 Sync 1\n254:0 Total 12288\nTotal 12288\n',
  [`/sys/fs/cgroup/cpu,cpuacct/docker/${idOf('b')}/cpuacct.usage`]: '1000000000\n',
  [`/sys/fs/cgroup/memory/docker/${idOf('b')}/memory.usage_in_bytes`]: '9000000\n',
  [`/sys/fs/cgroup/memory/docker/${idOf('b')}/memory.limit_in_bytes`]: '9223372036854771712\n',
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
