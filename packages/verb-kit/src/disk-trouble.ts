import { DaemonError } from './problem.ts'

const full = new Set(['ENOSPC', 'EDQUOT'])
const failing = new Set(['EIO', 'EROFS'])

/**
 * What a verb answers when the system refused to write a file of the daemon's own: nothing of what was asked is in effect, or of a disk
 * that fails, nothing is sure. Another error is given back as it is.
 */
export function diskTrouble(error: unknown): unknown {
  const { code, name, syscall } = (error ?? {}) as { code?: string; name?: string; syscall?: string }
  if (name === 'AuditUnavailable')
    return refused('AUDIT_UNAVAILABLE', 'It was not done: the journal cannot be written. Free space on the disk, then try again.', error)
  if (code === undefined || syscall === undefined) return error
  if (full.has(code)) return refused('DISK_UNAVAILABLE', 'It was not done: the disk is full. Free space on it, then try again.', error)
  if (failing.has(code))
    return refused(
      'DISK_UNAVAILABLE',
      `The disk cannot be written (${code}), so it is not sure what was kept. Mend the disk, look again, then try again.`,
      error,
    )
  return error
}

const refused = (code: string, message: string, cause: unknown): DaemonError =>
  new DaemonError(code, 503, message, { cause, untouched: true })
