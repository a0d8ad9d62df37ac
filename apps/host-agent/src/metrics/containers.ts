import { setImmediate as nextTurn } from 'node:timers/promises'
import { type HostFiles, isUnknown, type Known, numberIn, numbersOf, unknown } from './host-files.ts'
import { withoutCache } from './memory.ts'
import type { CgroupMounts } from './mounts.ts'

/** Counters of one container since it was made; null where its files do not tell. */
type ContainerUse = {
  readonly id: string
  readonly cpuSec: number | null
  readonly memoryBytes: number | null
  readonly memoryLimitBytes: number | null
  readonly readBytes: number | null
  readonly writtenBytes: number | null
}
/** `left` counts containers over the bound. */
export type Containers = { readonly version: 1 | 2; readonly items: readonly ContainerUse[]; readonly left: number }

/** The group of a container: its whole id, bare or as the systemd driver writes it (`docker-<id>.scope`). */
const containerName = /^(?:[a-z][a-z-]{0,31}-)?([0-9a-f]{64})(?:\.scope)?$/
const mostContainers = 500
const mostFolders = 5_000
const deepest = 8
/** After so many containers others get a turn: files of the kernel are read at once, and nobody should wait for all of them. */
const atOnce = 25
const noLimit = 2 ** 62

/**
 * What each container uses, from the files of its cgroup: no engine is asked, and a hundred containers cost a few milliseconds.
 * Version 2: https://docs.kernel.org/admin-guide/cgroup-v2.html (`cpu.stat`, `memory.current`, `memory.max`, `io.stat`). Version 1:
 * https://docs.kernel.org/admin-guide/cgroup-v1/ (cpuacct.rst, memory.rst, blkio-controller.rst).
 */
export async function readContainers(files: HostFiles, mounts: CgroupMounts): Promise<Known<Containers>> {
  const top = mounts.version === 2 ? mounts.unified : (mounts.cpuacct ?? mounts.memory)
  if (mounts.version === null || top === null) return unknown('no cgroups are mounted here')
  const found = findGroups(files, top)
  const items: ContainerUse[] = []
  for (const { id, path } of found.slice(0, mostContainers)) {
    items.push(mounts.version === 2 ? useOfTwo(files, id, `${top}${path}`) : useOfOne(files, id, mounts, path))
    if (items.length % atOnce === 0) await nextTurn()
  }
  return { version: mounts.version, items, left: Math.max(0, found.length - mostContainers) }
}

type Group = { readonly id: string; readonly path: string }

/** Walks down to groups named after containers, and not into them: what a container makes below itself is part of it. */
function findGroups(files: HostFiles, top: string): Group[] {
  const found: Group[] = []
  let level = ['']
  let seen = 0
  for (let depth = 0; depth < deepest && level.length > 0; depth += 1) {
    const next: string[] = []
    for (const path of level) {
      for (const name of files.folders(`${top}${path}`)) {
        seen += 1
        if (seen > mostFolders) return found
        const id = containerName.exec(name)?.[1]
        if (id) found.push({ id, path: `${path}/${name}` })
        else next.push(`${path}/${name}`)
      }
    }
    level = next
  }
  return found
}

function useOfTwo(files: HostFiles, id: string, folder: string): ContainerUse {
  const cpu = files.text(`${folder}/cpu.stat`, 16_384)
  const spent = isUnknown(cpu) ? undefined : numbersOf(cpu.text).get('usage_usec')
  const io = files.text(`${folder}/io.stat`)
  return {
    id,
    cpuSec: spent === undefined ? null : spent / 1e6,
    memoryBytes: withoutCache(files, folder, { use: 'memory.current', cold: 'inactive_file' }),
    memoryLimitBytes: numberIn(files, `${folder}/memory.max`),
    readBytes: isUnknown(io) ? null : sumOf(io.text, /\brbytes=([0-9]{1,20})/g),
    writtenBytes: isUnknown(io) ? null : sumOf(io.text, /\bwbytes=([0-9]{1,20})/g),
  }
}

function useOfOne(files: HostFiles, id: string, { cpuacct, memory, blkio }: CgroupMounts, path: string): ContainerUse {
  const spent = cpuacct === null ? null : numberIn(files, `${cpuacct}${path}/cpuacct.usage`)
  const limit = memory === null ? null : numberIn(files, `${memory}${path}/memory.limit_in_bytes`)
  const whole = blkio === null ? null : files.text(`${blkio}${path}/blkio.throttle.io_service_bytes_recursive`)
  // Kernels before 5.0 have no sum over the groups below.
  const io = whole !== null && isUnknown(whole) ? files.text(`${blkio}${path}/blkio.throttle.io_service_bytes`) : whole
  return {
    id,
    cpuSec: spent === null ? null : spent / 1e9,
    memoryBytes:
      memory === null ? null : withoutCache(files, `${memory}${path}`, { use: 'memory.usage_in_bytes', cold: 'total_inactive_file' }),
    memoryLimitBytes: limit !== null && limit < noLimit ? limit : null,
    readBytes: io === null || isUnknown(io) ? null : sumOf(io.text, /^[0-9]+:[0-9]+ Read ([0-9]{1,20})$/gm),
    writtenBytes: io === null || isUnknown(io) ? null : sumOf(io.text, /^[0-9]+:[0-9]+ Write ([0-9]{1,20})$/gm),
  }
}

function sumOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, [, digits]) => sum + Number(digits), 0)
}
