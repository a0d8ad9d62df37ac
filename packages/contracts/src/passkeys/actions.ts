import { z } from 'zod'
import { defineAction } from '../action.ts'
import { SessionInfo } from '../auth/schemas.ts'
import { Id, pageOf } from '../shapes.ts'
import { NewPasskey, Passkey, PasskeyAnswer, PasskeyName, PasskeyOffer, PasskeyQuestion } from './schemas.ts'

const open = { api: 'platform', auth: 'public', risk: 'none' } as const
const own = { api: 'platform', auth: 'session', role: 'any' } as const

export const listPasskeys = defineAction({
  ...own,
  id: 'auth.passkey.list',
  method: 'GET',
  path: '/auth/passkey',
  risk: 'none',
  summary: 'List your passkeys.',
  success: { status: 200, body: pageOf(Passkey) },
  errors: [],
})

export const offerPasskey = defineAction({
  ...own,
  id: 'auth.passkey.offer',
  method: 'POST',
  path: '/auth/passkey/offer',
  risk: 'change',
  summary: 'Begin a new passkey; it counts once an authenticator has answered.',
  success: { status: 201, body: PasskeyOffer },
  errors: ['AUTH_STEP_UP_REQUIRED'],
  audit: { target: { fixed: 'own passkeys' }, fields: {} },
})

export const addPasskey = defineAction({
  ...own,
  id: 'auth.passkey.add',
  method: 'POST',
  path: '/auth/passkey',
  risk: 'change',
  summary: 'Keep a passkey that was just made; your other sessions end.',
  body: z.strictObject({ name: PasskeyName, made: NewPasskey }),
  success: { status: 201, body: Passkey },
  errors: ['AUTH_PASSKEY_INVALID', 'AUTH_STEP_UP_REQUIRED', 'PASSKEY_LIMIT'],
  audit: { target: { result: 'id' }, fields: { name: 'keep', made: 'drop' } },
})

export const renamePasskey = defineAction({
  ...own,
  id: 'auth.passkey.rename',
  method: 'PUT',
  path: '/auth/passkey/:id/name',
  risk: 'change',
  summary: 'Call one of your passkeys otherwise.',
  params: z.strictObject({ id: Id }),
  body: z.strictObject({ name: PasskeyName }),
  success: { status: 200, body: Passkey },
  errors: ['AUTH_STEP_UP_REQUIRED', 'FACTOR_NOT_FOUND'],
  audit: { target: { param: 'id' }, fields: { name: 'keep' }, facts: ['before'] },
})

export const removePasskey = defineAction({
  ...own,
  id: 'auth.passkey.remove',
  method: 'DELETE',
  path: '/auth/passkey/:id',
  risk: 'change',
  summary: 'Take one of your passkeys away.',
  params: z.strictObject({ id: Id }),
  success: { status: 204 },
  errors: ['AUTH_STEP_UP_REQUIRED', 'FACTOR_NOT_FOUND'],
  audit: { target: { param: 'id' }, fields: {} },
})

export const showPasskeyWay = defineAction({
  ...open,
  id: 'auth.passkey.show',
  method: 'GET',
  path: '/auth/passkey/way',
  summary: 'Say whether a passkey signs in by itself, or only after the password.',
  success: { status: 200, body: z.strictObject({ alone: z.boolean() }) },
  errors: [],
})

export const askPasskey = defineAction({
  ...open,
  id: 'auth.passkey.ask',
  method: 'POST',
  path: '/auth/passkey/question',
  summary: 'Ask for something to sign with a passkey.',
  success: { status: 201, body: PasskeyQuestion },
  errors: [],
  audit: { target: { fixed: 'passkey' }, fields: {} },
})

export const signInByPasskey = defineAction({
  ...open,
  id: 'auth.passkey.signIn',
  method: 'POST',
  path: '/auth/passkey/sign-in',
  summary: 'Sign in with a passkey, in place of password and code; or finish a sign-in that the password began.',
  body: z.strictObject({ answer: PasskeyAnswer, challenge: z.string().min(1).max(200).optional() }),
  success: { status: 200, body: SessionInfo },
  errors: ['AUTH_PASSKEY_INVALID', 'AUTH_CHALLENGE_OVER', 'AUTH_WAY_OFF'],
  audit: { target: { fixed: 'passkey' }, fields: { answer: 'drop', challenge: 'drop' } },
})

export const stepUpByPasskey = defineAction({
  ...own,
  id: 'auth.passkey.confirm',
  method: 'POST',
  path: '/auth/passkey/step-up',
  risk: 'change',
  summary: 'Show a passkey again, so that confirmations go on.',
  body: z.strictObject({ answer: PasskeyAnswer }),
  success: { status: 200, body: SessionInfo },
  errors: ['AUTH_PASSKEY_INVALID'],
  audit: { target: { fixed: 'own session' }, fields: { answer: 'drop' } },
})
