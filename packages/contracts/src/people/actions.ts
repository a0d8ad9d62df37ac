import { z } from 'zod'
import { defineAction } from '../action.ts'
import { mailed } from '../mail/schemas.ts'
import { Id, Instant, pageOf, pageQuery, Reason, Role } from '../shapes.ts'
import {
  BulkDeed,
  BulkResult,
  Email,
  Invite,
  InviteState,
  Membership,
  Password,
  PeopleCounts,
  PersonName,
  Plan,
  ProductId,
  peopleFilters,
  Throttle,
  ThrottleKind,
  ThrottleState,
  User,
} from './schemas.ts'

const at = { api: 'platform', auth: 'session' } as const
/** The link is answered where it was not mailed, and then only once. */
const InviteHandedOver = z.strictObject({ invite: Invite, link: z.string().nullable(), ...mailed })
const userParam = z.strictObject({ id: Id })

export const listUsers = defineAction({
  ...at,
  id: 'users.user.list',
  method: 'GET',
  path: '/users',
  risk: 'read',
  role: 'admin',
  summary: 'List people and open invites.',
  query: z.strictObject({ ...peopleFilters, ...pageQuery }),
  success: { status: 200, body: pageOf(User).extend({ total: z.int(), counts: PeopleCounts }) },
  errors: [],
})

export const getUser = defineAction({
  ...at,
  id: 'users.user.get',
  method: 'GET',
  path: '/users/:id',
  risk: 'read',
  role: 'admin',
  summary: 'Read one person.',
  params: userParam,
  success: { status: 200, body: User, etag: true },
  errors: ['USER_NOT_FOUND'],
})

export const disableUser = defineAction({
  ...at,
  id: 'users.user.disable',
  method: 'POST',
  path: '/users/:id/disable',
  risk: 'change',
  role: 'admin',
  summary: 'Disable a person, for good or until a time, and end their sessions.',
  params: userParam,
  body: z.strictObject({ reason: Reason, until: Instant.optional() }),
  success: { status: 200, body: User },
  errors: ['USER_NOT_FOUND', 'USER_LAST_ADMIN', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { param: 'id' }, fields: { reason: 'keep', until: 'keep' } },
})

export const enableUser = defineAction({
  ...at,
  id: 'users.user.enable',
  method: 'POST',
  path: '/users/:id/enable',
  risk: 'change',
  role: 'admin',
  summary: 'Let a disabled person sign in again.',
  params: userParam,
  success: { status: 200, body: User },
  errors: ['USER_NOT_FOUND', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { param: 'id' }, fields: {}, facts: ['before'] },
})

export const removeUser = defineAction({
  ...at,
  id: 'users.user.remove',
  method: 'DELETE',
  path: '/users/:id',
  risk: 'destroy',
  role: 'admin',
  summary: 'Delete a person, with everything that they may.',
  params: userParam,
  success: { status: 204 },
  errors: ['USER_NOT_FOUND', 'USER_LAST_ADMIN'],
  audit: { target: { param: 'id' }, fields: {}, facts: ['name', 'email', 'memberships'] },
  confirm: 'The person, their memberships, factors, sessions and API tokens are gone for good. Rows of the audit log keep their name.',
})

export const changeUsers = defineAction({
  ...at,
  id: 'users.user.changeMany',
  method: 'POST',
  path: '/users/bulk',
  risk: 'change',
  role: 'admin',
  summary: 'Do one thing to many people; each is checked and answered by itself.',
  body: z.strictObject({
    userIds: z.array(Id).min(1).max(200),
    deed: BulkDeed,
    reason: Reason.optional(),
    until: Instant.optional(),
    productId: ProductId.optional(),
    role: Role.optional(),
    plan: Plan.optional(),
    expiresAt: Instant.nullable().optional(),
  }),
  success: { status: 200, body: z.strictObject({ results: z.array(BulkResult), done: z.int(), failed: z.int() }) },
  errors: ['PRODUCT_NOT_FOUND', 'AUTH_STEP_UP_REQUIRED'],
  audit: {
    target: { fixed: 'people' },
    fields: {
      userIds: 'keep',
      deed: 'keep',
      reason: 'keep',
      until: 'keep',
      productId: 'keep',
      role: 'keep',
      plan: 'keep',
      expiresAt: 'keep',
    },
  },
})

export const setMembership = defineAction({
  ...at,
  id: 'memberships.membership.set',
  method: 'PUT',
  path: '/memberships/:userId/:productId',
  risk: 'change',
  role: 'admin',
  summary: 'Give a person a role in a product, or change it.',
  params: z.strictObject({ userId: Id, productId: ProductId }),
  body: z.strictObject({ role: Role, plan: Plan.optional(), expiresAt: Instant.nullable().optional() }),
  success: { status: 200, body: User },
  errors: ['USER_NOT_FOUND', 'PRODUCT_NOT_FOUND', 'PRODUCT_RETIRED', 'USER_LAST_ADMIN', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { param: 'userId' }, fields: { role: 'keep', plan: 'keep', expiresAt: 'keep' }, facts: ['productId', 'before'] },
})

