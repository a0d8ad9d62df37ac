import { join } from 'node:path'
import { createCheckpointKeeper } from '@console/audit-chain/checkpoint-keeper'
import { type AuditLog, openAuditLog, type Row } from '@console/audit-chain/log'
import { toldFolder, watchToldRows } from '@console/audit-chain/told-rows'
import { grantMemoryMs } from '@console/tokens/grant'
import { loadOrCreateServiceKey, onlyKeyIn, serviceKeysIn, tokenKeysIn, whyKeysNotBelieved } from '@console/tokens/key-files'
import type { Daemon as DaemonName, Verb } from '@console/verbs/verb'
import type { Trust } from './caller.ts'
import { createConnections } from './connections.ts'
import { assertDeclared } from './declared.ts'
import { type BurntGrants, createBurntGrants } from './grants.ts'
import type { Handled } from './handler.ts'
import { journalVerbs, type SelfRows } from './journal-verbs.ts'
import { createLimiter, type DaemonLimits, defaultDaemonLimits, type Limiter } from './limits.ts'
import { watchProcess } from './process-figures.ts'
import { createRefusalBook, type RefusalBook } from './refusals.ts'
import { createVerbServer } from './serve-verb.ts'
import { assertSocketFree, listenOnSocket } from './socket.ts'

export type DaemonOptions = {
  readonly name: DaemonName
  readonly socketPath: string
  /** The daemon's own folder: key and journal. */
  readonly dir: string
  readonly keysDir: string
  readonly productId: string
  readonly version: string
  readonly verbs: readonly Verb[]
  readonly self: SelfRows
  readonly warnings: readonly string[]
  /** Told to people beside the warnings, and not to the log. */
  readonly remarks?: readonly string[]
  /** Keys that are missing or not believed stop the start; elsewhere they may come later. */
  readonly production?: boolean
  /** The journal is given, so that handlers can record what they do by themselves. */
  readonly handlersWith: (journal: AuditLog) => readonly Handled[]
  readonly write: (line: string) => void
  readonly limits?: DaemonLimits
  readonly now?: () => number
  readonly reserveBytes?: number
  readonly mostBytes?: number
}
export type RunningDaemon = { readonly journal: AuditLog; stop(): Promise<void> }

const peers = ['platform-service', 'devops-backend', 'docker-proxy', 'host-agent']
const tickMs = 5_000
/** Readers that come often make no more rows of a flood than this allows. */
const readFlushMs = 1_000
const bodyBytes = 1_048_576

/** The one way to be a daemon: exact routes on a unix socket, who asks decided here, everything that changes something on record. */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
  const { name, keysDir, productId, verbs, self, version, warnings, now = Date.now, limits = defaultDaemonLimits } = options
  const log = logTo(options.write, name)
  for (const verb of verbs) assertDeclared(verb)
  await assertSocketFree(options.socketPath)
  const key = loadOrCreateServiceKey({ dir: options.dir, keysDir, name })
  const doubts = whyKeysNotBelieved(
    keysDir,
    ['platform-service.jwks'],
    // Its own file is what it has just written, whosever the folder is.
    peers.filter((peer) => peer !== name).map((peer) => `${peer}.jwk`),
  )
  if (options.production && doubts.length > 0) throw new Error(`${doubts.join('\n')}\nStart platform-service first, and see to the files.`)
  for (const doubt of doubts) log('info', doubt)
  const journal = await openAuditLog({
    dir: join(options.dir, 'audit'),
    name,
    key: key.privateKey,
    now,
    ...(options.reserveBytes !== undefined && { reserveBytes: options.reserveBytes }),
  })
  await journal.closeStaleIntents().catch((error: unknown) => log('error', 'stale intents could not be closed', { error: String(error) }))
  // Before anybody is answered: what others witness from here on comes after what was told.
  const told = await watchToldRows({
    folder: join(options.dir, toldFolder),
    log: journal,
    alarm: (what, error) => log('error', what, { error: String(error) }),
    everyMs: tickMs,
  })
  const monotonic = (): number => performance.now()
  const serviceKeysOf = serviceKeysIn(keysDir)
  const trust: Trust = { daemon: name, productId, tokenKeys: tokenKeysIn(keysDir), serviceKeysOf, now }
  const limiter = createLimiter(limits, monotonic)
  const burnt = createBurntGrants(now)
  await restore(journal, { limiter, burnt, now: now() })
  const keeper = createCheckpointKeeper({ peers: peers.filter((peer) => peer !== name), now })
  const refusals = createRefusalBook({ journal, limiter, log, monotonic })
  const selfVerbs = journalVerbs({
    self,
    verbs,
    version,
    warnings: [...warnings, ...(options.remarks ?? [])],
    figures: watchProcess(),
    journal,
    keyOf: (peer) => keyOf(keysDir, peer),
    receivedFrom: keeper.received,
    beforeRead: () => refusals.flushIfOlder(readFlushMs),
  })
  const handled = assertComplete([...selfVerbs, ...options.handlersWith(journal)], verbs)
  const serve = createVerbServer({
    handled,
    journal,
    limiter,
    refusals,
    limits,
    trust,
    burnt,
    mostBytes: options.mostBytes ?? bodyBytes,
    log,
  })
  const server = createConnections({
    serve,
    refused: (requestId, code) => void refusals.record({ caller: null, requestId, code }),
    log,
  })
  await listenOnSocket(server, options.socketPath)
  const ticker = setInterval(() => void tick({ journal, keeper, refusals, log }), tickMs)
  for (const warning of warnings) log('warn', warning)
  log('info', 'ready', { socket: options.socketPath })
  return {
    journal,
    async stop() {
      clearInterval(ticker)
      await told.stop()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await refusals.flush()
      await journal.close()
    },
  }
}

