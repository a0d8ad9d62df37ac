import { z } from 'zod'
import { Instant } from '../shapes.ts'

/** What became of a mail: `off` where no mail server is set. */
export const MailOutcome = z.enum(['off', 'sent', 'failed'])
export type MailOutcome = z.infer<typeof MailOutcome>

/** A link on its way to a person: mailed, and then told to nobody else; or answered once, to be handed over by hand. */
export const LinkHandedOver = z.strictObject({
  link: z.string().nullable(),
  mail: MailOutcome,
  /** Why it could not be mailed. */
  mailTrouble: z.string().nullable(),
  expiresAt: Instant,
})
export type LinkHandedOver = z.infer<typeof LinkHandedOver>
