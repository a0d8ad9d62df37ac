import { ID } from '@console/verbs/patterns'
import { z } from 'zod'
import { VariableName } from '../args.ts'
import { HealthCheck, HealthState } from '../health/schemas.ts'
import { ContainerRef, Id, Instant } from '../shapes.ts'

/** Lower case, digits and dashes; also the id. */
export const ServiceName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'lower case, digits and dashes')
export const Environment = z.enum(['production', 'staging', 'development', 'internal'])
export const HttpUrl = z.url({ protocol: /^https?$/ }).max(2_000)

/** Which containers belong to the service: a compose project, whole names, or none. */
export const ContainerSelection = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('none') }),
  z.strictObject({ by: z.literal('project'), project: z.string().min(1).max(100) }),
  z.strictObject({ by: z.literal('names'), names: z.array(ContainerRef).min(1).max(50) }),
])

/** What a person enters about a service; `Service` is what comes back. */
export const ServiceInput = z.strictObject({
  name: ServiceName,
  description: z.string().trim().max(500),
  environment: Environment,
  tags: z.array(z.string().trim().min(1).max(40)).max(20),
  owner: z.string().trim().max(120),
  url: HttpUrl.nullable(),
  repository: HttpUrl.nullable(),
  checks: z.array(HealthCheck).max(20),
  scriptId: z.string().regex(ID).nullable(),
  containers: ContainerSelection,
  onBusy: z.enum(['queue', 'refuse']),
  /** `second-person` comes later; only `none` is accepted. */
  approval: z.literal('none'),
  /** How long the checks may take to pass after a script ended with exit 0. */
  verifyWindowSec: z.int().min(5).max(3_600),
})
export type ServiceInput = z.infer<typeof ServiceInput>

/** A variable as it is shown: a secret's value never comes back. */
export const Variable = z.strictObject({
  name: VariableName,
  secret: z.boolean(),
  value: z.string().nullable(),
  setAt: Instant,
  setBy: z.string(),
})
export type Variable = z.infer<typeof Variable>
/** `value: null` keeps the value that a secret has. At most 8 KiB in UTF-8. */
export const VariableInput = z.strictObject({ name: VariableName, secret: z.boolean(), value: z.string().max(8_192).nullable() })

export const RunBrief = z.strictObject({ id: Id, number: z.int(), state: z.string(), verified: z.boolean(), at: Instant, by: z.string() })

export const Service = ServiceInput.extend({
  id: Id,
  createdAt: Instant,
  createdBy: z.string(),
  updatedAt: Instant,
  updatedBy: z.string(),
  health: HealthState,
  healthSince: Instant.nullable(),
  lastRun: RunBrief.nullable(),
  openRun: RunBrief.nullable(),
  variableNames: z.array(z.string()),
  etag: z.string(),
})
export type Service = z.infer<typeof Service>
