import { z } from 'zod'
import { MailOutcome } from '../mail/schemas.ts'
import { Id, Instant, Role } from '../shapes.ts'
import { Email, Membership, PersonName, Plan, ProductId, UserStatus } from './schemas.ts'

/** What one import may hold; larger files are sent in parts, since repeating a part does nothing twice. */
export const importLimits = { rows: 500, textLength: 400_000, membershipsPerRow: 20 } as const

export const ImportFormat = z.enum(['csv', 'json'])
export type ImportFormat = z.infer<typeof ImportFormat>
/** Whether a row becomes an invite, or a person who has no password until they choose one by a link. */
export const ImportAs = z.enum(['invites', 'people'])
export type ImportAs = z.infer<typeof ImportAs>

/** One person of a file. A file may carry more, as an export does; what it says of passwords or factors is never taken. */
export const ImportRow = z.strictObject({
  email: Email,
  name: PersonName.nullable(),
  memberships: z
    .array(z.strictObject({ productId: ProductId, role: Role, plan: Plan.optional(), expiresAt: Instant.nullable().optional() }))
    .min(1)
    .max(importLimits.membershipsPerRow),
})
export type ImportRow = z.infer<typeof ImportRow>

/** What came of one row, or would; `rule` names what it breaks. `link` is the invite's, told this once. */
export const ImportResult = z.strictObject({
  /** Counted from 1, the head of a table left out. */
  row: z.int(),
  email: z.string(),
  name: z.string(),
  outcome: z.enum(['wouldCreate', 'created', 'exists', 'refused']),
  rule: z.string().nullable(),
  detail: z.string().nullable(),
  id: z.string().nullable(),
  link: z.string().nullable(),
  /** What became of the mail with the link: `off` where no mail server is set; null for what is no new invite. */
  mail: MailOutcome.nullable(),
})
export type ImportResult = z.infer<typeof ImportResult>

/** A person or an open invite as an export tells them: never a hash, seed or link. An import takes the same shape. */
export const ExportedPerson = z.strictObject({
  id: Id,
  email: z.string(),
  name: z.string(),
  status: UserStatus,
  disabledReason: z.string().nullable(),
  disabledUntil: Instant.nullable(),
  memberships: z.array(Membership),
  secondFactors: z.array(z.enum(['totp', 'passkey'])),
  lastSeenAt: Instant.nullable(),
  createdAt: Instant,
})
export type ExportedPerson = z.infer<typeof ExportedPerson>
