import { defineAction } from '../action.ts'
import { SignInSettings, SignInState } from './schemas.ts'

const at = { api: 'platform', auth: 'session', role: 'admin', path: '/settings' } as const

export const getSignInSettings = defineAction({
  ...at,
  id: 'signIn.settings.get',
  method: 'GET',
  risk: 'read',
  summary: 'Read how people sign in, and which keys sign.',
  success: { status: 200, body: SignInState, etag: true },
  errors: [],
})

export const updateSignInSettings = defineAction({
  ...at,
  id: 'signIn.settings.update',
  method: 'PUT',
  risk: 'change',
  ifMatch: true,
  summary: 'Change how people sign in.',
  body: SignInSettings,
  success: { status: 200, body: SignInState, etag: true },
  errors: ['AUTH_STEP_UP_REQUIRED'],
  audit: {
    target: { fixed: 'sign-in settings' },
    fields: {
      idleMinutes: 'keep',
      sessionHours: 'keep',
      passkeyAlone: 'keep',
      secondFactor: 'keep',
      inviteHours: 'keep',
      resetMinutes: 'keep',
      inviteDomains: 'keep',
    },
    facts: ['before'],
  },
})
