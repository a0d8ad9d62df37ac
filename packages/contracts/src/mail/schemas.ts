import { z } from 'zod'
import { Instant } from '../shapes.ts'

/** What became of a mail: `off` where no mail server is set. */
export const MailOutcome = z.enum(['off', 'sent', 'failed'])
export type MailOutcome = z.infer<typeof MailOutcome>

/** What is known of a mail beside what it was for; `mailTrouble` says why it could not be sent. */
export const mailed = { mail: MailOutcome, mailTrouble: z.string().nullable() }

/** How mail is doing. `server` is host and port, never with a password; null where none is set. */
export const MailStatus = z.strictObject({
  server: z.string().nullable(),
  from: z.string().nullable(),
  /** Mails that are still to be sent. */
  waiting: z.int(),
  lastSentAt: Instant.nullable(),
  lastFailure: z.strictObject({ at: Instant, trouble: z.string() }).nullable(),
})
export type MailStatus = z.infer<typeof MailStatus>
