import { protectImages } from '@console/verbs/cleanup'
import * as verbs from '@console/verbs/runs'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { queryInt, VariableName } from '../args.ts'
import { Id, pageOf, pageQuery, Reason } from '../shapes.ts'
import { RefusedRun, Run, RunLine, RunStateSchema } from './schemas.ts'

const at = { api: 'devops', auth: 'session' } as const
const idParam = z.strictObject({ id: Id })
const admissionErrors = [
  'SERVICE_NOT_FOUND',
  'SERVICE_NO_SCRIPT',
  'SCRIPT_NOT_FOUND',
  'SCRIPT_NOT_APPROVED',
  'SCRIPT_CHANGED',
  'SCRIPT_REFUSED',
  'SCRIPT_VARIABLE_UNKNOWN',
  'RUN_BUSY',
  'HOST_AGENT_AWAY',
] as const

export const triggerDeployment = defineAction({
  ...at,
  id: 'deployments.run.trigger',
  method: 'POST',
  path: '/deployments/trigger/:serviceId',
  verb: verbs.startRun,
  reads: [protectImages],
  summary: 'Deploy a service: run its approved script.',
  params: z.strictObject({ serviceId: Id }),
  body: z.strictObject({ reason: Reason, variables: z.record(VariableName, z.string().max(8_192)).optional() }),
  success: { status: 202, body: Run },
  errors: admissionErrors,
  audit: { target: { param: 'serviceId' }, fields: { reason: 'keep', variables: 'mask' } },
})

export const listDeployments = defineAction({
  ...at,
  id: 'deployments.run.list',
  method: 'GET',
  path: '/deployments',
  risk: 'read',
  summary: 'List deployments: under way, in line, then history.',
  reads: [verbs.listRuns],
  query: z.strictObject({ serviceId: Id.optional(), state: z.union([RunStateSchema, z.literal('open')]).optional(), ...pageQuery }),
  success: { status: 200, body: pageOf(Run).extend({ refused: z.array(RefusedRun) }) },
  errors: [],
})

export const getDeployment = defineAction({
  ...at,
  id: 'deployments.run.get',
  method: 'GET',
  path: '/deployments/:id',
  risk: 'read',
  summary: 'Read one deployment.',
  reads: [verbs.getRun],
  params: idParam,
  success: { status: 200, body: Run },
  errors: ['RUN_NOT_FOUND'],
})

export const listDeploymentLines = defineAction({
  ...at,
  id: 'deployments.log.list',
  method: 'GET',
  path: '/deployments/:id/logs',
  verb: verbs.readRunLog,
  summary: 'Read the output of a deployment after a line.',
  params: idParam,
  query: z.strictObject({ after: queryInt(0, Number.MAX_SAFE_INTEGER).optional(), limit: queryInt(1, 5_000).optional() }),
  success: { status: 200, body: z.strictObject({ items: z.array(RunLine), next: z.int(), ended: z.boolean() }) },
  errors: ['RUN_NOT_FOUND', 'HOST_AGENT_AWAY'],
})

export const streamDeploymentLines = defineAction({
  ...at,
  id: 'deployments.log.stream',
  method: 'GET',
  path: '/deployments/:id/logs/stream',
  verb: verbs.readRunLog,
  summary: 'Follow the output of a deployment.',
  params: idParam,
  query: z.strictObject({ after: queryInt(0, Number.MAX_SAFE_INTEGER).optional() }),
  success: {
    status: 200,
    stream: [
      { event: 'lines', data: z.strictObject({ items: z.array(RunLine) }) },
      { event: 'run', data: Run },
      { event: 'ended', data: z.strictObject({ state: RunStateSchema }) },
    ],
  },
  errors: ['RUN_NOT_FOUND', 'HOST_AGENT_AWAY', 'STREAM_LIMIT'],
})

export const cancelDeployment = defineAction({
  ...at,
  id: 'deployments.run.cancel',
  method: 'POST',
  path: '/deployments/:id/cancel',
  verb: verbs.cancelRun,
  summary: 'Cancel a deployment and end all its processes.',
  params: idParam,
  body: z.strictObject({ reason: Reason }),
  success: { status: 202, body: Run },
  errors: ['RUN_NOT_FOUND', 'RUN_ENDED', 'HOST_AGENT_AWAY'],
  audit: { target: { param: 'id' }, fields: { reason: 'keep' } },
})

export const rerunDeployment = defineAction({
  ...at,
  id: 'deployments.run.rerun',
  method: 'POST',
  path: '/deployments/:id/rerun',
  verb: verbs.startRun,
  summary: 'Deploy once more with the script and variables as they are now.',
  params: idParam,
  body: z.strictObject({ reason: Reason }),
  success: { status: 202, body: Run },
  errors: ['RUN_NOT_FOUND', ...admissionErrors],
  audit: { target: { param: 'id' }, fields: { reason: 'keep' } },
})
