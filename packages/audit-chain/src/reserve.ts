import { randomFillSync } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { AuditFs } from './audit-fs.ts'
import { meansFull } from './unavailable.ts'

/** `none` is wanted · being `filling` · `ready` · `given` up, so that only essential rows may use what it freed · `missing`, the folder took no file. */
export type ReserveState = 'none' | 'filling' | 'ready' | 'given' | 'missing'

export type Reserve = {
  readonly state: () => ReserveState
  /** Takes the space back when there is enough again; `true` when it is held (or none is wanted). */
  readonly regain: () => Promise<boolean>
  /** To be called after a row went well: a reserve that could not be made before is tried again, beside everything else. */
  readonly refresh: () => void
  /** Frees the space. */
  readonly giveUp: () => Promise<void>
  /** Whether next to nothing but the reserve is left: a row may still fit where room was made ahead, but nothing that it lets happen. */
  readonly isScarce: () => Promise<boolean>
  /** Frees it when next to nothing else is left, so that what an essential row lets happen finds room, and not the row alone. */
  readonly giveUpIfScarce: () => Promise<void>
  /** Ends a filling that is under way; the file stays. */
  readonly close: () => Promise<void>
}

/**
 * Space held back on the log's own file system. Filling starts at once and beside everything else: opening a log does not wait for it.
 * It is filled with noise, because a file system that compresses would hold nothing back for zeros.
 */
export function holdReserve({ fs, dir, log, bytes }: { fs: AuditFs; dir: string; log: string; bytes: number }): Reserve {
  const path = join(dir, `${log}.reserve`)
  let state: ReserveState = bytes === 0 ? 'none' : 'filling'
  let closed = false
  let filling = bytes === 0 ? Promise.resolve() : fill()

  async function fill(): Promise<void> {
    state = 'filling'
    try {
      const file = await fs.open(path, 'any')
      try {
        let { size } = await file.stat()
        if (size > bytes) await file.truncate(bytes)
        for (; size < bytes && !closed; size += slice.length) {
          await file.write(slice.subarray(0, Math.min(slice.length, bytes - size)), size)
          await setImmediate()
        }
        await file.datasync()
      } finally {
        await file.close()
      }
      if (!closed) state = 'ready'
    } catch (error) {
      // Half a reserve is of no use to anybody, while what it took may be.
      await fs.remove(path).catch(() => undefined)
      state = meansFull(error) ? 'given' : 'missing'
    }
  }

  const giveUp = async (): Promise<void> => {
    await filling
    if (bytes === 0) return
    await fs.remove(path)
    state = 'given'
  }

  const isScarce = async (): Promise<boolean> => state === 'ready' && (await fs.freeBytes(dir)) < scarceBytes

  return {
    state: () => state,
    isScarce,
    regain: async () => {
      if (state !== 'given') return true
      if ((await fs.freeBytes(dir)) < bytes + marginBytes) return false
      filling = fill()
      await filling
      return (state as ReserveState) === 'ready'
    },
    refresh: () => {
      if (state === 'missing' && !closed) filling = fill()
    },
    giveUp,
    giveUpIfScarce: async () => {
      if (await isScarce()) await giveUp()
    },
    close: async () => {
      closed = true
      await filling
    },
  }
}

/** Beyond the reserve itself, so that taking it back does not fill the disk anew. */
const marginBytes = 4 * 1024 * 1024
/** A row fits into the rest of its page long after a cancelled run can no longer be written down. */
const scarceBytes = 1024 * 1024
const slice = randomFillSync(Buffer.allocUnsafe(1024 * 1024))
