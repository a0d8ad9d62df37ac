import { dockerProxySelf, hostAgentSelf } from '@console/verbs/daemon'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { AuditRow } from '../audit/schemas.ts'
import { Role } from '../shapes.ts'

/** The newest row of a daemon's own journal that tells of a verb being carried out. */
export const LastUse = z.strictObject({
  at: z.iso.datetime(),
  by: AuditRow.shape.actor,
  outcome: z.enum(['started', 'done', 'failed']),
  requestId: z.string(),
})
export type LastUse = z.infer<typeof LastUse>

export const VerbRow = z.strictObject({
  id: z.string(),
  daemon: z.enum(['docker-proxy', 'host-agent']),
  risk: z.enum(['read', 'change', 'destroy']),
  role: Role,
  service: z.boolean(),
  grant: z.boolean(),
  /** Whether each use leaves a row in the daemon’s journal. */
  recorded: z.boolean(),
  args: z.array(z.strictObject({ name: z.string(), is: z.string(), rule: z.string(), optional: z.boolean() })),
  limits: z.array(z.strictObject({ per: z.string(), max: z.int(), windowMs: z.int() })),
  runs: z.string(),
  /** Actions of the API that name this verb. */
  actions: z.array(z.string()),
  /** What the daemon itself says of the row; null while it does not answer. */
  daemonAgrees: z.boolean().nullable(),
  /** Null where it was not used as far back as is looked, or leaves no row. */
  lastUse: LastUse.nullable(),
})
export type VerbRow = z.infer<typeof VerbRow>

export const listPrivileges = defineAction({
  id: 'privileges.verb.list',
  api: 'devops',
  method: 'GET',
  path: '/privileges',
  auth: 'session',
  risk: 'read',
  summary: 'Show everything that can touch the host, and what each daemon says of it.',
  reads: [dockerProxySelf.listVerbs, hostAgentSelf.listVerbs],
  success: {
    status: 200,
    body: z.strictObject({
      items: z.array(VerbRow),
      nextCursor: z.null(),
      daemons: z.array(
        z.strictObject({
          name: z.enum(['docker-proxy', 'host-agent']),
          state: z.enum(['up', 'away']),
          version: z.string().nullable(),
          warnings: z.array(z.string()),
          differs: z.array(z.string()),
        }),
      ),
      backendVerbs: z.literal(0),
      warnings: z.array(z.string()),
    }),
  },
  errors: [],
})
