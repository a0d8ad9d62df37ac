import { type HostFiles, isUnknown, type Known, numberIn, numbersOf, unknown } from './host-files.ts'
import type { CgroupMounts } from './mounts.ts'

/** `used` is what is not available: cache that the kernel can give back is told apart and not counted as used. */
export type Memory = {
  readonly totalBytes: number
  readonly availableBytes: number
  readonly usedBytes: number
  readonly cacheBytes: number
  readonly swapTotalBytes: number
  readonly swapUsedBytes: number
}
/** Which bound holds for everything that is seen from here: the machine's own, or that of the container around the agent. */
export type Limit = {
  readonly by: 'machine' | 'cgroup'
  /** Null where the machine is the bound. */
  readonly memoryBytes: number | null
  readonly memoryUsedBytes: number | null
  readonly cpus: number | null
}

/** `/proc/meminfo`, https://docs.kernel.org/filesystems/proc.html section 1.2; cache is page cache, buffers and slab that can go. */
export function readMemory(files: HostFiles): Known<Memory> {
  const read = files.text('/proc/meminfo')
  if (isUnknown(read)) return read
  const table = numbersOf(read.text)
  const bytes = (name: string): number => (table.get(name) ?? 0) * 1_024
  const total = table.get('MemTotal')
  if (!total) return unknown('/proc/meminfo: it names no MemTotal')
  const cacheBytes = bytes('Cached') + bytes('Buffers') + bytes('SReclaimable')
  // Kernels before 3.14 tell no MemAvailable; free and cache is what the others answer without the water marks.
  const availableBytes = table.has('MemAvailable') ? bytes('MemAvailable') : bytes('MemFree') + cacheBytes
  return {
    totalBytes: total * 1_024,
    availableBytes,
    usedBytes: Math.max(0, total * 1_024 - availableBytes),
    cacheBytes,
    swapTotalBytes: bytes('SwapTotal'),
    swapUsedBytes: Math.max(0, bytes('SwapTotal') - bytes('SwapFree')),
  }
}

/** What version 1 writes for "none": the largest page-aligned signed number. */
const noLimit = 2 ** 62

/**
 * The bound at the top of the tree of cgroups that is seen from here. On a machine the top has none; in a container the top is the
 * container's own group. `memory.max`, `memory.current` and `cpu.max`: https://docs.kernel.org/admin-guide/cgroup-v2.html; `memory.limit_in_bytes`
 * and `total_inactive_file`: https://docs.kernel.org/admin-guide/cgroup-v1/memory.html; `cpu.cfs_quota_us`:
 * https://docs.kernel.org/scheduler/sched-bwc.html.
 */
export function readLimit(files: HostFiles, mounts: CgroupMounts, totalBytes: number | null): Limit {
  const none: Limit = { by: 'machine', memoryBytes: null, memoryUsedBytes: null, cpus: null }
  const top = mounts.version === 2 ? topOfTwo(files, mounts.unified) : topOfOne(files, mounts)
  const memory = top.memoryBytes !== null && top.memoryBytes < Math.min(noLimit, totalBytes ?? noLimit) ? top.memoryBytes : null
  if (memory === null && top.cpus === null) return none
  return { by: 'cgroup', memoryBytes: memory, memoryUsedBytes: memory === null ? null : top.usedBytes, cpus: top.cpus }
}

type Top = { readonly memoryBytes: number | null; readonly usedBytes: number | null; readonly cpus: number | null }

function topOfTwo(files: HostFiles, folder: string | null): Top {
  if (folder === null) return { memoryBytes: null, usedBytes: null, cpus: null }
  const quota = files.text(`${folder}/cpu.max`, 4_096)
  const [, most, period] = (isUnknown(quota) ? null : /^([0-9]+) ([0-9]+)/.exec(quota.text)) ?? []
  return {
    memoryBytes: numberIn(files, `${folder}/memory.max`),
    usedBytes: withoutCache(files, folder, { use: 'memory.current', cold: 'inactive_file' }),
    cpus: most && Number(period) > 0 ? Number(most) / Number(period) : null,
  }
}

function topOfOne(files: HostFiles, { memory, cpu }: CgroupMounts): Top {
  const quota = cpu === null ? null : numberIn(files, `${cpu}/cpu.cfs_quota_us`)
  const period = cpu === null ? null : numberIn(files, `${cpu}/cpu.cfs_period_us`)
  return {
    memoryBytes: memory === null ? null : numberIn(files, `${memory}/memory.limit_in_bytes`),
    usedBytes: memory === null ? null : withoutCache(files, memory, { use: 'memory.usage_in_bytes', cold: 'total_inactive_file' }),
    cpus: quota && period ? quota / period : null,
  }
}

/** Memory of a group without the part of the page cache that is given back first, as `docker stats` counts it too. */
export function withoutCache(
  files: HostFiles,
  folder: string,
  { use, cold }: { readonly use: string; readonly cold: string },
): number | null {
  const used = numberIn(files, `${folder}/${use}`)
  if (used === null) return null
  const stat = files.text(`${folder}/memory.stat`)
  const cache = isUnknown(stat) ? 0 : (numbersOf(stat.text).get(cold) ?? 0)
  return Math.max(0, used - cache)
}
