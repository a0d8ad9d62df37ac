import { z } from 'zod'
import { defineAction } from '../action.ts'
import { Plan, ProductId } from '../people/schemas.ts'
import { Id, Instant, pageOf, pageQuery, Role } from '../shapes.ts'
import { MembershipRow } from './schemas.ts'

export const listMemberships = defineAction({
  api: 'platform',
  auth: 'session',
  id: 'memberships.membership.list',
  method: 'GET',
  path: '/memberships',
  risk: 'read',
  role: 'admin',
  summary: 'List memberships by person, then product.',
  query: z.strictObject({
    ...pageQuery,
    q: z.string().max(200).optional(),
    userId: Id.optional(),
    productId: ProductId.optional(),
    role: Role.optional(),
    plan: Plan.optional(),
    /** Only those that end before this moment, ended ones among them. */
    endsBefore: Instant.optional(),
  }),
  success: { status: 200, body: pageOf(MembershipRow).extend({ total: z.int() }) },
  errors: [],
})
