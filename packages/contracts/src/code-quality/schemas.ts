import { checkNames } from '@console/verbs/code'
import { z } from 'zod'
import { ActorRef, Id, Instant } from '../shapes.ts'

export const CheckName = z.enum(checkNames)
export type CheckName = z.infer<typeof CheckName>
export const ProjectPath = z.string().min(1).max(400)

/** What a check's output was read to say; null where it does not say. Never what decides whether it passed. */
export const CheckCounts = z.strictObject({
  /** The program whose words were understood last; null for none. */
  tool: z.string().nullable(),
  errors: z.int().nullable(),
  warnings: z.int().nullable(),
  testsPassed: z.int().nullable(),
  testsFailed: z.int().nullable(),
  testsSkipped: z.int().nullable(),
})
export type CheckCounts = z.infer<typeof CheckCounts>

export const CheckOutcome = z.strictObject({
  name: CheckName,
  state: z.enum(['waiting', 'running', 'passed', 'failed', 'not-run']),
  exitCode: z.int().nullable(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** What ended processes of it, where that was a bound of the run and not the check itself. */
  bound: z.enum(['memory']).nullable().default(null),
  /** Null until it has ended and its lines were read. */
  counts: CheckCounts.nullable(),
})
export type CheckOutcome = z.infer<typeof CheckOutcome>

export const codeRunStates = ['queued', 'running', 'passed', 'failed', 'cancelled', 'interrupted', 'timed-out'] as const
export const CodeRunState = z.enum(codeRunStates)
export type CodeRunState = z.infer<typeof CodeRunState>

export const CodeRun = z.strictObject({
  id: Id,
  kind: z.literal('code-quality'),
  hostId: z.literal('local'),
  projectPath: ProjectPath,
  state: CodeRunState,
  checks: z.array(CheckOutcome),
  actor: ActorRef,
  /** The account that it ran as. */
  user: z.string().nullable(),
  queuedAt: Instant,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  deadlineAt: Instant.nullable(),
  /** One sentence: what happened and what to do. */
  outcome: z.string().nullable(),
  lines: z.int(),
  bytes: z.int(),
  cut: z.boolean(),
  firstErrorLine: z.int().nullable(),
  cancelledBy: z.string().nullable(),
  requestId: z.string(),
  version: z.int(),
})
export type CodeRun = z.infer<typeof CodeRun>

/** The last runs of one project, oldest first. */
export const CodeTrend = z.strictObject({
  projectPath: ProjectPath,
  runs: z.array(
    z.strictObject({
      id: Id,
      state: CodeRunState,
      warnings: z.int().nullable(),
      checks: z.array(CheckName),
      tookMs: z.int().nullable(),
      at: Instant,
    }),
  ),
})
export type CodeTrend = z.infer<typeof CodeTrend>

/** Where code may be checked, and how it would be held. `trouble` says why nothing can be run now. */
export const CodeProjects = z.strictObject({
  roots: z.array(z.string()),
  items: z.array(z.strictObject({ path: ProjectPath, name: z.string().nullable(), checks: z.array(CheckName) })),
  left: z.int(),
  runsAs: z.string(),
  /** False where the agent is no root and checks run as its own account. */
  ownAccount: z.boolean(),
  limits: z.enum(['cgroup', 'processes']),
  /** What the checks of a run may take together; null where memory is not bounded. */
  memoryBytes: z.int().nullable(),
  limitSec: z.int(),
  trouble: z.string().nullable(),
})
export type CodeProjects = z.infer<typeof CodeProjects>
