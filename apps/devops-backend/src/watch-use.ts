import { join } from 'node:path'
import type { Measure } from '@console/http-kit/measure'
import { daemonFigures } from './clients/daemon-figures.ts'
import type { openClients } from './clients/open-clients.ts'
import type { Log } from './log.ts'
import { watchConsole } from './modules/apm/watch-console.ts'
import type { Retention } from './modules/settings/retention.ts'
import { lookLive } from './modules/system/live-use.ts'
import { openMetricKeeper } from './modules/system/metric-history.ts'
import { keepRecentUse } from './modules/system/recent-use.ts'
import { usualEveryMs, watchHost } from './modules/system/watch-host.ts'

type Deps = {
  readonly clients: Pick<ReturnType<typeof openClients>, 'docker' | 'agent' | 'platform' | 'dockerClient' | 'agentClient' | 'serviceAsk'>
  readonly dir: string
  readonly retention: Retention
  readonly counted: Pick<Measure, 'figures' | 'text'>
  readonly name: 'devops-backend'
  readonly monotonic: () => number
  readonly log: Log
}

/** Measures the host, its containers and the console itself, and keeps the history of all of it. */
export function watchUse({ clients, dir, retention, counted, name, monotonic, log }: Deps) {
  const { docker, agent, platform, dockerClient, agentClient, serviceAsk } = clients
  const metrics = openMetricKeeper({ dir: join(dir, 'series/metrics'), days: () => retention.days().metricDays, now: Date.now })
  const recentUse = keepRecentUse({ everySec: usualEveryMs / 1_000, now: Date.now })
  const host = watchHost({
    measure: () => agent.measure({ ...serviceAsk(), withinMs: 8_000 }),
    names: async () =>
      new Map((await docker.list('all', { ...serviceAsk(), withinMs: 4_000 })).items.map(({ id, name: called }) => [id, called])),
    keep: (measured) => {
      recentUse.keep(measured)
      metrics.keep(measured)
    },
    log: (message, error) => log('warn', message, error),
  })
  const liveUse = lookLive({
    measure: () => agent.measureContainers({ ...serviceAsk(), withinMs: 4_000 }),
    watched: host.reading,
    monotonic,
  })
  const consoleWatch = watchConsole({
    services: [
      { service: name, figures: counted.figures, text: counted.text },
      { service: 'platform-service', figures: platform.figures, text: platform.metricsText },
    ],
    daemons: [
      { service: 'docker-proxy', figures: () => daemonFigures('docker-proxy', dockerClient, serviceAsk()) },
      { service: 'host-agent', figures: () => daemonFigures('host-agent', agentClient, serviceAsk()) },
    ],
    keep: (atMs, latency) => metrics.keepLatency(atMs, latency),
    now: Date.now,
    log: (message, error) => log('warn', message, error),
  })
  return { metrics, recentUse, host, liveUse, consoleWatch }
}