/** Burnt confirmations and the last minute's changes outlive a restart: they are read back from the journal. */
async function restore(journal: AuditLog, { limiter, burnt, now }: { limiter: Limiter; burnt: BurntGrants; now: number }): Promise<void> {
  const filter = { from: new Date(now - grantMemoryMs).toISOString(), outcome: 'started' } as const
  const { rows } = await journal.read({ order: 'desc', limit: 1_000, filter }).catch(() => ({ rows: [] as Row[] }))
  for (const row of rows) {
    const at = Date.parse(row.at)
    if (typeof row.details?.jti === 'string') burnt.add(row.details.jti, at)
    if (row.risk && row.actor.kind === 'person' && now - at < 60_000) limiter.restore(row.risk, row.actor.id, Math.max(0, now - at))
  }
}

type Kept = {
  readonly journal: AuditLog
  readonly keeper: ReturnType<typeof createCheckpointKeeper>
  readonly refusals: RefusalBook
  readonly log: ReturnType<typeof logTo>
}

async function tick({ journal, keeper, refusals, log }: Kept): Promise<void> {
  try {
    await refusals.flush()
    const { seq } = journal.head
    if (keeper.due(seq)) {
      await journal.checkpoint()
      keeper.issued(seq)
    }
    for (const { kind, peer } of keeper.newlyLate().filter((alarm) => alarm.kind === 'not-received')) {
      log('warn', `no checkpoint of ${peer} has arrived for five minutes`)
      await journal.append({
        action: 'audit.checkpoint.missing',
        actor: { kind: 'service', id: `system:${journal.name}` },
        requestId: '-',
        target: peer,
        outcome: 'failed',
        code: kind,
      })
    }
  } catch (error) {
    log('error', 'the journal could not be kept', { error: String(error) })
  }
}

function keyOf(keysDir: string, name: string) {
  return peers.includes(name) ? onlyKeyIn(keysDir, name) : null
}

/** Each verb of the daemon's table has one handler, and no handler is without a row. */
function assertComplete(handled: readonly Handled[], verbs: readonly Verb[]): Map<string, Handled> {
  const routes = new Map(handled.map((one) => [`/v1/${one.verb.id}`, one]))
  const missing = verbs.filter((verb) => !routes.has(`/v1/${verb.id}`)).map(({ id }) => id)
  const strange = handled.filter((one) => !verbs.includes(one.verb)).map((one) => one.verb.id)
  if (missing.length > 0 || strange.length > 0 || routes.size !== handled.length)
    throw new Error(`verbs without a handler: [${missing}]; handlers without a row, or twice: [${strange}]`)
  return routes
}

function logTo(write: (line: string) => void, name: string) {
  return (level: 'info' | 'warn' | 'error', msg: string, more: object = {}): void =>
    write(`${JSON.stringify({ time: new Date().toISOString(), level, name, msg, ...more })}\n`)
}
