import * as cleanup from '@console/verbs/cleanup'
import * as verbs from '@console/verbs/disk'
import { z } from 'zod'
import { type Action, defineAction } from '../action.ts'
import { queryInt } from '../args.ts'
import { Digest, Reason } from '../shapes.ts'
import { CleanupPlan, CleanupReceipt, DiskUse } from './disk-schemas.ts'

const at = { api: 'devops', auth: 'session' } as const
const engineErrors = ['DOCKER_PROXY_AWAY', 'DOCKER_ENGINE_AWAY', 'DOCKER_ENGINE_VERSION', 'DOCKER_ENGINE_ERROR'] as const

export const getDockerStats = defineAction({
  ...at,
  id: 'docker.stats.get',
  method: 'GET',
  path: '/docker/stats',
  verb: verbs.measureDisk,
  summary: 'Read what Docker takes of the disk, and what of it can go; with `again` it is measured anew meanwhile.',
  query: z.strictObject({ again: z.literal('true').optional() }),
  success: { status: 200, body: DiskUse },
  errors: [...engineErrors],
})

/** The older spelling of each kind is one word; both are taken. */
const kindWords = z.enum(['containers', 'images', 'volumes', 'build-cache', 'container', 'image', 'volume', 'builder'])

export const planCleanup = defineAction({
  ...at,
  id: 'docker.cleanup.plan',
  method: 'POST',
  path: '/docker/cleanup/plan',
  verb: cleanup.planCleanup,
  summary: 'List exactly what a cleanup would remove, and what it would keep and why.',
  body: z.strictObject({
    kinds: z.array(kindWords).min(1).max(8),
    images: z.enum(['dangling', 'unused']).optional(),
    volumes: z.array(z.string().min(1).max(255)).max(500).optional(),
  }),
  success: { status: 200, body: z.strictObject({ plan: CleanupPlan, digest: Digest }) },
  errors: [...engineErrors, 'CLEANUP_PLANNED'],
})

export const runCleanup = defineAction({
  ...at,
  id: 'docker.cleanup.run',
  method: 'POST',
  path: '/docker/cleanup',
  verb: cleanup.runCleanup,
  summary: 'Remove exactly the objects of a plan, each after another look at it.',
  body: z.strictObject({ digest: Digest, reason: Reason.optional() }),
  success: { status: 202, body: z.strictObject({ receipt: CleanupReceipt }) },
  errors: [...engineErrors, 'PLAN_NOT_FOUND', 'PLAN_EXPIRED', 'PLAN_USED', 'CLEANUP_BUSY'],
  audit: { target: { body: 'digest' }, fields: { digest: 'keep', reason: 'keep' } },
  // Scripts of an older system send one kind alone, and expect it to be gone: they get the plan and where to confirm it.
  older: { body: z.strictObject({ type: kindWords }), as: planCleanup as unknown as Action },
  confirm: 'What is removed is gone for good. Only what is listed goes, and only if it is still unused at that moment.',
})

export const listCleanups = defineAction({
  ...at,
  id: 'docker.cleanup.list',
  method: 'GET',
  path: '/docker/cleanups',
  verb: cleanup.listCleanups,
  summary: 'List the receipts of cleanups, one under way among them.',
  query: z.strictObject({ limit: queryInt(1, 100).optional() }),
  success: { status: 200, body: z.strictObject({ items: z.array(CleanupReceipt), nextCursor: z.null() }) },
  errors: ['DOCKER_PROXY_AWAY'],
})
