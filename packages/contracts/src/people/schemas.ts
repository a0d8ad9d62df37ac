import { z } from 'zod'
import { Id, Instant, Role } from '../shapes.ts'

/** Compared after trimming and lower-casing; at most 254 characters. */
export const Email = z.string().trim().toLowerCase().pipe(z.email().max(254))
export const PersonName = z.string().trim().min(1).max(120)
/** Checked for strength by platform-service; here only its outer bounds (NFKC is applied once, by the service). */
export const Password = z.string().min(1).max(1_024)
export const ProductId = z.string().regex(/^[a-z][a-z0-9-]{1,62}$/)
export const Plan = z.string().min(1).max(40)

export const Membership = z.strictObject({ productId: ProductId, role: Role, plan: Plan, expiresAt: Instant.nullable() })
export type Membership = z.infer<typeof Membership>

export const UserStatus = z.enum(['active', 'disabled', 'invited'])
export type UserStatus = z.infer<typeof UserStatus>
/** What somebody has beside their password. */
export const SecondFactor = z.enum(['none', 'totp', 'passkey'])
export type SecondFactor = z.infer<typeof SecondFactor>
/** When somebody was last here: within so many days, or more days ago, or never. */
export const LastSeen = z.enum(['7d', '30d', 'over30d', 'over90d', 'never'])
export type LastSeen = z.infer<typeof LastSeen>
export const PeopleSort = z.enum(['name', 'email', 'status', 'factor', 'sessions', 'lastSeenAt', 'createdAt'])
export type PeopleSort = z.infer<typeof PeopleSort>

/** What people are listed and exported by; all of it together. Product, role and plan are asked of one and the same membership. */
export const peopleFilters = {
  q: z.string().max(200).optional(),
  status: UserStatus.optional(),
  productId: ProductId.optional(),
  role: Role.optional(),
  plan: Plan.optional(),
  factor: SecondFactor.optional(),
  seen: LastSeen.optional(),
  sort: PeopleSort.optional(),
  direction: z.enum(['asc', 'desc']).optional(),
}
/** Of those who fit all but the state, how many are in each; and how many of the people have no second factor. */
export const PeopleCounts = z.strictObject({ active: z.int(), disabled: z.int(), invited: z.int(), withoutFactor: z.int() })
export type PeopleCounts = z.infer<typeof PeopleCounts>

/** A person as the admin pages list them; an open invite is listed as `invited`, its id being the invite's. */
export const User = z.strictObject({
  id: Id,
  name: z.string(),
  email: z.string(),
  status: UserStatus,
  disabledReason: z.string().nullable(),
  /** When a disabled person is let in again by itself. */
  disabledUntil: Instant.nullable(),
  memberships: z.array(Membership),
  factors: z.array(z.enum(['password', 'totp', 'passkey'])),
  sessionCount: z.int(),
  failedSignIns: z.int(),
  lastSeenAt: Instant.nullable(),
  createdAt: Instant,
  lastAdmin: z.boolean(),
  etag: z.string(),
})
export type User = z.infer<typeof User>

export const InviteState = z.enum(['open', 'accepted', 'revoked', 'expired'])
export type InviteState = z.infer<typeof InviteState>

/** How a person can show who they are, and since when. */
export const UserFactors = z.strictObject({
  passwordSince: Instant,
  totpSince: Instant.nullable(),
  /** How many recovery codes are left of ten. */
  recoveryLeft: z.int(),
  passkeys: z.array(z.strictObject({ id: Id, name: z.string(), createdAt: Instant, lastUsedAt: Instant.nullable() })),
})
export type UserFactors = z.infer<typeof UserFactors>

export const Invite = z.strictObject({
  id: Id,
  email: z.string(),
  name: z.string().nullable(),
  memberships: z.array(Membership),
  createdAt: Instant,
  createdBy: z.string(),
  expiresAt: Instant,
  state: InviteState,
  /** When it was accepted or revoked; by whom, where that was an admin. */
  settledAt: Instant.nullable(),
  settledBy: z.string().nullable(),
  /** What became of the mail with the present link; null where none was sent. */
  mail: z.strictObject({ outcome: z.enum(['sent', 'failed']), at: Instant }).nullable(),
})
export type Invite = z.infer<typeof Invite>

/** `reset` is an e-mail that asked for links too often. */
export const ThrottleKind = z.enum(['account', 'address', 'reset'])
export const ThrottleState = z.enum(['blocked', 'near'])
/**
 * What failed sign-ins and wishes for links are counted against. `near` is one that has at least half of what blocks it. A subject is an
 * e-mail of somebody known, or an address; of e-mails that nobody has, only the beginning of a hash is known.
 */
export const Throttle = z.strictObject({
  id: Id,
  kind: ThrottleKind,
  state: ThrottleState,
  subject: z.string(),
  person: z.strictObject({ id: Id, name: z.string() }).nullable(),
  /** Counted within the window, and how many block. */
  failures: z.int(),
  most: z.int(),
  /** When the block ends, or when nothing is counted any more. */
  until: Instant,
})
export type Throttle = z.infer<typeof Throttle>

/** What is done to many people at once. */
export const BulkDeed = z.enum(['disable', 'enable', 'endSessions', 'requireReset', 'setMembership', 'removeMembership'])
export type BulkDeed = z.infer<typeof BulkDeed>
/** What came of one row; `code` and `detail` say why it failed. */
export const BulkResult = z.strictObject({
  userId: Id,
  outcome: z.enum(['done', 'failed']),
  code: z.string().nullable(),
  detail: z.string().nullable(),
})
export type BulkResult = z.infer<typeof BulkResult>
