import type { AuditLog } from '@console/audit-chain/log'
import type { openClients } from './clients/open-clients.ts'
import type { RunDoc, ServiceDoc } from './documents.ts'
import type { Log } from './log.ts'
import { startCodeKeeper } from './modules/code-quality/code-keeper.ts'
import type { CodeRunBook } from './modules/code-quality/code-run-book.ts'
import { startImageKeeper } from './modules/deployments/protect-images.ts'
import type { RunBook } from './modules/deployments/run-book.ts'
import { startRunKeeper } from './modules/deployments/run-keeper.ts'
import type { EventHub } from './modules/events/event-hub.ts'
import type { HealthWatch } from './modules/health/health-watch.ts'
import { labelCheck } from './modules/health/label-check.ts'
import { selectContainers } from './modules/services/select-containers.ts'

type Deps = {
  readonly clients: Pick<ReturnType<typeof openClients>, 'docker' | 'agent' | 'platform' | 'serviceAsk'>
  readonly book: RunBook
  readonly codeRuns: CodeRunBook
  readonly hub: EventHub
  readonly audit: Pick<AuditLog, 'append'>
  /** Who is named in rows that nobody asked for. */
  readonly system: { readonly kind: 'service'; readonly id: string }
  readonly serviceOf: (id: string) => Promise<ServiceDoc | null>
  readonly watch: Pick<HealthWatch, 'measureNow'>
  readonly now: () => Date
  readonly log: Log
}

/** Follows deployments and checks of code until they end, and puts each end on record. */
export function keepRuns({ clients, book, codeRuns, hub, audit, system, serviceOf, watch, now, log }: Deps) {
  const { docker, agent, platform, serviceAsk } = clients
  const imageKeeper = startImageKeeper({
    imagesOf: async (id) => {
      const service = await serviceOf(id)
      const { items } = await docker.list('running', serviceAsk())
      return service ? selectContainers(items, service.containers).map(({ imageId }) => imageId) : []
    },
    protect: (id, images) => docker.protectImages(id, images, serviceAsk()),
    log: (message, error) => log('warn', message, error),
  })
  const ended = async ({ id, serviceId, state, requestId }: RunDoc): Promise<void> => {
    hub.publish('service', serviceId)
    if (state === 'succeeded') imageKeeper.deployed(serviceId)
    const row = { action: 'deployments.run.end', actor: system, requestId, target: serviceId, details: { runId: id, state } }
    await audit
      .append({ ...row, outcome: state === 'succeeded' ? 'done' : 'failed', ...(state !== 'succeeded' && { code: state }) })
      .catch((error: unknown) => log('error', 'the end of a run could not be recorded', error))
  }
  const keeper = startRunKeeper({
    book,
    agent,
    serviceAsk,
    serviceOf,
    measureNow: watch.measureNow,
    labelOf: labelCheck,
    rolesOf: (userIds) => platform.rolesOf(userIds),
    ended,
    now,
    log: (message, error) => log('warn', message, error),
  })
  const codeKeeper = startCodeKeeper({
    book: codeRuns,
    agent,
    serviceAsk,
    ended: async ({ id, projectPath, state, requestId }) => {
      const row = { action: 'codeQuality.run.end', actor: system, requestId, target: projectPath, details: { runId: id, state } }
      await audit
        .append({ ...row, outcome: state === 'passed' ? 'done' : 'failed', ...(state !== 'passed' && { code: state }) })
        .catch((error: unknown) => log('error', 'the end of a check could not be recorded', error))
    },
    now,
    log: (message, error) => log('warn', message, error),
  })
  return { ended, keeper, codeKeeper }
}
