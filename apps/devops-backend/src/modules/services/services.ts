import type { HealthState } from '@console/contracts/health/schemas'
import type { RunBrief, Service, ServiceInput } from '@console/contracts/services/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Collection, Stored } from '@console/store/port'
import type { z } from 'zod'
import type { ServiceDoc } from '../../documents.ts'
import { staleRead } from '../../stale-read.ts'

type Brief = z.infer<typeof RunBrief>
export type ServiceDeps = {
  readonly services: Collection<ServiceDoc>
  readonly now: () => Date
  readonly healthOf: (serviceId: string) => { state: HealthState; since: string | null }
  readonly runsOf: (serviceId: string) => Promise<{ last: Brief | null; open: Brief | null }>
  readonly variableNamesOf: (serviceId: string) => Promise<string[]>
  /** Throws SCRIPT_NOT_FOUND for an id that the host-agent does not know; says nothing while it is away. */
  readonly assertScript: (scriptId: string, ctx: Context) => Promise<void>
  /** Answers origins that stand on an admin's word; `known` did before. Throws HEALTH_TARGET_REFUSED for what this person may not enter. */
  readonly enterTargets: (checks: ServiceInput['checks'], ctx: Context, known: readonly string[]) => readonly string[]
  /** Does the work between two rows for each of these origins. */
  readonly recordAdmitted: <T>(
    what: { readonly origins: readonly string[]; readonly ctx: Context; readonly serviceId: string },
    keep: () => Promise<T>,
  ) => Promise<T>
  readonly changed: (serviceId: string) => void
  /** The order of a list: what needs a look first. */
  readonly byWorst: (a: Judged, b: Judged) => number
}
type Judged = { readonly state: HealthState; readonly since: string | null; readonly name: string }

export const servicePartition = 'local'
const most = 1_000

export async function listServices(
  deps: ServiceDeps,
  {
    q,
    environment,
    tag,
    limit = 200,
    cursor,
  }: {
    q?: string | undefined
    environment?: string | undefined
    tag?: string | undefined
    limit?: number | undefined
    cursor?: string | undefined
  },
) {
  const found = await allServices(deps)
  const views = await Promise.all(found.filter(({ doc }) => fits(doc, q, environment, tag)).map((stored) => viewOf(deps, stored)))
  views.sort((a, b) =>
    deps.byWorst({ state: a.health, since: a.healthSince, name: a.name }, { state: b.health, since: b.healthSince, name: b.name }),
  )
  const from = cursor ? Number.parseInt(Buffer.from(cursor, 'base64url').toString(), 10) || 0 : 0
  const items = views.slice(from, from + limit)
  const next = from + items.length
  return { items, nextCursor: next < views.length ? Buffer.from(String(next)).toString('base64url') : null }
}

export async function getService(deps: ServiceDeps, id: string): Promise<Service> {
  return viewOf(deps, await storedService(deps, id))
}

export async function createService(deps: ServiceDeps, ctx: Context, input: ServiceInput): Promise<Service> {
  const origins = deps.enterTargets(input.checks, ctx, [])
  if (input.scriptId !== null) await deps.assertScript(input.scriptId, ctx)
  const at = deps.now().toISOString()
  const by = ctx.actor.name
  const doc: ServiceDoc = { ...input, v: 1, createdAt: at, createdBy: by, updatedAt: at, updatedBy: by, ...admitting(origins) }
  const insert = () => deps.services.insert(servicePartition, input.name, doc)
  const stored = await deps.recordAdmitted({ origins, ctx, serviceId: input.name }, insert).catch((error: { code?: string }) => {
    throw error.code === 'Conflict'
      ? new AppError('SERVICE_EXISTS', 409, `A service called ${input.name} exists already. Choose another name.`)
      : error
  })
  deps.changed(input.name)
  return viewOf(deps, stored)
}

/** The name is the id, so it stays; everything else may change, if nobody else changed it since it was read. */
export async function updateService(deps: ServiceDeps, ctx: Context, id: string, input: ServiceInput): Promise<Service> {
  const before = await storedService(deps, id)
  if (input.name !== id)
    throw new AppError('SERVICE_EXISTS', 409, `The name ${id} is the service’s id and stays. Register another service for another name.`)
  const known = before.doc.admittedOrigins ?? []
  const origins = deps.enterTargets(input.checks, ctx, known)
  if (input.scriptId !== null && input.scriptId !== before.doc.scriptId) await deps.assertScript(input.scriptId, ctx)
  const { v, createdAt, createdBy } = before.doc
  const updated = { updatedAt: deps.now().toISOString(), updatedBy: ctx.actor.name }
  const doc: ServiceDoc = { ...input, v, createdAt, createdBy, ...updated, ...admitting(origins) }
  const added = origins.filter((origin) => !known.includes(origin))
  const replace = () => deps.services.replace(servicePartition, id, doc, ctx.ifMatch ?? before.etag)
  const stored = await deps.recordAdmitted({ origins: added, ctx, serviceId: id }, replace).catch((error: { code?: string }) => {
    throw error.code === 'Precondition' ? staleRead() : error
  })
  deps.changed(id)
  return viewOf(deps, stored)
}

export async function removeService(deps: ServiceDeps, id: string): Promise<void> {
  const before = await storedService(deps, id)
  const { open } = await deps.runsOf(id)
  if (open) throw new AppError('SERVICE_BUSY', 409, `Run #${open.number} of ${id} is under way. Cancel it or wait until it has ended.`)
  await deps.services.remove(servicePartition, id, before.etag)
  deps.changed(id)
}

export async function storedService({ services }: Pick<ServiceDeps, 'services'>, id: string): Promise<Stored<ServiceDoc>> {
  const stored = await services.get(servicePartition, id)
  if (!stored) throw new AppError('SERVICE_NOT_FOUND', 404, `There is no service ${id}.`)
  return stored
}

export async function allServices({ services }: Pick<ServiceDeps, 'services'>): Promise<Stored<ServiceDoc>[]> {
  const all: Stored<ServiceDoc>[] = []
  let after: string | undefined
  do {
    const page = await services.find(servicePartition, { limit: 200, ...(after && { after }) })
    all.push(...page.items)
    after = page.cursor
  } while (after && all.length < most)
  return all
}

function admitting(origins: readonly string[]): Pick<ServiceDoc, 'admittedOrigins'> {
  return origins.length > 0 ? { admittedOrigins: origins } : {}
}

async function viewOf(deps: ServiceDeps, { id, etag, doc }: Stored<ServiceDoc>): Promise<Service> {
  const { v: _, admittedOrigins: __, ...input } = doc
  const health = deps.healthOf(id)
  const [{ last, open }, variableNames] = await Promise.all([deps.runsOf(id), deps.variableNamesOf(id)])
  return { ...input, id, health: health.state, healthSince: health.since, lastRun: last, openRun: open, variableNames, etag }
}

function fits(doc: ServiceDoc, q: string | undefined, environment: string | undefined, tag: string | undefined): boolean {
  const text = `${doc.name} ${doc.description} ${doc.owner} ${doc.tags.join(' ')}`.toLowerCase()
  return (!q || text.includes(q.toLowerCase())) && (!environment || doc.environment === environment) && (!tag || doc.tags.includes(tag))
}
