import * as verbs from '@console/verbs/vm'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { queryInt } from '../args.ts'
import { Digest, Reason } from '../shapes.ts'
import { VmCleanupPlan, VmCleanupReceipt } from './cleanup-schemas.ts'

const at = { api: 'devops', auth: 'session' } as const
const scriptErrors = ['HOST_AGENT_AWAY', 'VM_SCRIPT_CHANGED', 'VM_SCRIPT_FAILED'] as const

export const planVmCleanup = defineAction({
  ...at,
  id: 'vm.cleanup.plan',
  method: 'POST',
  path: '/vm/cleanup/plan',
  verb: verbs.planVmCleanup,
  summary: 'List exactly what a cleanup of the machine would remove, and what it would keep and why.',
  success: { status: 200, body: z.strictObject({ plan: VmCleanupPlan, digest: Digest }) },
  errors: [...scriptErrors],
})

export const runVmCleanup = defineAction({
  ...at,
  id: 'vm.cleanup.run',
  method: 'POST',
  path: '/vm/cleanup',
  verb: verbs.runVmCleanup,
  summary: 'Remove exactly what a plan names, each after another look at it.',
  body: z.strictObject({ digest: Digest, reason: Reason.optional() }),
  success: { status: 202, body: z.strictObject({ receipt: VmCleanupReceipt }) },
  errors: [...scriptErrors, 'PLAN_NOT_FOUND', 'PLAN_EXPIRED', 'PLAN_USED', 'CLEANUP_BUSY'],
  audit: { target: { body: 'digest' }, fields: { digest: 'keep', reason: 'keep' } },
  confirm: 'What is removed is gone for good. Only what is listed goes, and only if it is unchanged at that moment.',
})

export const listVmCleanups = defineAction({
  ...at,
  id: 'vm.cleanup.list',
  method: 'GET',
  path: '/vm/cleanups',
  verb: verbs.listVmCleanups,
  summary: 'List the receipts of cleanups of the machine, one under way among them.',
  query: z.strictObject({ limit: queryInt(1, 100).optional() }),
  success: { status: 200, body: z.strictObject({ items: z.array(VmCleanupReceipt), nextCursor: z.null() }) },
  errors: ['HOST_AGENT_AWAY'],
})
