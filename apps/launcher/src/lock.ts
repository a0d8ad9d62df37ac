import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export type Lock = { release(): void }
type Holder = { readonly pid: number; readonly address: string }

const introductionMs = 1_000

/**
 * Lets one launcher run per data folder. The lock is SQLite's lock on an empty file: the kernel drops it with the process that holds it,
 * however that ended. Who holds it stands in a file beside, which is only read and never believed to be a lock.
 * @throws Error that names the holder and the address it serves.
 */
export async function takeLock(dataDir: string, address: string): Promise<Lock> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const card = join(dataDir, 'console.json')
  const held = lockFile(join(dataDir, 'console.lock'))
  if (!held) throw new Error(await whoHolds(card, dataDir))
  introduce(card, { pid: process.pid, address })
  return {
    release: () => {
      if (!held.isOpen) return
      rmSync(card, { force: true })
      held.close()
    },
  }
}

/** A lock that lasts until it is closed or its process ends; null when another process has it. Nothing is written, so a full disk is no hindrance. */
export function lockFile(file: string): DatabaseSync | null {
  const db = new DatabaseSync(file)
  try {
    db.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db.close()
    if ((error as { errcode?: number }).errcode === sqliteBusy) return null
    throw new Error(`${file} cannot be locked: ${(error as Error).message}`)
  }
}
const sqliteBusy = 5

/** A disk that is full for the card has room for the lock: the console then runs without saying who it is. */
function introduce(card: string, holder: Holder): void {
  try {
    writeFileSync(card, JSON.stringify(holder), { mode: 0o600 })
  } catch {
    rmSync(card, { force: true })
  }
}

/** The holder may be so new that the card is still that of the one before it. */
async function whoHolds(card: string, dataDir: string): Promise<string> {
  const until = performance.now() + introductionMs
  for (;;) {
    const holder = readHolder(card)
    if (holder && isAlive(holder.pid))
      return `The console is running already: process ${holder.pid}, ${holder.address}. End it with Ctrl-C there, or with: kill ${holder.pid}`
    if (performance.now() > until) return `The console is running already on ${dataDir}. End it, or give this one another DATA_DIR.`
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function readHolder(card: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(card, 'utf8')) as Holder
    return Number.isSafeInteger(holder.pid) ? holder : null
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
