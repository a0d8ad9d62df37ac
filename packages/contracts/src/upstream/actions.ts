import { z } from 'zod'
import { defineAction } from '../action.ts'
import { PersonName } from '../people/schemas.ts'
import { Id, pageOf } from '../shapes.ts'
import { Dashboard, UpstreamAnswer, UpstreamBegun, UpstreamLink, UpstreamOutcome, UpstreamProvider } from './schemas.ts'

const open = { api: 'platform', auth: 'public', risk: 'none' } as const
const own = { api: 'platform', auth: 'session', role: 'any' } as const

export const showUpstreamProvider = defineAction({
  ...open,
  id: 'auth.upstream.show',
  method: 'GET',
  path: '/auth/upstream/provider',
  summary: 'Say whether a sign-in provider is set up, and what it is called.',
  success: { status: 200, body: UpstreamProvider },
  errors: [],
})

export const beginUpstream = defineAction({
  ...open,
  id: 'auth.upstream.begin',
  method: 'POST',
  path: '/auth/upstream/begin',
  summary: 'Begin a sign-in at the provider; it is good once, for ten minutes.',
  body: z.strictObject({ app: Dashboard }),
  success: { status: 201, body: UpstreamBegun },
  errors: ['UPSTREAM_OFF', 'UPSTREAM_AWAY'],
  audit: { target: { fixed: 'sign-in provider' }, fields: { app: 'keep' } },
})

export const beginUpstreamInvite = defineAction({
  ...open,
  id: 'auth.upstream.beginInvite',
  method: 'POST',
  path: '/auth/upstream/invite',
  summary: 'Begin to accept an invite with an account at the provider, in place of a password; it is good once, for ten minutes.',
  body: z.strictObject({ token: z.string().min(1).max(200), name: PersonName, app: Dashboard }),
  success: { status: 201, body: UpstreamBegun },
  errors: ['UPSTREAM_OFF', 'UPSTREAM_AWAY', 'INVITE_NOT_FOUND'],
  audit: { target: { fixed: 'sign-in provider' }, fields: { token: 'drop', name: 'keep', app: 'keep' } },
})

export const finishUpstream = defineAction({
  ...open,
  id: 'auth.upstream.finish',
  method: 'POST',
  path: '/auth/upstream/finish',
  summary: 'Finish what was begun at the provider: sign in, link the account, or accept an invite.',
  body: UpstreamAnswer,
  success: { status: 200, body: UpstreamOutcome },
  errors: [
    'UPSTREAM_OFF',
    'UPSTREAM_AWAY',
    'AUTH_UPSTREAM_INVALID',
    'AUTH_UPSTREAM_UNKNOWN',
    'UPSTREAM_EMAIL_UNVERIFIED',
    'UPSTREAM_TAKEN',
    'UPSTREAM_LIMIT',
    'INVITE_NOT_FOUND',
    'USER_EXISTS',
  ],
  audit: {
    target: { fixed: 'sign-in provider' },
    fields: { code: 'drop', state: 'drop', iss: 'drop' },
    facts: ['purpose', 'issuer', 'subject'],
  },
})

export const listUpstreamLinks = defineAction({
  ...own,
  id: 'auth.upstream.list',
  method: 'GET',
  path: '/auth/upstream',
  risk: 'none',
  summary: 'List the accounts at the provider that sign you in.',
  success: { status: 200, body: pageOf(UpstreamLink) },
  errors: [],
})

export const beginUpstreamLink = defineAction({
  ...own,
  id: 'auth.upstream.beginLink',
  method: 'POST',
  path: '/auth/upstream/link',
  risk: 'change',
  summary: 'Begin to link an account at the provider as a way to sign in.',
  body: z.strictObject({ app: Dashboard }),
  success: { status: 201, body: UpstreamBegun },
  errors: ['UPSTREAM_OFF', 'UPSTREAM_AWAY', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { fixed: 'own sign-in provider' }, fields: { app: 'keep' } },
})

export const removeUpstreamLink = defineAction({
  ...own,
  id: 'auth.upstream.unlink',
  method: 'DELETE',
  path: '/auth/upstream/:id',
  risk: 'change',
  summary: 'Take an account at the provider away from your ways to sign in.',
  params: z.strictObject({ id: Id }),
  success: { status: 204 },
  errors: ['AUTH_STEP_UP_REQUIRED', 'FACTOR_NOT_FOUND'],
  audit: { target: { param: 'id' }, fields: {}, facts: ['issuer', 'subject'] },
})
