import { join } from 'node:path'
import { openAuditLog } from '@console/audit-chain/log'
import { devopsActions } from '@console/contracts/devops-actions'
import { defaultLimits, type LimitTable } from '@console/http-kit/limits'
import { createMeasure } from '@console/http-kit/measure'
import { mount } from '@console/http-kit/mount'
import { docsPaths, serveDocs } from '@console/http-kit/openapi'
import { AppError } from '@console/http-kit/problem'
import { buildServer } from '@console/http-kit/server'
import { createStreamDesk } from '@console/http-kit/streams'
import { createUsedGrants, restoreFromAudit } from '@console/http-kit/used-grants'
import { openSampleFiles } from '@console/series/sample-files'
import { startAuditCopy } from '@console/store/audit-copy'
import { runMigrations } from '@console/store/migrations'
import { metaOf, openStore } from '@console/store/open-store'
import { checkCsrf, makeCsrf } from '@console/tokens/csrf'
import { loadOrCreateServiceKey, tokenKeysIn } from '@console/tokens/key-files'
import { createSecretBox } from '@console/tokens/secret-box'
import { createSlidingWindows } from '@console/verbs/sliding-window'
import { authenticate } from './authenticate.ts'
import { daemonFigures } from './clients/daemon-figures.ts'
import { openClients } from './clients/open-clients.ts'
import { collections } from './collections.ts'
import type { Config } from './config.ts'
import type { AgentKeyDoc, CodeRunDoc, IncidentDoc, RunDoc, ServiceDoc, SettingsDoc, UptimeDoc, VariablesDoc } from './documents.ts'
import { keptAnswers } from './kept-answers.ts'
import { createLogHub } from './log-hub.ts'
import { migrations } from './migrations.ts'
import { bindApm } from './modules/apm/apm.module.ts'
import { watchConsole } from './modules/apm/watch-console.ts'
import { bindAudit } from './modules/audit/audit.module.ts'
import { watchLogs } from './modules/audit/watch-logs.ts'
import { startCodeKeeper } from './modules/code-quality/code-keeper.ts'
import { bindCodeQuality } from './modules/code-quality/code-quality.module.ts'
import { createCodeRunBook } from './modules/code-quality/code-run-book.ts'
import { bindConsole } from './modules/console/console.module.ts'
import { watchParts } from './modules/console/parts.ts'
import { bindDeployments } from './modules/deployments/deployments.module.ts'
import { startImageKeeper } from './modules/deployments/protect-images.ts'
import { briefOf, createRunBook } from './modules/deployments/run-book.ts'
import { startRunKeeper } from './modules/deployments/run-keeper.ts'
import { bindDocker } from './modules/docker/docker.module.ts'
import { createEventHub } from './modules/events/event-hub.ts'
import { bindEvents } from './modules/events/events.module.ts'
import { followContainers } from './modules/events/follow-containers.ts'
import { enterTargets, recordAdmitted } from './modules/health/enter-targets.ts'
import { bindHealth } from './modules/health/health.module.ts'
import { startHealthWatch } from './modules/health/health-watch.ts'
import { byWorst } from './modules/health/judge-health.ts'
import { labelCheck } from './modules/health/label-check.ts'
import { type MeasureDeps, measure } from './modules/health/measure.ts'
import { bindHermes } from './modules/hermes/hermes.module.ts'
import type { AgentKeyDeps } from './modules/hermes/signals/agent-keys.ts'
import { admitAgent } from './modules/hermes/signals/ingest.ts'
import { openSignalDesk } from './modules/hermes/signals/signal-desk.ts'
import { bindIncidents } from './modules/incidents/incidents.module.ts'
import { followHealth, type IncidentDeps } from './modules/incidents/incidents.ts'
import { bindLogs } from './modules/logs/logs.module.ts'
import { lineEvents } from './modules/logs/logs.ts'
import { bindOllama } from './modules/ollama/ollama.module.ts'
import { bindPrivileges } from './modules/privileges/privileges.module.ts'
import { bindScripts } from './modules/scripts/scripts.module.ts'
import { oneScript } from './modules/scripts/scripts.ts'
import { selectContainers } from './modules/services/select-containers.ts'
import { bindServices } from './modules/services/services.module.ts'
import { allServices, type ServiceDeps, storedService } from './modules/services/services.ts'
import { listVariables, openVariables } from './modules/services/variables.ts'
import { startRetention } from './modules/settings/retention.ts'
import { bindSettings } from './modules/settings/settings.module.ts'
import { currentSettings } from './modules/settings/settings.ts'
import { lookLive } from './modules/system/live-use.ts'
import { openMetricKeeper } from './modules/system/metric-history.ts'
import { keepRecentUse } from './modules/system/recent-use.ts'
import { bindSystem } from './modules/system/system.module.ts'
import { usualEveryMs, watchHost } from './modules/system/watch-host.ts'
import { bindTelemetry } from './modules/telemetry/telemetry.module.ts'
import { createTelemetry } from './modules/telemetry/telemetry.ts'
import { bindVm } from './modules/vm/vm.module.ts'
import { translate } from './translate.ts'

