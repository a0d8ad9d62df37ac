import type { Risk } from '@console/contracts/action'

/** How much one actor, address or stream may take. One table, handed to the mount. */
export type LimitTable = {
  readonly perMinute: Readonly<Record<Risk, number>>
  readonly addressPerMinute: number
  /** Requests that hand something in: of one address before it is known whose they are, and of one sender. */
  readonly ingestPerMinute: number
  /** Refused attempts of one actor; they never use up another budget. */
  readonly refusalsPerMinute: number
  readonly streamsPerActor: number
  readonly streams: number
  readonly eventStreams: number
  /** A stream ends after so long, and goes on where it was when its reader comes back. */
  readonly streamMinutes: number
}
export const defaultLimits: LimitTable = {
  perMinute: { none: 600, read: 600, change: 30, destroy: 10 },
  addressPerMinute: 1_200,
  ingestPerMinute: 6_000,
  refusalsPerMinute: 60,
  streamsPerActor: 5,
  streams: 50,
  eventStreams: 200,
  streamMinutes: 30,
}
