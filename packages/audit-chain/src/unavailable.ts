/**
 * Why a log takes no rows: `full` – no space left, only essential rows while the reserve lasts; `io` – the system refused a write;
 * `foreign` – somebody else changed the file; `broken` – the chain on disk does not hold; `closed` – after `close()`.
 */
export type Trouble = 'full' | 'io' | 'foreign' | 'broken' | 'closed'

/** Nothing was recorded, so whatever asked for the row must not happen. */
export class AuditUnavailable extends Error {
  override readonly name = 'AuditUnavailable'
  readonly code = 'AUDIT_UNAVAILABLE'
  readonly trouble: Trouble
  constructor(trouble: Trouble, message: string, cause?: unknown) {
    super(message, { cause })
    this.trouble = trouble
  }
}

/** Whether an error of the file system means that the disk or a quota is used up. */
export function meansFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** What a failed step of the file system means for the log. */
export function unavailableFrom(error: unknown): AuditUnavailable {
  if (error instanceof AuditUnavailable) return error
  if (meansFull(error))
    return new AuditUnavailable('full', 'The audit log cannot be written: the disk is full. Free some space, then try again.', error)
  const { code, message } = error as NodeJS.ErrnoException
  return new AuditUnavailable(
    'io',
    `The audit log cannot be written (${code ?? message}). Make its folder writable, then try again.`,
    error,
  )
}
