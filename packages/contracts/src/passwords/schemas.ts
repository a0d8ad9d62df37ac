import { z } from 'zod'
import { mailed } from '../mail/schemas.ts'
import { Instant } from '../shapes.ts'

/** A link on its way to a person: mailed, and then told to nobody else; or answered once, to be handed over by hand. */
export const LinkHandedOver = z.strictObject({ link: z.string().nullable(), ...mailed, expiresAt: Instant })
export type LinkHandedOver = z.infer<typeof LinkHandedOver>
