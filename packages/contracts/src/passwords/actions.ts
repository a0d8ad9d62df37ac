import { z } from 'zod'
import { defineAction } from '../action.ts'
import { Email, Password, User } from '../people/schemas.ts'
import { Id, Instant, Reason } from '../shapes.ts'
import { LinkHandedOver } from './schemas.ts'

const open = { api: 'platform', auth: 'public', risk: 'none', method: 'POST' } as const
const ResetToken = z.string().min(1).max(200)

export const createResetLink = defineAction({
  api: 'platform',
  auth: 'session',
  id: 'users.resetLink.create',
  method: 'POST',
  path: '/users/:id/reset-link',
  risk: 'change',
  role: 'admin',
  summary: 'Give a person a link to set a new password; it is mailed, or answered once.',
  params: z.strictObject({ id: Id }),
  body: z.strictObject({ reason: Reason }),
  success: { status: 201, body: LinkHandedOver },
  errors: ['USER_NOT_FOUND', 'USER_DISABLED', 'USER_SELF', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { param: 'id' }, fields: { reason: 'keep' } },
})

export const requireReset = defineAction({
  api: 'platform',
  auth: 'session',
  id: 'users.password.require',
  method: 'POST',
  path: '/users/:id/require-reset',
  risk: 'change',
  role: 'admin',
  summary: 'End a person’s password and sessions; only a link sets a new one. It is mailed where mail is set up.',
  params: z.strictObject({ id: Id }),
  body: z.strictObject({ reason: Reason }),
  success: { status: 200, body: User },
  errors: ['USER_NOT_FOUND', 'USER_DISABLED', 'USER_SELF', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { param: 'id' }, fields: { reason: 'keep' } },
})

export const forgotPassword = defineAction({
  ...open,
  id: 'auth.password.forgot',
  path: '/auth/password/forgot',
  summary: 'Ask for a link to set a new password; the answer is the same whether or not the e-mail is known.',
  body: z.strictObject({ email: Email }),
  success: { status: 202, body: z.strictObject({ mails: z.boolean() }) },
  errors: [],
  audit: { target: { fixed: 'forgotten password' }, fields: { email: 'keep' } },
})

export const showReset = defineAction({
  ...open,
  id: 'auth.reset.show',
  path: '/auth/password/reset/show',
  summary: 'Show whose password a link sets to the person who holds it.',
  body: z.strictObject({ token: ResetToken }),
  success: { status: 200, body: z.strictObject({ email: z.string(), secondFactor: z.boolean(), expiresAt: Instant }) },
  errors: ['RESET_NOT_FOUND'],
})

export const resetPassword = defineAction({
  ...open,
  id: 'auth.password.reset',
  path: '/auth/password/reset',
  summary: 'Set a new password with a link; every session of the person ends, and signing in asks for all factors as always.',
  body: z.strictObject({ token: ResetToken, password: Password }),
  success: { status: 204 },
  errors: ['RESET_NOT_FOUND', 'AUTH_PASSWORD_WEAK'],
  audit: { target: { fixed: 'own password' }, fields: { token: 'drop', password: 'drop' } },
})
