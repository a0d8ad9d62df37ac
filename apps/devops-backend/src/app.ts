import { join } from 'node:path'
import { openAuditLog } from '@console/audit-chain/log'
import { toldFolder, watchToldRows } from '@console/audit-chain/told-rows'
import { bindBackups } from '@console/backup-kit/bind-backups'
import { devopsBackups } from '@console/contracts/backups/actions'
import { devopsActions } from '@console/contracts/devops-actions'
import { defaultLimits, type LimitTable } from '@console/http-kit/limits'
import { createMeasure } from '@console/http-kit/measure'
import { mount } from '@console/http-kit/mount'
import { docsPaths, serveDocs } from '@console/http-kit/openapi'
import { buildServer } from '@console/http-kit/server'
import { createStreamDesk } from '@console/http-kit/streams'
import { createUsedGrants, restoreFromAudit } from '@console/http-kit/used-grants'
import { startAuditCopy } from '@console/store/audit-copy'
import { runMigrations } from '@console/store/migrations'
import { metaOf, openStore } from '@console/store/open-store'
import { checkCsrf, makeCsrf } from '@console/tokens/csrf'
import { loadOrCreateServiceKey, tokenKeysIn } from '@console/tokens/key-files'
import { createSecretBox } from '@console/tokens/secret-box'
import { createSlidingWindows } from '@console/verbs/sliding-window'
import { authenticate } from './authenticate.ts'
import { openBackups } from './backed-up.ts'
import { openClients } from './clients/open-clients.ts'
import { collections } from './collections.ts'
import type { Config } from './config.ts'
import type { CodeRunDoc, RunDoc, ServiceDoc, SettingsDoc, VariablesDoc } from './documents.ts'
import { keepRuns } from './keep-runs.ts'
import { keptAnswers } from './kept-answers.ts'
import type { Log } from './log.ts'
import { createLogHub } from './log-hub.ts'
import { migrations } from './migrations.ts'
import { bindApm } from './modules/apm/apm.module.ts'
import { bindAudit } from './modules/audit/audit.module.ts'
import { watchLogs } from './modules/audit/watch-logs.ts'
import { bindCodeQuality } from './modules/code-quality/code-quality.module.ts'
import { createCodeRunBook } from './modules/code-quality/code-run-book.ts'
import { bindConsole } from './modules/console/console.module.ts'
import { watchParts } from './modules/console/parts.ts'
import { bindDeployments } from './modules/deployments/deployments.module.ts'
import { briefOf, createRunBook } from './modules/deployments/run-book.ts'
import { bindDocker } from './modules/docker/docker.module.ts'
import { createEventHub } from './modules/events/event-hub.ts'
import { bindEvents } from './modules/events/events.module.ts'
import { followContainers } from './modules/events/follow-containers.ts'
import { enterTargets, recordAdmitted } from './modules/health/enter-targets.ts'
import { bindHealth } from './modules/health/health.module.ts'
import { byWorst } from './modules/health/judge-health.ts'
import type { MeasureDeps } from './modules/health/measure.ts'
import { bindHermes } from './modules/hermes/hermes.module.ts'
import { admitAgent } from './modules/hermes/signals/ingest.ts'
import { bindIncidents } from './modules/incidents/incidents.module.ts'
import { bindLogs } from './modules/logs/logs.module.ts'
import { lineEvents } from './modules/logs/logs.ts'
import { bindOllama } from './modules/ollama/ollama.module.ts'
import { bindPrivileges } from './modules/privileges/privileges.module.ts'
import { bindScripts } from './modules/scripts/scripts.module.ts'
import { oneScript } from './modules/scripts/scripts.ts'
import { bindServices } from './modules/services/services.module.ts'
import { type ServiceDeps, storedService } from './modules/services/services.ts'
import { listVariables, openVariables } from './modules/services/variables.ts'
import { startRetention } from './modules/settings/retention.ts'
import { bindSettings } from './modules/settings/settings.module.ts'
import { currentSettings } from './modules/settings/settings.ts'
import { bindSystem } from './modules/system/system.module.ts'
import { bindTelemetry } from './modules/telemetry/telemetry.module.ts'
import { createTelemetry } from './modules/telemetry/telemetry.ts'
import { bindVm } from './modules/vm/vm.module.ts'
import { openSignals } from './open-signals.ts'
import { translate } from './translate.ts'
import { watchHealth } from './watch-health.ts'
import { watchUse } from './watch-use.ts'

const prefix = '/api/devops'
const name = 'devops-backend'
const partition = 'local'

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
  const log: Log = (level, msg, error) =>
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
  const told = await watchToldRows({ folder: join(dir, toldFolder), log: audit, alarm: (what, error) => log('error', what, error) })

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

  const retention = await startRetention({
    read: () => currentSettings({ settings }),
    removeRuns: async (ms) => (await book.removeBefore(ms)) + (await codeRuns.removeBefore(ms)),
    removeRows: (beforeMs) => audit.removeBefore(beforeMs, 'retention'),
    now: Date.now,
    log: (message, error) => log('warn', message, error),
  })
  const { incidents, samples, watch } = await watchHealth({ store, dir, services, book, hub, retention, measuring, serviceAsk, now, log })

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
  const { ended, keeper, codeKeeper } = keepRuns({ clients, book, codeRuns, hub, audit, system, serviceOf, watch, now, log })
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
  const counted = createMeasure(name, devopsActions)
  const { metrics, recentUse, host, liveUse, consoleWatch } = watchUse({ clients, dir, retention, counted, name, monotonic, log })
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

  const { desk, agentKeys, ingest } = openSignals({ config, clients, store, dir, now, log })
  const backups = await openBackups({
    config,
    store,
    append: (row) => audit.append(row),
    now: Date.now,
    alarm: (message, error) => log('error', message, error),
    restored: () => {
      void retention.apply()
      watch.poke()
      for (const topic of ['service', 'deployment', 'settings'] as const) hub.publish(topic, 'all')
    },
  })
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
        seesAgents: config.seesAgents,
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
      ...bindBackups(devopsBackups, backups),
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
      await backups.idle()
      await Promise.all([
        keeper.stop(),
        codeKeeper.stop(),
        watch.stop(),
        courier.stop(),
        auditCopy?.stop(),
        told.stop(),
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
