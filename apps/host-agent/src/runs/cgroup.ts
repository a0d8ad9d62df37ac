import { readdirSync, readFileSync } from 'node:fs'

/** Where systemd's own tree may be: alone (version 2), beside the old controllers, or as one of them (version 1). */
const trees = [
  { base: '/sys/fs/cgroup', line: /^0::(.+)$/m },
  { base: '/sys/fs/cgroup/unified', line: /^0::(.+)$/m },
  { base: '/sys/fs/cgroup/systemd', line: /^[0-9]+:name=systemd:(.+)$/m },
]

/** The folder of this process's cgroup, if it is the one of `unit`; null in any other, which is not ours to end. @param root where `/proc` and `/sys` are */
export function cgroupOfUnit(unit: string, root = ''): string | null {
  const told = readFileSync(`${root}/proc/self/cgroup`, 'utf8')
  for (const { base, line } of trees) {
    const path = line.exec(told)?.[1]
    const folder = `${root}${base}${path}`
    if (path?.endsWith(`/${unit}`) && pidsOf(folder).includes(process.pid)) return folder
  }
  return null
}

/** Where the bound of memory is counted, in the same two versions. */
const memoryTrees = [
  { file: 'memory.events', base: '/sys/fs/cgroup', line: /^0::(.+)$/m },
  { file: 'memory.oom_control', base: '/sys/fs/cgroup/memory', line: /^[0-9]+:memory:(.+)$/m },
]

/** How many processes of this process's unit were ended because its memory was used up; null where nobody counts that. @param root where `/proc` and `/sys` are */
export function memoryKills(unit: string, root = ''): number | null {
  const told = readFileSync(`${root}/proc/self/cgroup`, 'utf8')
  for (const { file, base, line } of memoryTrees) {
    const path = line.exec(told)?.[1]
    if (!path?.endsWith(`/${unit}`)) continue
    try {
      const count = /^oom_kill ([0-9]+)$/m.exec(readFileSync(`${root}${base}${path}/${file}`, 'utf8'))?.[1]
      if (count !== undefined) return Number(count)
    } catch {
      // The other version, or a machine that bounds no memory.
    }
  }
  return null
}

/** Every process in a cgroup and in those below it; none when it is gone. */
export function pidsOf(folder: string): number[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    const here = readFileSync(`${folder}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number)
    return here.concat(below.flatMap(({ name }) => pidsOf(`${folder}/${name}`)))
  } catch {
    return []
  }
}
