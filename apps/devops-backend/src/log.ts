/** One line of this service's own log. */
export type Log = (level: 'info' | 'warn' | 'error', msg: string, error?: unknown) => void
