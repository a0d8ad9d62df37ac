import { z } from 'zod'
import { defineAction } from '../action.ts'
import { Email, Password, PersonName } from '../people/schemas.ts'
import { Digest, Id, pageOf } from '../shapes.ts'
import { Challenge, FactorCode, OwnFactors, OwnSession, RecoveryCodes, SessionInfo } from './schemas.ts'

const open = { api: 'platform', auth: 'public', risk: 'none' } as const
const own = { api: 'platform', auth: 'session', role: 'any' } as const

export const getPlatformHealth = defineAction({
  ...open,
  id: 'platform.health.get',
  method: 'GET',
  path: '/health',
  summary: 'Say whether platform-service works.',
  success: { status: 200, body: z.strictObject({ status: z.enum(['ok', 'degraded']), problems: z.array(z.string()) }) },
  errors: [],
})

export const getSetup = defineAction({
  ...open,
  id: 'setup.status.get',
  method: 'GET',
  path: '/setup',
  summary: 'Say whether the first admin is still to be made.',
  success: { status: 200, body: z.strictObject({ required: z.boolean() }) },
  errors: [],
})

export const runSetup = defineAction({
  ...open,
  id: 'setup.admin.create',
  method: 'POST',
  path: '/setup',
  summary: 'Make the first admin, for both products, with the one-time setup token.',
  body: z.strictObject({ token: z.string().min(1).max(200), email: Email, password: Password, name: PersonName }),
  success: { status: 201, body: SessionInfo },
  errors: ['SETUP_DONE', 'SETUP_TOKEN_INVALID', 'AUTH_PASSWORD_WEAK'],
  audit: { target: { body: 'email' }, fields: { token: 'drop', email: 'keep', password: 'drop', name: 'keep' } },
})

export const signIn = defineAction({
  ...open,
  id: 'auth.session.create',
  method: 'POST',
  path: '/auth/login',
  summary: 'Sign in with e-mail and password; answers a challenge where a second factor is asked for.',
  body: z.strictObject({ email: z.string().min(1).max(254), password: Password }),
  success: { status: 200, body: z.union([SessionInfo, Challenge]) },
  errors: ['AUTH_CREDENTIALS_INVALID'],
  audit: { target: { body: 'email' }, fields: { email: 'keep', password: 'drop' } },
})

export const answerChallenge = defineAction({
  ...open,
  id: 'auth.challenge.answer',
  method: 'POST',
  path: '/auth/challenge',
  summary: 'Finish a sign-in with a code of the authenticator, or a recovery code.',
  body: z.strictObject({ challenge: z.string().min(1).max(200), code: FactorCode }),
  success: { status: 200, body: SessionInfo },
  errors: ['AUTH_CHALLENGE_OVER', 'AUTH_CODE_INVALID'],
  audit: { target: { fixed: 'second factor' }, fields: { challenge: 'drop', code: 'drop' } },
})

export const getSession = defineAction({
  ...own,
  id: 'auth.session.get',
  method: 'GET',
  path: '/auth/session',
  risk: 'none',
  summary: 'Say who is signed in.',
  success: { status: 200, body: SessionInfo },
  errors: [],
})

export const signOut = defineAction({
  ...own,
  id: 'auth.session.end',
  method: 'POST',
  path: '/auth/logout',
  risk: 'change',
  summary: 'Sign out here.',
  success: { status: 204 },
  errors: [],
  audit: { target: { fixed: 'own session' }, fields: {} },
})

export const stepUp = defineAction({
  ...own,
  id: 'auth.factor.confirm',
  method: 'POST',
  path: '/auth/step-up',
  risk: 'change',
  summary: 'Show a factor again, so that confirmations go on.',
  body: z.strictObject({ password: Password.optional(), code: FactorCode.optional() }),
  success: { status: 200, body: SessionInfo },
  errors: ['AUTH_CREDENTIALS_INVALID', 'AUTH_CODE_INVALID'],
  audit: { target: { fixed: 'own session' }, fields: { password: 'drop', code: 'drop' } },
})

