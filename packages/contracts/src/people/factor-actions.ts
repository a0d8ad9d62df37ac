import { z } from 'zod'
import { defineAction } from '../action.ts'
import { Id, Reason } from '../shapes.ts'
import { User, UserFactors } from './schemas.ts'

const at = { api: 'platform', auth: 'session' } as const
const userParam = z.strictObject({ id: Id })

export const listUserFactors = defineAction({
  ...at,
  id: 'users.factor.list',
  method: 'GET',
  path: '/users/:id/factors',
  risk: 'read',
  role: 'admin',
  summary: 'Say which factors a person has, and since when.',
  params: userParam,
  success: { status: 200, body: UserFactors },
  errors: ['USER_NOT_FOUND'],
})

export const resetUserFactors = defineAction({
  ...at,
  id: 'users.factor.reset',
  method: 'POST',
  path: '/users/:id/factors/reset',
  risk: 'change',
  role: 'admin',
  summary: 'Take a person’s second factors away, because they lost them, and end their sessions.',
  params: userParam,
  body: z.strictObject({ reason: Reason }),
  success: { status: 200, body: User },
  errors: ['USER_NOT_FOUND', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { param: 'id' }, fields: { reason: 'keep' } },
})
