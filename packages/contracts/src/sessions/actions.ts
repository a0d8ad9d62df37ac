import { z } from 'zod'
import { defineAction } from '../action.ts'
import { ProductId } from '../people/schemas.ts'
import { Id, pageOf, pageQuery, Reason } from '../shapes.ts'
import { Session, SessionResult } from './schemas.ts'

const at = { api: 'platform', auth: 'session', role: 'admin' } as const

export const listSessions = defineAction({
  ...at,
  id: 'sessions.session.list',
  method: 'GET',
  path: '/sessions',
  risk: 'read',
  summary: 'List everybody’s sessions: live ones by their last use, then ended ones by their end.',
  query: z.strictObject({
    ...pageQuery,
    /** Words of the person’s name or e-mail, the device or the address. */
    q: z.string().max(200).optional(),
    userId: Id.optional(),
    productId: ProductId.optional(),
    state: z.enum(['live', 'ended']).optional(),
  }),
  /** `live` and `people` count those of the person asked for, or all; a page with a filter may be short and not the last. */
  success: { status: 200, body: pageOf(Session).extend({ live: z.int(), people: z.int() }) },
  errors: [],
})

/** Whoever ends somebody’s sessions shows who they are: one left unlocked could shut everybody out. */
export const endSessions = defineAction({
  ...at,
  id: 'sessions.session.end',
  method: 'POST',
  path: '/sessions/end',
  risk: 'change',
  summary: 'End sessions; each is answered by itself.',
  body: z.strictObject({ sessionIds: z.array(Id).min(1).max(200), reason: Reason }),
  success: { status: 200, body: z.strictObject({ results: z.array(SessionResult), done: z.int(), failed: z.int() }) },
  errors: ['AUTH_STEP_UP_REQUIRED'],
  audit: { target: { fixed: 'sessions' }, fields: { sessionIds: 'keep', reason: 'keep' } },
})

/** Asks for a fresh factor for the same reason. */
export const endUserSessions = defineAction({
  ...at,
  id: 'users.session.endAll',
  method: 'POST',
  path: '/users/:id/sessions/end',
  risk: 'change',
  summary: 'End every session of a person.',
  params: z.strictObject({ id: Id }),
  body: z.strictObject({ reason: Reason }),
  success: { status: 200, body: z.strictObject({ ended: z.int() }) },
  errors: ['USER_NOT_FOUND', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { param: 'id' }, fields: { reason: 'keep' } },
})
