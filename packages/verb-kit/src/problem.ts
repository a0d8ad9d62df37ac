import { STATUS_CODES } from 'node:http'

/** An expected failure of a verb; `detail` says what happened, then what to do. Never a text of the engine's or a program's own. */
export class DaemonError extends Error {
  readonly code: string
  readonly status: number
  readonly details: Readonly<Record<string, unknown>> | undefined
  readonly errors: readonly { field: string; rule: string; message: string }[] | undefined
  readonly retryAfterSec: number | undefined
  /** Nothing outside was reached by the attempt, so it costs nothing of a limit per object. */
  readonly untouched: boolean
  constructor(
    code: string,
    status: number,
    message: string,
    {
      cause,
      details,
      errors,
      retryAfterSec,
      untouched = false,
    }: {
      cause?: unknown
      details?: Readonly<Record<string, unknown>>
      errors?: DaemonError['errors']
      retryAfterSec?: number
      untouched?: boolean
    } = {},
  ) {
    super(message, { cause })
    this.code = code
    this.status = status
    this.details = details
    this.errors = errors
    this.retryAfterSec = retryAfterSec
    this.untouched = untouched
  }
}

/** RFC 9457, as text. What is no DaemonError is a fault: its text stays here. */
export function problemText(error: unknown, requestId: string): { status: number; text: string; headers: Record<string, string> } {
  const known = error instanceof DaemonError ? error : new DaemonError('INTERNAL', 500, 'Something went wrong here. Quote the request id.')
  const { status, code, details, errors, retryAfterSec } = known
  const body = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: known.message,
    code,
    requestId,
    ...(errors && { errors }),
    ...(details && { details }),
  }
  return { status, text: JSON.stringify(body), headers: retryAfterSec === undefined ? {} : { 'retry-after': String(retryAfterSec) } }
}
