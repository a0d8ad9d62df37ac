import { checkCode, listProjects } from '@console/verbs/code'
import * as runs from '@console/verbs/runs'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { queryInt } from '../args.ts'
import { RunLine } from '../deployments/schemas.ts'
import { Id, pageOf, pageQuery, Reason } from '../shapes.ts'
import { CheckName, CodeProjects, CodeRun, CodeRunState, CodeTrend, ProjectPath } from './schemas.ts'

const at = { api: 'devops', auth: 'session' } as const
const idParam = z.strictObject({ id: Id })

export const runCodeChecks = defineAction({
  ...at,
  id: 'codeQuality.run.start',
  method: 'POST',
  path: '/code-quality/check',
  verb: checkCode,
  summary: 'Check the code of a project: types, lint, build, tests.',
  body: z.strictObject({ projectPath: ProjectPath, checks: z.array(CheckName).min(1).max(CheckName.options.length) }),
  success: { status: 202, body: CodeRun },
  errors: ['CODE_PROJECT_REFUSED', 'CODE_NOT_CONTAINED', 'RUN_BUSY', 'HOST_AGENT_AWAY'],
  audit: { target: { body: 'projectPath' }, fields: { projectPath: 'keep', checks: 'keep' } },
})

export const listCodeProjects = defineAction({
  ...at,
  id: 'codeQuality.project.list',
  method: 'GET',
  path: '/code-quality/projects',
  verb: listProjects,
  summary: 'List the projects whose code may be checked.',
  success: { status: 200, body: CodeProjects },
  errors: ['HOST_AGENT_AWAY'],
})

export const listCodeRuns = defineAction({
  ...at,
  id: 'codeQuality.run.list',
  method: 'GET',
  path: '/code-quality/runs',
  risk: 'read',
  reads: [runs.listRuns],
  summary: 'List checks of code, newest first, and how each project did lately.',
  query: z.strictObject({ project: ProjectPath.optional(), state: CodeRunState.optional(), ...pageQuery }),
  success: { status: 200, body: pageOf(CodeRun).extend({ trends: z.array(CodeTrend) }) },
  errors: [],
})

export const getCodeRun = defineAction({
  ...at,
  id: 'codeQuality.run.get',
  method: 'GET',
  path: '/code-quality/runs/:id',
  risk: 'read',
  reads: [runs.getRun],
  summary: 'Read one check of code.',
  params: idParam,
  success: { status: 200, body: CodeRun },
  errors: ['RUN_NOT_FOUND'],
})

export const listCodeRunLines = defineAction({
  ...at,
  id: 'codeQuality.log.list',
  method: 'GET',
  path: '/code-quality/runs/:id/logs',
  verb: runs.readRunLog,
  summary: 'Read the output of a check of code after a line.',
  params: idParam,
  query: z.strictObject({ after: queryInt(0, Number.MAX_SAFE_INTEGER).optional(), limit: queryInt(1, 5_000).optional() }),
  success: { status: 200, body: z.strictObject({ items: z.array(RunLine), next: z.int(), ended: z.boolean() }) },
  errors: ['RUN_NOT_FOUND', 'HOST_AGENT_AWAY'],
})

export const cancelCodeRun = defineAction({
  ...at,
  id: 'codeQuality.run.cancel',
  method: 'POST',
  path: '/code-quality/runs/:id/cancel',
  verb: runs.cancelRun,
  summary: 'Cancel a check of code and end all its processes.',
  params: idParam,
  body: z.strictObject({ reason: Reason }),
  success: { status: 202, body: CodeRun },
  errors: ['RUN_NOT_FOUND', 'RUN_ENDED', 'HOST_AGENT_AWAY'],
  audit: { target: { param: 'id' }, fields: { reason: 'keep' } },
})