export const createGrant = defineAction({
  ...own,
  id: 'auth.grant.create',
  method: 'POST',
  path: '/auth/grants',
  risk: 'change',
  summary: 'Confirm exactly one plan for one verb.',
  body: z.strictObject({ verb: z.string().min(1).max(100), digest: Digest }),
  success: { status: 201, body: z.strictObject({ grant: z.string(), expiresInSec: z.int() }) },
  errors: ['GRANT_VERB_UNKNOWN', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { body: 'verb' }, fields: { verb: 'keep', digest: 'keep' } },
})

export const listOwnSessions = defineAction({
  ...own,
  id: 'auth.ownSession.list',
  method: 'GET',
  path: '/auth/sessions',
  risk: 'none',
  summary: 'List your own sessions.',
  success: { status: 200, body: pageOf(OwnSession) },
  errors: [],
})

export const endOwnSession = defineAction({
  ...own,
  id: 'auth.ownSession.end',
  method: 'DELETE',
  path: '/auth/sessions/:id',
  risk: 'change',
  summary: 'End one of your sessions.',
  params: z.strictObject({ id: Id }),
  success: { status: 204 },
  errors: ['SESSION_NOT_FOUND', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { param: 'id' }, fields: {} },
})

export const changePassword = defineAction({
  ...own,
  id: 'auth.password.change',
  method: 'POST',
  path: '/auth/password/change',
  risk: 'change',
  summary: 'Change your password.',
  body: z.strictObject({ current: Password, next: Password, endOtherSessions: z.boolean() }),
  success: { status: 200, body: SessionInfo },
  errors: ['AUTH_CREDENTIALS_INVALID', 'AUTH_PASSWORD_WEAK'],
  audit: { target: { fixed: 'own password' }, fields: { current: 'drop', next: 'drop', endOtherSessions: 'keep' } },
})

export const listFactors = defineAction({
  ...own,
  id: 'auth.factor.list',
  method: 'GET',
  path: '/auth/factors',
  risk: 'none',
  summary: 'Say which second factors you have.',
  success: { status: 200, body: OwnFactors },
  errors: [],
})

export const offerTotp = defineAction({
  ...own,
  id: 'auth.totp.offer',
  method: 'POST',
  path: '/auth/factors/totp',
  risk: 'change',
  summary: 'Make a secret for an authenticator; it counts once a code of it was shown.',
  success: { status: 201, body: z.strictObject({ secret: z.string(), uri: z.string() }) },
  errors: ['AUTH_STEP_UP_REQUIRED'],
  audit: { target: { fixed: 'own authenticator' }, fields: {} },
})

export const enableTotp = defineAction({
  ...own,
  id: 'auth.totp.enable',
  method: 'POST',
  path: '/auth/factors/totp/enable',
  risk: 'change',
  summary: 'Show a code of the authenticator, and ask for one at each sign-in from now on.',
  body: z.strictObject({ code: FactorCode }),
  success: { status: 200, body: RecoveryCodes },
  errors: ['AUTH_CODE_INVALID', 'AUTH_STEP_UP_REQUIRED', 'FACTOR_NOT_FOUND'],
  audit: { target: { fixed: 'own authenticator' }, fields: { code: 'drop' } },
})

export const removeTotp = defineAction({
  ...own,
  id: 'auth.totp.remove',
  method: 'DELETE',
  path: '/auth/factors/totp',
  risk: 'change',
  summary: 'Take the authenticator away; the password is enough again.',
  success: { status: 204 },
  errors: ['AUTH_STEP_UP_REQUIRED', 'FACTOR_NOT_FOUND'],
  audit: { target: { fixed: 'own authenticator' }, fields: {} },
})

export const renewRecoveryCodes = defineAction({
  ...own,
  id: 'auth.recovery.renew',
  method: 'POST',
  path: '/auth/factors/recovery',
  risk: 'change',
  summary: 'Make new recovery codes, for an authenticator or a passkey that is lost; those before are good no more.',
  success: { status: 200, body: RecoveryCodes },
  errors: ['AUTH_STEP_UP_REQUIRED', 'FACTOR_NOT_FOUND'],
  audit: { target: { fixed: 'own recovery codes' }, fields: {} },
})
