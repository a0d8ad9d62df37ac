import { randomBytes } from 'node:crypto'
import type { HealthState, Incident } from '@console/contracts/health/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Collection, Stored } from '@console/store/port'
import type { IncidentDoc, RunDoc } from '../../documents.ts'

export type IncidentDeps = {
  readonly incidents: Collection<IncidentDoc>
  readonly lastRunOf: (serviceId: string) => Promise<RunDoc | null>
  readonly changed: (id: string) => void
  readonly now: () => Date
}

/** A service's health as it was judged anew; `at` in ISO 8601. */
type HealthChange = {
  readonly service: { readonly name: string }
  readonly after: HealthState
  readonly at: string
  readonly cause: string
}

const partition = 'local'
/** A run that ended this long before an incident is shown beside it as a likely cause. */
const causeSec = 600

/** Opens an incident when a service goes down or degrades, raises it when it gets worse, closes it when the service is up again. */
export async function followHealth(deps: IncidentDeps, { service, after, at, cause }: HealthChange): Promise<void> {
  const open = await openIncident(deps, service.name)
  if (after === 'up') {
    if (open) await deps.incidents.replace(partition, open.id, { ...open.doc, state: 'closed', open: false, closedAt: at }, open.etag)
  } else if (after === 'down' || after === 'degraded') {
    if (!open) await deps.incidents.insert(partition, ...(await newIncident(deps, service.name, after, at, cause)))
    else if (after === 'down' && open.doc.severity === 'degraded')
      await deps.incidents.replace(partition, open.id, { ...open.doc, severity: 'down', cause }, open.etag)
  }
  deps.changed(service.name)
}

export async function listIncidents(
  { incidents }: IncidentDeps,
  {
    state = 'all',
    serviceId,
    limit = 50,
    cursor,
  }: {
    state?: 'open' | 'closed' | 'all' | undefined
    serviceId?: string | undefined
    limit?: number | undefined
    cursor?: string | undefined
  },
) {
  const where = [
    ...(serviceId ? [{ f: 'serviceId', op: 'eq' as const, v: serviceId }] : []),
    ...(state === 'all' ? [] : [{ f: 'open', op: 'eq' as const, v: state === 'open' }]),
  ]
  const page = await incidents.find(partition, { where, order: { f: 'openedAt', dir: 'desc' }, limit, ...(cursor && { after: cursor }) })
  return {
    items: page.items.map(({ doc }) => viewOf(doc)).sort((a, b) => Number(a.state === 'closed') - Number(b.state === 'closed')),
    nextCursor: page.cursor ?? null,
  }
}

export async function acknowledgeIncident(deps: IncidentDeps, ctx: Context, id: string): Promise<Incident> {
  return change(deps, id, (doc) => ({
    ...doc,
    state: 'acknowledged',
    acknowledgedAt: deps.now().toISOString(),
    acknowledgedBy: ctx.actor.name,
  }))
}

export async function closeIncident(deps: IncidentDeps, ctx: Context, id: string): Promise<Incident> {
  return change(deps, id, (doc) => ({ ...doc, state: 'closed', open: false, closedAt: deps.now().toISOString(), closedBy: ctx.actor.name }))
}

async function change({ incidents, changed }: IncidentDeps, id: string, step: (doc: IncidentDoc) => IncidentDoc): Promise<Incident> {
  const stored = await incidents.get(partition, id)
  if (!stored) throw new AppError('INCIDENT_NOT_FOUND', 404, `There is no incident ${id}.`)
  if (!stored.doc.open) throw new AppError('INCIDENT_CLOSED', 409, 'The incident is closed already.')
  const after = await incidents.replace(partition, id, step(stored.doc), stored.etag)
  changed(after.doc.serviceId)
  return viewOf(after.doc)
}

async function openIncident({ incidents }: IncidentDeps, serviceId: string): Promise<Stored<IncidentDoc> | null> {
  const { items } = await incidents.find(partition, {
    where: [
      { f: 'serviceId', op: 'eq', v: serviceId },
      { f: 'open', op: 'eq', v: true },
    ],
    limit: 1,
  })
  return items[0] ?? null
}

async function newIncident(
  { lastRunOf }: IncidentDeps,
  serviceId: string,
  severity: 'down' | 'degraded',
  at: string,
  cause: string,
): Promise<[string, IncidentDoc]> {
  const id = `inc-${Date.parse(at).toString(36)}-${randomBytes(4).toString('hex')}`
  const run = await lastRunOf(serviceId)
  const secondsBefore = run?.endedAt ? Math.round((Date.parse(at) - Date.parse(run.endedAt)) / 1_000) : Number.POSITIVE_INFINITY
  const afterRun =
    run && secondsBefore >= 0 && secondsBefore <= causeSec ? { id: run.id, number: run.number, state: run.state, secondsBefore } : null
  return [
    id,
    {
      v: 1,
      id,
      serviceId,
      serviceName: serviceId,
      state: 'open',
      open: true,
      severity,
      openedAt: at,
      closedAt: null,
      acknowledgedAt: null,
      acknowledgedBy: null,
      closedBy: null,
      cause,
      afterRun,
    },
  ]
}

function viewOf({ v: _, open: __, ...incident }: IncidentDoc): Incident {
  return incident
}
