import * as verbs from '@console/verbs/scripts'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { VariableName, zodOf } from '../args.ts'
import { Digest, Id, Reason } from '../shapes.ts'
import { Script, ScriptPlan } from './schemas.ts'

const at = { api: 'devops', auth: 'session' } as const
const idParam = z.strictObject({ id: Id })

export const listScripts = defineAction({
  ...at,
  id: 'scripts.script.list',
  method: 'GET',
  path: '/scripts',
  verb: verbs.listScripts,
  summary: 'List the scripts under the script roots and what is approved.',
  success: {
    status: 200,
    body: z.strictObject({ items: z.array(Script), nextCursor: z.null(), canChangeUser: z.boolean(), warnings: z.array(z.string()) }),
  },
  errors: ['HOST_AGENT_AWAY'],
})

export const planScript = defineAction({
  ...at,
  id: 'scripts.approval.plan',
  method: 'POST',
  path: '/scripts/:id/plan',
  verb: verbs.planScript,
  summary: 'Show what approving a script would allow.',
  params: idParam,
  body: z.strictObject({
    user: zodOf({ is: 'text', min: 1, max: 32 }).optional(),
    timeoutSec: z.int().min(1).max(86_400).optional(),
    variables: z.array(VariableName).max(50).optional(),
  }),
  success: { status: 200, body: z.strictObject({ plan: ScriptPlan, digest: Digest }) },
  errors: ['SCRIPT_NOT_FOUND', 'SCRIPT_REFUSED', 'HOST_AGENT_AWAY'],
})

export const approveScript = defineAction({
  ...at,
  id: 'scripts.approval.run',
  method: 'POST',
  path: '/scripts/:id/approve',
  verb: verbs.approveScript,
  summary: 'Approve exactly the text that was shown.',
  params: idParam,
  body: z.strictObject({ digest: Digest }),
  success: { status: 200, body: Script },
  errors: ['SCRIPT_NOT_FOUND', 'SCRIPT_REFUSED', 'SCRIPT_CHANGED', 'PLAN_NOT_FOUND', 'PLAN_EXPIRED', 'PLAN_USED', 'HOST_AGENT_AWAY'],
  audit: { target: { param: 'id' }, fields: { digest: 'keep' } },
  confirm: 'From then on operators may run this text, and nothing else, as the user that is named here.',
})

export const revokeScript = defineAction({
  ...at,
  id: 'scripts.approval.revoke',
  method: 'POST',
  path: '/scripts/:id/revoke',
  verb: verbs.revokeScript,
  summary: 'Take the approval of a script back.',
  params: idParam,
  body: z.strictObject({ reason: Reason }),
  success: { status: 200, body: Script },
  errors: ['SCRIPT_NOT_FOUND', 'HOST_AGENT_AWAY'],
  audit: { target: { param: 'id' }, fields: { reason: 'keep' } },
})
