import { join } from 'node:path'
import { openSampleFiles } from '@console/series/sample-files'
import type { Collection, DocStore } from '@console/store/port'
import type { Ask } from './clients/daemon-client.ts'
import { collections } from './collections.ts'
import type { IncidentDoc, ServiceDoc, UptimeDoc } from './documents.ts'
import type { Log } from './log.ts'
import type { RunBook } from './modules/deployments/run-book.ts'
import type { EventHub } from './modules/events/event-hub.ts'
import { startHealthWatch } from './modules/health/health-watch.ts'
import { type MeasureDeps, measure } from './modules/health/measure.ts'
import { followHealth, type IncidentDeps } from './modules/incidents/incidents.ts'
import { allServices } from './modules/services/services.ts'
import type { Retention } from './modules/settings/retention.ts'

const sampleBytes = 512 * 1_048_576

type Deps = {
  readonly store: DocStore
  readonly dir: string
  readonly services: Collection<ServiceDoc>
  readonly book: RunBook
  readonly hub: EventHub
  readonly retention: Retention
  readonly measuring: MeasureDeps
  readonly serviceAsk: () => Ask
  readonly now: () => Date
  readonly log: Log
}

/** Looks after every service: its samples, its uptime, and the incidents that come of them. */
export async function watchHealth({ store, dir, services, book, hub, retention, measuring, serviceAsk, now, log }: Deps) {
  const incidents: IncidentDeps = {
    incidents: store.collection<IncidentDoc>(collections.incidents),
    lastRunOf: async (id) => (await book.lastOf(id)).last,
    changed: (id) => hub.publish('incident', id),
    now,
  }
  const samples = openSampleFiles({
    dir: join(dir, 'series/health'),
    retentionDays: () => retention.days().healthSampleDays,
    mostBytes: sampleBytes,
    now: Date.now,
  })
  const watch = await startHealthWatch({
    services: async () => (await allServices({ services })).map(({ doc }) => doc),
    measure: (check, admitted) => measure(measuring, check, serviceAsk(), admitted),
    samples,
    uptime: store.collection<UptimeDoc>(collections.uptime),
    changed: async (change) => {
      await followHealth(incidents, change)
      hub.publish('health', change.service.name)
    },
    now,
    log: (message, error) => log('warn', message, error),
  })
  return { incidents, samples, watch }
}
