import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'

/** Whether something answers on a loopback port. */
export function isTaken(port: number): Promise<boolean> {
  const tries = ['127.0.0.1', '::1'].map(
    (host) =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ host, port })
        const end = (taken: boolean) => {
          socket.destroy()
          resolve(taken)
        }
        socket.once('connect', () => end(true))
        socket.once('error', () => end(false))
        socket.setTimeout(500, () => end(false))
      }),
  )
  return Promise.all(tries).then((answers) => answers.some(Boolean))
}

/** Who listens on a port, as `node (process 4711)`; null where /proc does not tell, for want of rights or on another system. */
export function holderOf(port: number): string | null {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(file, port)))
  if (inodes.size === 0) return null
  for (const pid of namesIn('/proc').filter((name) => /^[0-9]+$/.test(name))) {
    for (const fd of namesIn(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[([0-9]+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1]
      if (inode && inodes.has(inode)) return `${textOf(`/proc/${pid}/comm`).trim()} (process ${pid})`
    }
  }
  return null
}

/** Lines of /proc/net/tcp: local address in the second column as HEX:PORT, state 0A is LISTEN, inode in the tenth. */
function listeningInodes(file: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return textOf(file)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) && columns[3] === '0A')
    .map((columns) => columns[9] ?? '')
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
