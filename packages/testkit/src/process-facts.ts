import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'

/** What a process has in memory at this moment, in MiB. */
export function residentMiB(pid: number): number {
  return kibibytes(pid, 'VmRSS') / 1_024
}

/** The most that it had since `forgetPeak`, in MiB; unlike a look now and then, it misses nothing. */
export function peakMiB(pid: number): number {
  return kibibytes(pid, 'VmHWM') / 1_024
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

/** The TCP ports on which a process itself listens, whatever it says of them. */
export function tcpListenersOf(pid: number): number[] {
  const sockets = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`)))
  const ports = ['tcp', 'tcp6'].flatMap((family) =>
    readFileSync(`/proc/${pid}/net/${family}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === listening && sockets.has(`socket:[${inode}]`))
      .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16)),
  )
  return [...new Set(ports)]
}

const listening = '0A'

function kibibytes(pid: number, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

/** A descriptor may close while it is looked at. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
