import { z } from 'zod'
import { Id, Instant } from '../shapes.ts'

/** A session as admins see it. Ended ones stay listed for 30 days. */
export const Session = z.strictObject({
  id: Id,
  person: z.strictObject({ id: Id, name: z.string(), email: z.string() }),
  state: z.enum(['live', 'ended']),
  /** The one that asks. */
  current: z.boolean(),
  device: z.string(),
  address: z.string(),
  /** What was shown at the sign-in, as in the access token: `pwd`, `otp` and so on. */
  amr: z.array(z.string()),
  /** Products whose API the browser can call. */
  products: z.array(z.string()),
  createdAt: Instant,
  lastUsedAt: Instant,
  /** When it ends if nobody uses it, or when it ended. */
  endsAt: Instant,
  /** Who ended it and why; null while it is live. `id` is that of a person, or `platform-service` where it ended by itself. */
  ended: z.strictObject({ by: z.strictObject({ id: z.string(), name: z.string() }), why: z.string() }).nullable(),
})
export type Session = z.infer<typeof Session>

/** What came of one session; `code` and `detail` say why it failed. */
export const SessionResult = z.strictObject({
  sessionId: Id,
  outcome: z.enum(['done', 'failed']),
  code: z.string().nullable(),
  detail: z.string().nullable(),
})
export type SessionResult = z.infer<typeof SessionResult>
