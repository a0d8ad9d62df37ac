import { z } from 'zod'
import { defineAction } from '../action.ts'

/** A part of the console as the backend sees it from where it stands. */
export const PartState = z.strictObject({
  part: z.enum(['devops-backend', 'platform-service', 'docker-proxy', 'host-agent', 'docker-engine', 'store', 'audit']),
  state: z.enum(['up', 'degraded', 'away']),
  since: z.string(),
  detail: z.string(),
  remedy: z.string().nullable(),
})
export type PartState = z.infer<typeof PartState>

export const getHealth = defineAction({
  id: 'console.health.get',
  api: 'devops',
  method: 'GET',
  path: '/health',
  auth: 'public',
  risk: 'none',
  summary: 'Say whether devops-backend works.',
  success: { status: 200, body: z.strictObject({ status: z.enum(['ok', 'degraded']), problems: z.array(z.string()) }) },
  errors: [],
})

export const getCsrfToken = defineAction({
  id: 'console.csrf.get',
  api: 'devops',
  method: 'GET',
  path: '/csrf-token',
  auth: 'session',
  risk: 'none',
  summary: 'Hand out the token that changes must carry.',
  success: { status: 200, body: z.strictObject({ csrfToken: z.string(), refreshAfterSec: z.int() }) },
  errors: [],
})

export const listParts = defineAction({
  id: 'console.part.list',
  api: 'devops',
  method: 'GET',
  path: '/parts',
  auth: 'session',
  risk: 'read',
  summary: 'Say which parts of the console work and what to do about those that do not.',
  success: {
    status: 200,
    body: z.strictObject({
      host: z.strictObject({ hostId: z.string(), name: z.string(), cpus: z.int(), uptimeSec: z.int() }),
      role: z.enum(['viewer', 'operator', 'admin']),
      parts: z.array(PartState),
      /** `private`: the gateway answers nothing of the agents at the address that asks, so that there is no use in asking. */
      agents: z.enum(['open', 'private']),
    }),
  },
  errors: [],
})
