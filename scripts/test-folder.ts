import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const inMemory = '/dev/shm'
const roomBytes = 2 * 1_024 ** 3
const spareBytes = 6 * 1_024 ** 3

/**
 * A new folder for what tests write, open to all accounts as `/tmp` is. It lies in memory where the machine has plenty and programs may run
 * from there: the tests make thousands of rows durable, and would wait for the disk each time. That what is durable was synced is shown by
 * the system calls, and by the long run, which stays on the disk.
 */
export function makeTestFolder(): string {
  const parent = hasRoomInMemory() ? inMemory : tmpdir()
  for (const name of readdirSync(parent)) if (isLeft(name)) removeTestFolder(join(parent, name))
  const folder = mkdtempSync(join(parent, `console-${process.pid}-`))
  chmodSync(folder, 0o1777)
  return folder
}

export function removeTestFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** Whether a run that was killed made it: memory is not to be lost to it until the machine starts again. */
function isLeft(name: string): boolean {
  const pid = /^console-([0-9]+)-[A-Za-z0-9]{6}$/.exec(name)?.[1]
  return pid !== undefined && !existsSync(`/proc/${pid}`)
}

function hasRoomInMemory(): boolean {
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .findLast(([, path]) => path === inMemory)
    const options = mount?.[3]?.split(',') ?? []
    if (mount?.[2] !== 'tmpfs' || options.includes('noexec') || options.includes('ro')) return false
    const { bavail, bsize } = statfsSync(inMemory)
    const available = Number(/^MemAvailable:\s+([0-9]+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1_024
    return bavail * bsize >= roomBytes && available >= spareBytes
  } catch {
    return false
  }
}
