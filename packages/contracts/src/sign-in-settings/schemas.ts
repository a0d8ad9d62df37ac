import { z } from 'zod'
import { Instant } from '../shapes.ts'

/** A domain of mail, such as example.com; one below it is another. */
export const MailDomain = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(
    z
      .string()
      .max(253)
      .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, 'write it as example.com'),
  )

/** How people sign in, each within what the console promises: what is stricter can be chosen, never what is weaker. */
export const SignInSettings = z.strictObject({
  /** A session that nobody uses ends after this; at most 8 h. */
  idleMinutes: z.int().min(5).max(480),
  /** Every session ends after this; at most 7 d. */
  sessionHours: z.int().min(1).max(168),
  /** Whether a passkey signs in by itself, in place of password and code. After a password it counts in any case. */
  passkeyAlone: z.boolean(),
  /** Who needs a second factor; `admins` are those of any product. Whoever has one is asked for it in any case. */
  secondFactor: z.enum(['choice', 'admins', 'everybody']),
  /** The link of an invite is good for no longer than this; at most 30 d. */
  inviteHours: z.int().min(1).max(720),
  /** How long a link that resets a password is good; at most 30 min. */
  resetMinutes: z.int().min(5).max(30),
  /** Mail domains that can be invited; none means every one. */
  inviteDomains: z.array(MailDomain).max(50),
})
export type SignInSettings = z.infer<typeof SignInSettings>

/** A key that access tokens and confirmations are signed with, or were. */
export const SigningKey = z.strictObject({
  /** Its RFC 7638 thumbprint, as `kid` of every token. */
  kid: z.string(),
  /** `signs` is the one of JWT_SECRET, `verifies` that of JWT_SECRET_PREVIOUS. */
  state: z.enum(['signs', 'verifies']),
  /** Since when it is in this state. */
  since: Instant,
})
export type SigningKey = z.infer<typeof SigningKey>

export const SignInState = z.strictObject({
  settings: SignInSettings,
  changedAt: Instant.nullable(),
  changedBy: z.string().nullable(),
  keys: z.array(SigningKey),
  etag: z.string(),
})
export type SignInState = z.infer<typeof SignInState>
