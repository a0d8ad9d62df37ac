import { readdirSync, readFileSync } from 'node:fs'

/** Where systemd's own tree may be: alone (version 2), beside the old controllers, or as one of them (version 1). */
const trees = [
  { base: '/sys/fs/cgroup', line: /^0::(.+)$/m },
  { base: '/sys/fs/cgroup/unified', line: /^0::(.+)$/m },
  { base: '/sys/fs/cgroup/systemd', line: /^[0-9]+:name=systemd:(.+)$/m },
]

/** The folder of this process's cgroup, if it is the one of `unit`; null in any other, which is not ours to end. */
export function cgroupOfUnit(unit: string): string | null {
  const told = readFileSync('/proc/self/cgroup', 'utf8')
  for (const { base, line } of trees) {
    const path = line.exec(told)?.[1]
    if (path?.endsWith(`/${unit}`) && pidsOf(`${base}${path}`).includes(process.pid)) return `${base}${path}`
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