export const removeMembership = defineAction({
  ...at,
  id: 'memberships.membership.remove',
  method: 'DELETE',
  path: '/memberships/:userId/:productId',
  risk: 'change',
  role: 'admin',
  summary: 'Take a person’s access to a product away.',
  params: z.strictObject({ userId: Id, productId: ProductId }),
  success: { status: 200, body: User },
  errors: ['USER_NOT_FOUND', 'MEMBERSHIP_NOT_FOUND', 'USER_LAST_ADMIN', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { param: 'userId' }, fields: {}, facts: ['productId', 'before'] },
})

export const listInvites = defineAction({
  ...at,
  id: 'invites.invite.list',
  method: 'GET',
  path: '/invites',
  risk: 'read',
  role: 'admin',
  summary: 'List invites, newest first, with how many there are of each state.',
  query: z.strictObject({ q: z.string().max(200).optional(), state: InviteState.optional(), ...pageQuery }),
  success: {
    status: 200,
    body: pageOf(Invite).extend({
      total: z.int(),
      counts: z.strictObject({ open: z.int(), accepted: z.int(), revoked: z.int(), expired: z.int() }),
    }),
  },
  errors: [],
})

export const createInvite = defineAction({
  ...at,
  id: 'invites.invite.create',
  method: 'POST',
  path: '/invites',
  risk: 'change',
  role: 'admin',
  summary: 'Invite a person by a link; it is mailed, or answered once.',
  body: z.strictObject({
    email: Email,
    name: PersonName.optional(),
    memberships: z
      .array(z.strictObject({ productId: ProductId, role: Role, plan: Plan.optional(), expiresAt: Instant.nullable().optional() }))
      .min(1)
      .max(20),
    expiresInHours: z.int().min(1).max(720).optional(),
  }),
  success: { status: 201, body: InviteHandedOver },
  errors: ['USER_EXISTS', 'PRODUCT_NOT_FOUND', 'PRODUCT_RETIRED', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { body: 'email' }, fields: { email: 'keep', name: 'keep', memberships: 'keep', expiresInHours: 'keep' } },
})

export const renewInvite = defineAction({
  ...at,
  id: 'invites.invite.renew',
  method: 'POST',
  path: '/invites/:id/renew',
  risk: 'change',
  role: 'admin',
  summary: 'Make a new link for an invite; the old one ends.',
  params: userParam,
  success: { status: 200, body: InviteHandedOver },
  errors: ['INVITE_NOT_FOUND', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { param: 'id' }, fields: {} },
})

export const revokeInvite = defineAction({
  ...at,
  id: 'invites.invite.revoke',
  method: 'DELETE',
  path: '/invites/:id',
  risk: 'change',
  role: 'admin',
  summary: 'Revoke an invite.',
  params: userParam,
  success: { status: 204 },
  errors: ['INVITE_NOT_FOUND'],
  audit: { target: { param: 'id' }, fields: {} },
})

export const showInvite = defineAction({
  api: 'platform',
  auth: 'public',
  id: 'invites.invite.show',
  method: 'POST',
  path: '/invites/show',
  risk: 'none',
  summary: 'Show an invite to the person who holds its link.',
  body: z.strictObject({ token: z.string().min(1).max(200) }),
  success: {
    status: 200,
    body: z.strictObject({ email: z.string(), name: z.string().nullable(), memberships: z.array(Membership), expiresAt: Instant }),
  },
  errors: ['INVITE_NOT_FOUND'],
})

export const acceptInvite = defineAction({
  api: 'platform',
  auth: 'public',
  id: 'invites.invite.accept',
  method: 'POST',
  path: '/invites/accept',
  risk: 'none',
  summary: 'Accept an invite: choose name and password, and be signed in.',
  body: z.strictObject({ token: z.string().min(1).max(200), name: PersonName, password: Password }),
  success: { status: 201, body: z.strictObject({ userId: Id }) },
  errors: ['INVITE_NOT_FOUND', 'USER_EXISTS', 'AUTH_PASSWORD_WEAK'],
  audit: { target: { result: 'userId' }, fields: { token: 'drop', name: 'keep', password: 'drop' } },
})

export const listThrottles = defineAction({
  ...at,
  id: 'throttles.throttle.list',
  method: 'GET',
  path: '/throttles',
  risk: 'read',
  role: 'admin',
  summary: 'List accounts and addresses that are blocked after failed sign-ins, or near to it; at most 200, what is blocked first.',
  query: z.strictObject({ kind: ThrottleKind.optional(), state: ThrottleState.optional() }),
  success: { status: 200, body: pageOf(Throttle).extend({ blocked: z.int(), near: z.int() }) },
  errors: [],
})

export const liftThrottle = defineAction({
  ...at,
  id: 'throttles.throttle.lift',
  method: 'DELETE',
  path: '/throttles/:id',
  risk: 'change',
  role: 'admin',
  summary: 'Lift a block after failed sign-ins.',
  params: userParam,
  success: { status: 204 },
  errors: ['THROTTLE_NOT_FOUND', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { param: 'id' }, fields: {}, facts: ['kind', 'failures', 'userId', 'subject'] },
})
