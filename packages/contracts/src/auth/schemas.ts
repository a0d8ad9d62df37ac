import { z } from 'zod'
import { Membership } from '../people/schemas.ts'
import { Id, Instant } from '../shapes.ts'

/** What a dashboard knows of its person; the same shape after setup, sign-in, step-up and on its own. */
export const SessionInfo = z.strictObject({
  user: z.strictObject({ id: Id, name: z.string(), email: z.string() }),
  memberships: z.array(Membership),
  csrfToken: z.string(),
  /** When the session ends if nobody uses it, and when it ends in any case. */
  expiresAt: Instant,
  endsAt: Instant,
  /** When a factor was last shown; confirmations ask for one when it is older than 5 min. */
  factorAt: Instant,
  /** What can be shown then. */
  factors: z.array(z.enum(['password', 'totp', 'passkey'])),
  /** A second factor is needed and missing: the session is good for setting one up, and for nothing else until then. */
  enrol: z.literal(true).optional(),
})
export type SessionInfo = z.infer<typeof SessionInfo>

export const OwnSession = z.strictObject({
  id: Id,
  current: z.boolean(),
  createdAt: Instant,
  lastUsedAt: Instant,
  expiresAt: Instant,
  address: z.string(),
  device: z.string(),
})
export type OwnSession = z.infer<typeof OwnSession>

/** The password was right; a second factor is still to be shown, within five minutes, with this value. */
export const Challenge = z.strictObject({
  challenge: z.string(),
  factors: z.array(z.enum(['totp', 'recovery', 'passkey'])),
  expiresAt: Instant,
})
export type Challenge = z.infer<typeof Challenge>

/** Six digits of an authenticator, or a recovery code with or without its dashes. */
export const FactorCode = z.string().trim().min(6).max(60)

export const OwnFactors = z.strictObject({
  /** Since when codes of an authenticator are asked for; null without one. */
  totpSince: Instant.nullable(),
  /** How many recovery codes are left; each is good once. */
  recoveryLeft: z.int(),
})
export type OwnFactors = z.infer<typeof OwnFactors>

/** Shown once, when they are made. */
export const RecoveryCodes = z.strictObject({ recoveryCodes: z.array(z.string()) })
