import { z } from 'zod'
import { defineAction } from '../action.ts'
import { ServiceFigures } from '../apm/schemas.ts'
import { AuditRow, ChainState } from '../audit/schemas.ts'
import { Plan } from '../people/schemas.ts'
import { Id, Role } from '../shapes.ts'

const inside = { api: 'platform', auth: 'service', role: 'any' } as const

/** What a reference, or an API token, stands for at the asking service's own product. */
export const Introspection = z.discriminatedUnion('active', [
  z.strictObject({ active: z.literal(false) }),
  z.strictObject({
    active: z.literal(true),
    kind: z.enum(['session', 'api']),
    user: z.strictObject({ id: Id, name: z.string() }),
    sid: Id,
    role: Role,
    plan: Plan,
    /** Of an API token: its name, and the actions that it may call. */
    tokenName: z.string().optional(),
    actions: z.array(z.string()).optional(),
    accessToken: z.string(),
    /** Milliseconds since 1970 after which the answer must not be used, whatever the cache says: a membership's end. */
    notAfterMs: z.int().nullable(),
  }),
])
export type Introspection = z.infer<typeof Introspection>

export const introspect = defineAction({
  ...inside,
  id: 'internal.reference.introspect',
  method: 'POST',
  path: '/internal/introspect',
  risk: 'none',
  summary: 'Turn a reference or an API token into a person.',
  body: z.strictObject({
    token: z.string().min(1).max(200),
    tie: z.string().min(1).max(200).nullable(),
    activity: z.boolean(),
    address: z.string().max(100).optional(),
  }),
  success: { status: 200, body: Introspection },
  errors: ['INTROSPECT_FORBIDDEN'],
})

/** The roles of people at the asking service's own product now; null for whoever is disabled, unknown, or no longer a member. */
export const Standing = z.strictObject({ items: z.array(z.strictObject({ userId: Id, role: Role.nullable() })) })

export const listStanding = defineAction({
  ...inside,
  id: 'internal.people.standing',
  method: 'POST',
  path: '/internal/people/standing',
  risk: 'none',
  summary: 'Say which roles people have now, for work of theirs that still waits.',
  body: z.strictObject({ userIds: z.array(Id).min(1).max(100) }),
  success: { status: 200, body: Standing },
  errors: ['INTROSPECT_FORBIDDEN'],
})

export const readPlatformJournal = defineAction({
  ...inside,
  id: 'internal.journal.read',
  method: 'POST',
  path: '/internal/journal/read',
  risk: 'none',
  summary: 'Read rows of the identity log by sequence number.',
  body: z.strictObject({ after: z.int().min(0), limit: z.int().min(1).max(1_000) }),
  success: { status: 200, body: z.strictObject({ rows: z.array(AuditRow), head: z.int() }) },
  errors: [],
})

export const checkpointPlatformJournal = defineAction({
  ...inside,
  id: 'internal.journal.checkpoint',
  method: 'POST',
  path: '/internal/journal/checkpoint',
  risk: 'none',
  summary: 'Answer the newest signed checkpoint of the identity log.',
  success: { status: 200, body: z.strictObject({ checkpoint: z.string() }) },
  errors: [],
})

export const verifyPlatformJournal = defineAction({
  ...inside,
  id: 'internal.journal.verify',
  method: 'POST',
  path: '/internal/journal/verify',
  risk: 'none',
  summary: 'Check the identity log from its first row.',
  success: { status: 200, body: ChainState },
  errors: [],
})

export const witnessAtPlatform = defineAction({
  ...inside,
  id: 'internal.journal.witness',
  method: 'POST',
  path: '/internal/journal/witness',
  risk: 'none',
  summary: 'Keep another log’s signed checkpoint.',
  body: z.strictObject({ checkpoint: z.string().min(1).max(4_000) }),
  success: { status: 204 },
  errors: ['CHECKPOINT_REFUSED'],
})

export const readPlatformFigures = defineAction({
  ...inside,
  id: 'internal.figures.read',
  method: 'POST',
  path: '/internal/figures',
  risk: 'none',
  summary: 'Answer what platform-service counts of itself.',
  success: { status: 200, body: ServiceFigures },
  errors: [],
})

export const exportPlatformMetrics = defineAction({
  ...inside,
  id: 'internal.metrics.export',
  method: 'POST',
  path: '/internal/metrics',
  risk: 'none',
  summary: 'Answer the same in the text format of Prometheus.',
  success: { status: 200, body: z.strictObject({ text: z.string() }) },
  errors: [],
})