const prefix = '/api/devops'
const name = 'devops-backend'
const partition = 'local'
const sampleBytes = 512 * 1_048_576

/** Puts devops-backend together: store, clients of the other parts, modules, routes. */
export async function createApp(
  config: Config,
  {
    write,
    limits = defaultLimits,
    monotonic = () => performance.now(),
  }: { readonly write: (line: string) => void; readonly limits?: LimitTable; readonly monotonic?: () => number },
) {
  const now = (): Date => new Date()
  const log = (level: 'info' | 'warn' | 'error', msg: string, error?: unknown): void =>
    write(
      `${JSON.stringify({ time: now().toISOString(), level, name, msg, ...(error !== undefined && { error: String((error as Error).stack ?? error) }) })}\n`,
    )
  const dir = join(config.dataDir, 'devops')
  const key = loadOrCreateServiceKey({ dir, keysDir: config.keysDir, name })
  const store = await openStore(config.store, 'do')
  for (const declaration of Object.values(collections)) store.collection(declaration)
  await store.ready()
  await runMigrations({ store, meta: metaOf('do'), migrations, now: Date.now })
  const audit = await openAuditLog({ dir: join(dir, 'audit'), name, key: key.privateKey })
  await audit.closeStaleIntents().catch((error: unknown) => log('error', 'stale intents could not be closed', error))

  const clients = openClients(config, { key, name, monotonic })
  const { dockerClient, agentClient, platform, docker, agent, serviceAsk, askAs } = clients
  const daemons = { 'docker-proxy': dockerClient, 'host-agent': agentClient }

  const hub = createEventHub()
  const logHub = createLogHub(docker, serviceAsk)
  const services = store.collection<ServiceDoc>(collections.services)
  const variables = store.collection<VariablesDoc>(collections.variables)
  const settings = store.collection<SettingsDoc>(collections.settings)
  const book = createRunBook(store.collection<RunDoc>(collections.runs), (id) => hub.publish('deployment', id))
  const codeRuns = createCodeRunBook(store.collection<CodeRunDoc>(collections.codeRuns), (id) => hub.publish('codeRun', id))
  const serviceOf = async (id: string): Promise<ServiceDoc | null> => (await services.get(partition, id))?.doc ?? null
  const measuring: MeasureDeps = {
    agent,
    docker,
    rules: { domain: config.domain, allowedHosts: config.checkHosts },
    now,
    monotonic,
  }

  const incidents: IncidentDeps = {
    incidents: store.collection<IncidentDoc>(collections.incidents),
    lastRunOf: async (id) => (await book.lastOf(id)).last,
    changed: (id) => hub.publish('incident', id),
    now,
  }
  const retention = await startRetention({
    read: () => currentSettings({ settings }),
    removeRuns: async (ms) => (await book.removeBefore(ms)) + (await codeRuns.removeBefore(ms)),
    removeRows: (beforeMs) => audit.removeBefore(beforeMs, 'retention'),
    now: Date.now,
    log: (message, error) => log('warn', message, error),
  })
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

  const system = { kind: 'service', id: `system:${name}` } as const
  const { view, lastUses, courier } = watchLogs({
    audit,
    keysDir: config.keysDir,
    platform,
    daemons,
    serviceAsk,
    system,
    webhookUrl: config.checkpointWebhookUrl,
    log: (message, error) => log('error', message, error),
  })
  const auditCopy =
    config.store.driver === 'cosmos'
      ? startAuditCopy({ log: audit, store, owner: 'do', alarm: (message, error) => log('error', message, error) })
      : null
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
    measure: (check, admitted) => measure(measuring, check, serviceAsk(), admitted),
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
  const parts = watchParts({
    docker,
    agent: agentClient,
    platform,
    serviceAsk,
    lateLogs: () => courier.late,
    changed: (part) => hub.publish('part', part),
    now,
    auditOk: () => {
      const { ok, trouble } = audit.health()
      return { ok, message: trouble?.message ?? 'Rows are written.' }
    },
  })
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
  const counted = createMeasure(name, devopsActions)
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
  const containerFeed = followContainers({ docker, ask: serviceAsk, changed: (id) => hub.publish('container', id) })

  const changedService = (id: string): void => {
    watch.poke()
    hub.publish('service', id)
  }
  const serviceDeps: ServiceDeps = {
    services,
    now,
    healthOf: watch.stateOf,
    changed: changedService,
    runsOf: async (id) => {
      const { last, open } = await book.lastOf(id)
      return { last: last && briefOf(last), open: open && briefOf(open) }
    },
    variableNamesOf: async (id) => (await listVariables({ variables }, id)).items.map((item) => item.name),
    assertScript: async (scriptId, ctx) => {
      await oneScript({ agent, askAs }, ctx, scriptId).catch((error: { code?: string }) => {
        if (error.code !== 'HOST_AGENT_AWAY') throw error
      })
    },
    byWorst,
    enterTargets: (checks, { actor }, known) => enterTargets(checks, { rules: measuring.rules, role: actor.role, known }),
    recordAdmitted: (what, keep) => recordAdmitted(audit, what, keep),
  }
  const variableDeps = { variables, box: createSecretBox(config.encryptionKeys, 'variable values v1'), now, changed: changedService }

  const desk = openSignalDesk({ dir: join(dir, 'series/signals'), now: Date.now, log: (message, error) => log('error', message, error) })
  const agentKeys: AgentKeyDeps = {
    keys: store.collection<AgentKeyDoc>(collections.agentKeys),
    box: createSecretBox(config.encryptionKeys, 'keys of agents v1'),
    desk,
    assertInstance: async (instance, ctx) => {
      const { instances } = await agent.hermesOps(askAs(ctx))
      if (instances.some(({ id }) => id === instance)) return
      throw new AppError('HERMES_INSTANCE_NOT_FOUND', 404, `No instance of Hermes on this host is called ${instance}.`)
    },
    now,
  }
  const ingest = { keys: agentKeys.keys, box: agentKeys.box, desk, nowMs: Date.now }
  const csrfFor = (sid: string | null): string => makeCsrf(config.csrfSecret, sid ?? '', Date.now())
  const counters = createSlidingWindows(monotonic)
  const usedGrants = createUsedGrants(Date.now)
  await restoreFromAudit(audit, { counters, usedGrants, wallNow: Date.now() })
  const who = { platform, cookieSecure: config.cookieSecure }
  const app = await buildServer({
    name,
    production: config.production,
    allowedOrigins: config.allowedOrigins,
    hosts: config.hosts,
    trustedProxy: config.trustedProxy,
    write,
    measure: counted,
  })
  mount(app, {
    name,
    prefix,
    declared: devopsActions,
    strayPaths: [...docsPaths(prefix), '/health'],
    audit,
    limits,
    counters,
    allowedOrigins: config.allowedOrigins,
    usedGrants,
    translate,
    idempotency: keptAnswers(store.collection(collections.idempotency), now),
    grantKeys: tokenKeysIn(config.keysDir),
    streams: createStreamDesk(limits, async (request, action) => {
      const actor = await authenticate(request, { risk: 'read', polls: true }, who)
      return request.actor?.sid === actor.sid && actor.role === request.actor?.role && action.auth === 'session'
    }),
    authenticate: (request, action) =>
      action.auth === 'ingest' ? admitAgent(ingest, request, action.bytes?.signed === true) : authenticate(request, action, who),
    checkCsrf: (actor, token) => checkCsrf(config.csrfSecret, actor.sid ?? '', token, Date.now()),
    alarm: (what, error) => log('error', what, error),
    now: Date.now,
    bound: [
      ...bindConsole({
        parts,
        csrfFor: (ctx) => csrfFor(ctx.actor.sid),
        hostName: config.hostName,
      }),
      ...bindEvents(hub),
      ...bindPrivileges({ daemons, serviceAsk, warnings: config.warnings, lastUses }),
      ...bindSettings({
        settings,
        productName: config.productName,
        hostName: config.hostName,
        changed: () => {
          void retention.apply()
          hub.publish('settings', 'all')
        },
      }),
      ...bindTelemetry(createTelemetry({ dir: join(dir, 'series/telemetry'), now, days: () => retention.days().telemetryDays })),
      ...bindServices(serviceDeps, variableDeps, { docker, askAs }),
      ...bindScripts({ agent, askAs, changed: (id) => hub.publish('script', id) }),
      ...bindDeployments({
        book,
        agent,
        askAs,
        ended,
        now,
        poke: keeper.poke,
        refusedOf: view.refusedRuns,
        serviceOf: async (id) => (await storedService({ services }, id)).doc,
        variablesOf: (id) => openVariables(variableDeps, id),
      }),
      ...bindHealth({ watch, samples, measuring, askAs, now }),
      ...bindIncidents(incidents),
      ...bindDocker({
        docker,
        logHub,
        askAs,
        dashboard: config.allowedOrigins[0] ?? '',
        logOf: (name, stream, cursor) => lineEvents([{ name, stream }], ({ reason }) => ({ reason }), cursor),
      }),
      ...bindLogs({ docker, logHub, askAs }),
      ...bindSystem({ host, kept: metrics, live: liveUse, recent: recentUse }),
      ...bindVm({ agent, askAs }),
      ...bindCodeQuality({ book: codeRuns, agent, askAs, poke: codeKeeper.poke, now }),
      ...bindApm(consoleWatch),
      ...bindOllama({ agent, askAs }),
      ...bindHermes({ agent, askAs, keys: agentKeys, ingest, desk }),
      ...bindAudit(view),
    ],
  })
  serveDocs(app, { prefix, title: 'DevOps API', actions: devopsActions })
  app.get('/health', async () => ({ status: 'ok' }))
  for (const warning of config.warnings) log('warn', warning)

  return {
    app,
    async close() {
      parts.stop()
      containerFeed.stop()
      await app.close()
      await Promise.all([
        keeper.stop(),
        codeKeeper.stop(),
        watch.stop(),
        courier.stop(),
        auditCopy?.stop(),
        retention.stop(),
        host.stop(),
        consoleWatch.stop(),
        desk.stop(),
      ])
      counted.stop()
      metrics.close()
      await audit.close()
      await store.close()
      await clients.close()
    },
  }
}
