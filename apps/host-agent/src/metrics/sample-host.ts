import { performance } from 'node:perf_hooks'
import { type Containers, readContainers } from './containers.ts'
import { type Disks, readDisks, type Statfs } from './disks.ts'
import { type HostFiles, isUnknown, type Known, openHostFiles } from './host-files.ts'
import { type Limit, type Memory, readLimit, readMemory } from './memory.ts'
import { findCgroups, readMounts } from './mounts.ts'
import { type Network, readNetwork } from './network.ts'
import { createProcessReader, type Processes } from './processes.ts'
import { type Cpu, type Load, type Pressure, readCpu, readLoad, readPressure, readUptime } from './processor.ts'
import { readTemperatures, type Temperatures } from './temperatures.ts'

/** One look at the machine. Counters are told as they stand; who asks twice makes rates of them, by `uptime` or `atMs`. */
type HostReading = {
  readonly at: string
  /** Monotonic milliseconds of the agent, to measure the distance of two readings by. */
  readonly atMs: number
  readonly uptime: Known<{ readonly seconds: number }>
  readonly cpu: Known<Cpu>
  readonly load: Known<Load>
  readonly memory: Known<Memory>
  readonly limit: Limit
  readonly pressure: { readonly [K in 'cpu' | 'memory' | 'io']: Known<Pressure> }
  readonly disks: Known<Disks>
  readonly network: Known<Network>
  readonly temperatures: Known<Temperatures>
  readonly processes: Known<Processes>
  readonly containers: Known<Containers>
}
export type HostSampler = {
  sample(): Promise<HostReading>
  /** The containers alone, which costs a fraction of the whole. */
  containers(): Promise<Pick<HostReading, 'at' | 'atMs' | 'containers'>>
}

/** @param root `/`, or the folder of a recorded tree */
export function createHostSampler({
  root = '/',
  statfs,
  now = () => new Date(),
  monotonic = () => performance.now(),
  sharedMs = 0,
}: {
  readonly root?: string
  readonly statfs?: Statfs
  readonly now?: () => Date
  readonly monotonic?: () => number
  /** How long a look is also the answer to others. */
  readonly sharedMs?: number
} = {}): HostSampler {
  const files: HostFiles = openHostFiles(root)
  const processes = createProcessReader(files)
  const look = async (atMs: number): Promise<HostReading> => {
    const mounts = readMounts(files)
    const memory = readMemory(files)
    const cgroups = findCgroups(isUnknown(mounts) ? [] : mounts.items)
    const fast = {
      at: now().toISOString(),
      atMs,
      uptime: readUptime(files),
      cpu: readCpu(files),
      load: readLoad(files),
      memory,
      limit: readLimit(files, cgroups, isUnknown(memory) ? null : memory.totalBytes),
      pressure: { cpu: readPressure(files, 'cpu'), memory: readPressure(files, 'memory'), io: readPressure(files, 'io') },
      network: readNetwork(files),
      temperatures: readTemperatures(files),
    }
    const containers = await readContainers(files, cgroups)
    return {
      ...fast,
      containers,
      processes: await processes(atMs),
      disks: isUnknown(mounts) ? mounts : await readDisks(files, mounts.items, statfs),
    }
  }
  const lookAtContainers = async (atMs: number) => {
    const mounts = readMounts(files)
    const containers = await readContainers(files, findCgroups(isUnknown(mounts) ? [] : mounts.items))
    return { at: now().toISOString(), atMs, containers }
  }
  const shared = <T>(act: (atMs: number) => Promise<T>): (() => Promise<T>) => {
    let last: { readonly atMs: number; readonly reading: Promise<T> } | null = null
    return () => {
      const atMs = Math.round(monotonic())
      if (!last || atMs - last.atMs >= sharedMs) last = { atMs, reading: act(atMs) }
      return last.reading
    }
  }
  return { sample: shared(look), containers: shared(lookAtContainers) }
}
