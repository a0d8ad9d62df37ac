import { z } from 'zod'
import { Membership, UserStatus } from '../people/schemas.ts'
import { Id } from '../shapes.ts'

/** Who has which role in which product; `ended` ones are kept and count for nothing. */
export const MembershipRow = z.strictObject({
  ...Membership.shape,
  userId: Id,
  name: z.string(),
  email: z.string(),
  status: UserStatus,
  ended: z.boolean(),
})
export type MembershipRow = z.infer<typeof MembershipRow>
