import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Lock = { readonly release: () => void }
type Holder = { pid: number; startTicks: string; address: string }

/**
 * Lets one launcher run per data folder. A lock whose holder is gone, or whose process number now belongs to something else, is taken over.
 * @throws Error that names the holder and the address it serves.
 */
export function takeLock(dataDir: string, address: string): Lock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'launcher.lock')
  const own: Holder = { pid: process.pid, startTicks: startTicksOf(process.pid) ?? '', address }
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      writeFileSync(file, JSON.stringify(own), { flag: 'wx', mode: 0o600 })
      return { release: () => rmSync(file, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = readHolder(file)
    if (holder && startTicksOf(holder.pid) === holder.startTicks)
      throw new Error(
        `The console is running already: process ${holder.pid}, ${holder.address}. End it with Ctrl-C there, or with: kill ${holder.pid}`,
      )
    rmSync(file, { force: true })
  }
  throw new Error(`Another start is taking ${file} at this moment. Try again.`)
}

function readHolder(file: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Holder
    return Number.isSafeInteger(holder.pid) ? holder : null
  } catch {
    return null
  }
}

/** Field 22 of /proc/<pid>/stat: a process number alone may have been given to another program. */
function startTicksOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
