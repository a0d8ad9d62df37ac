import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type AuditLog, openAuditLog } from '@console/audit-chain/log'
import { toldFolder, watchToldRows } from '@console/audit-chain/told-rows'
import type { BackupDesk } from '@console/backup-kit/backup-desk'
import { bindBackups } from '@console/backup-kit/bind-backups'
import { allActions } from '@console/contracts/all-actions'
import { platformBackups } from '@console/contracts/backups/actions'
import { platformActions } from '@console/contracts/platform-actions'
import type { SigningKey } from '@console/contracts/sign-in-settings/schemas'
import type { BoundAction } from '@console/http-kit/bind'
import { memoryIdempotency } from '@console/http-kit/idempotency'
import { defaultLimits, type LimitTable } from '@console/http-kit/limits'
import { createMeasure, type Measure } from '@console/http-kit/measure'
import { mount } from '@console/http-kit/mount'
import { docsPaths, serveDocs } from '@console/http-kit/openapi'
import { buildServer } from '@console/http-kit/server'
import { createStreamDesk } from '@console/http-kit/streams'
import { createUsedGrants, restoreFromAudit } from '@console/http-kit/used-grants'
import { type AuditCopy, startAuditCopy } from '@console/store/audit-copy'
import { runMigrations } from '@console/store/migrations'
import { metaOf, openStore } from '@console/store/open-store'
import type { DocStore } from '@console/store/port'
import { loadOrCreateServiceKey, onlyKeyIn, publishTokenKeys, serviceKeysIn } from '@console/tokens/key-files'
import { createSecretBox } from '@console/tokens/secret-box'
import { allVerbs } from '@console/verbs/all'
import { createSlidingWindows } from '@console/verbs/sliding-window'
import { type AuditDesk, createAuditDesk } from './audit-desk.ts'
import { openBackups } from './backed-up.ts'
import { type CheckpointWatch, watchCheckpoints } from './checkpoint-watch.ts'
import { type Collections, openCollections, partition } from './collections.ts'
import type { Config } from './config.ts'
import { createCookieJar, platformPath } from './identity/cookies.ts'
import { createEntrance } from './identity/entrance.ts'
import { type Identity, openIdentity } from './identity/identity.ts'
import { noteKeyRing } from './identity/key-ring.ts'
import { createPasswordScorer, type PasswordScorer } from './identity/password-scorer.ts'
import type { Cost } from './identity/passwords.ts'
import { createRecognition, type Recognition } from './identity/recognition.ts'
import { createResetLinks } from './identity/reset-links.ts'
import type { ThrottleRules } from './identity/throttle-book.ts'
import { createUpstreamProvider } from './identity/upstream-provider.ts'
import { createMailer, type Mailer } from './mail/mailer.ts'
import { createNotify } from './mail/notices.ts'
import { createSmtp, noSmtp } from './mail/smtp.ts'
import { migrations } from './migrations.ts'
import { bindApiTokens } from './modules/api-tokens/api-tokens.module.ts'
import { bindAudit } from './modules/audit/audit.module.ts'
import { rowOf } from './modules/audit/audit-rows.ts'
import { bindFactors } from './modules/factors/factors.module.ts'
import { confirmableIn } from './modules/grants/confirmable.ts'
import { bindGrants } from './modules/grants/grants.module.ts'
import { bindHealth, type HealthCheck, healthOf } from './modules/health/health.module.ts'
import { bindInternal } from './modules/internal/internal.module.ts'
import { createJournal } from './modules/internal/journal.ts'
import { bindInvites } from './modules/invites/invites.module.ts'
import { acceptInviteByProvider, createInvite, type InviteDeps } from './modules/invites/invites.ts'
import { bindMail } from './modules/mail/mail.module.ts'
import { bindMemberships } from './modules/memberships/memberships.module.ts'
import { bindPasskeys } from './modules/passkeys/passkeys.module.ts'
import { createForgotten, type Forgotten } from './modules/passwords/forgotten.ts'
import { bindPasswords } from './modules/passwords/passwords.module.ts'
import { bindPeople } from './modules/people/people.module.ts'
import { newAccess } from './modules/people/people.ts'
import { bindProducts } from './modules/products/products.module.ts'
import { bindSessions } from './modules/sessions/sessions.module.ts'
import { bindSetup } from './modules/setup/setup.module.ts'
import { offerSetup } from './modules/setup/setup.ts'
import { bindSignIn } from './modules/sign-in/sign-in.module.ts'
import { bindSignInSettings } from './modules/sign-in-settings/sign-in-settings.module.ts'
import { bindThrottles } from './modules/throttles/throttles.module.ts'
import { bindUpstream } from './modules/upstream/upstream.module.ts'
import { createSigning, type Signing } from './signing.ts'
import { sweepWork } from './sweep-work.ts'
import { type Sweeper, startSweeper } from './sweeper.ts'
import { translate } from './translate.ts'

export type AppOptions = {
  readonly config: Config
  /** One line of the log, newline included. */
  readonly write: (line: string) => void
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly limits?: LimitTable
  readonly cost?: Cost
  readonly throttleRules?: Partial<ThrottleRules>
  readonly scorer?: PasswordScorer
  /** Space held back for rows when the disk is full. */
  readonly auditReserveBytes?: number
  readonly store?: DocStore
  /** Other pauses between the tries of a mail than the usual ones. */
  readonly mailQueue?: { readonly pausesMs: readonly number[] }
}
type Server = Awaited<ReturnType<typeof buildServer>>
export type PlatformApp = {
  readonly server: Server
  /** The token that makes the first admin, for the person who started the program; null when that is done. */
  readonly setupToken: string | null
  readonly sweeper: Sweeper
  readonly checkpoints: CheckpointWatch
  /** Null where the store is a file beside the log. */
  readonly auditCopy: AuditCopy | null
  /** Takes another signing secret without a restart: nobody is signed out. */
  rotateSigning(secret: string): Promise<void>
  /** What lies in the store; what is written past them is not seen by lists before the next start. */
  readonly collections: Collections
  close(): Promise<void>
}
const name = 'platform-service'

/** Puts the whole service together; nothing listens yet. */
export async function buildApp(options: AppOptions): Promise<PlatformApp> {
  const { config, write, now = Date.now, limits = defaultLimits } = options
  const alarm = (what: string, error: unknown) =>
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), level: 'error', name, msg: what, error: String(error) })}\n`)
  const store = options.store ?? (await openStore(config.store, 'pf'))
  const collections = openCollections(store)
  await store.ready()
  await runMigrations({ store, meta: metaOf('pf'), migrations, now })
  const key = loadOrCreateServiceKey({ dir: config.folder, keysDir: config.keysDir, name })
  const log = await openAuditLog({
    dir: join(config.folder, 'audit'),
    name,
    key: key.privateKey,
    now,
    ...(options.auditReserveBytes !== undefined && { reserveBytes: options.auditReserveBytes }),
  })
  await log.closeStaleIntents().catch((error: unknown) => alarm('unfinished actions could not be closed in the audit log', error))
  const told = await watchToldRows({ folder: join(config.folder, toldFolder), log, alarm })
  const desk = createAuditDesk({ log, now, alarm })
  const signing = createSigning(config.jwtSecrets, { issuer: config.issuer, now })
  publishTokenKeys(config.keysDir, signing.jwks, config.issuer)
  const keyRing = await noteKeyRing(
    collections.system,
    signing.jwks.map(({ kid }) => kid),
    now(),
  )
  const scorer = options.scorer ?? createPasswordScorer()
  const identity = await openIdentity({
    collections,
    now,
    event: desk.event,
    scorer,
    box: createSecretBox(config.encryptionKeys, 'second factors v1'),
    rpId: config.rpId,
    origins: config.allowedOrigins,
    cost: options.cost,
    throttleRules: options.throttleRules,
  })
  const checkpoints = watchCheckpoints({ log, now, alarm })
  // A copy beside the log would not outlive it: only a hosted store is given one.
  const auditCopy = config.store.driver === 'cosmos' ? startAuditCopy({ log, store, owner: 'pf', alarm }) : null
  const mailer = createMailer({
    address: config.smtp,
    send: config.smtp === null ? noSmtp : createSmtp(config.smtp),
    record: (row) => desk.append(row).then(noAnswer, (error: unknown) => alarm('how a mail ended could not be recorded', error)),
    now,
    ...options.mailQueue,
  })
  const measure = createMeasure(name, platformActions)
  const backups = await openBackups({ config, store, collections, append: desk.append, now, alarm })
  const parts = assemble({ config, identity, collections, signing, keyRing, log, desk, mailer, checkpoints, measure, backups, alarm, now })
  const counters = createSlidingWindows(() => performance.now())
  const usedGrants = createUsedGrants(now)
  await restoreFromAudit(log, { counters, usedGrants, wallNow: now() })

  const server = await buildServer({ ...config, name, write, measure })
  mount(server, {
    name,
    prefix: platformPath,
    declared: platformActions,
    bound: parts.bound,
    strayPaths: ['/health', jwksPath, ...docsPaths(platformPath)],
    audit: desk,
    limits,
    counters,
    allowedOrigins: config.allowedOrigins,
    idempotency: memoryIdempotency(),
    grantKeys: signing.keys,
    usedGrants,
    streams: createStreamDesk(limits, async () => false),
    authenticate: parts.recognition.authenticate,
    checkCsrf: ({ sid }, token) => sid !== null && signing.isCsrf(sid, token),
    translate,
    alarm,
    now,
  })
  server.get('/health', async () => healthOf(parts.checks))
  server.get(jwksPath, async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=60').send({ keys: signing.jwks, issuer: config.issuer }),
  )
  serveDocs(server, { prefix: platformPath, title: 'platform-service', actions: platformActions })
  const setupToken = await offerSetup({ system: collections.system, people: identity.people, now }, config.setupToken)
  const sweeper = startSweeper(sweepWork({ collections, identity, log, desk, now }), alarm)
  return {
    server,
    setupToken,
    sweeper,
    checkpoints,
    auditCopy,
    async rotateSigning(secret) {
      signing.rotate(secret)
      publishTokenKeys(config.keysDir, signing.jwks, config.issuer)
      await noteKeyRing(
        collections.system,
        signing.jwks.map(({ kid }) => kid),
        now(),
      )
    },
    collections,
    async close() {
      await server.close()
      await backups.idle()
      measure.stop()
      await parts.forgotten.close()
      await mailer.close()
      await checkpoints.stop()
      await auditCopy?.stop()
      await sweeper.stop()
      await told.stop()
      await scorer.close()
      await desk.flush(true).catch((error: unknown) => alarm('counted rows could not be written', error))
      await log.close()
      await store.close()
    },
  }
}

const noAnswer = (): void => undefined
/** A literal path, the same for every product that verifies our tokens. */
const jwksPath = `${platformPath}/.well-known/jwks.json`

type Parts = {
  readonly config: Config
  readonly identity: Identity
  readonly collections: Collections
  readonly signing: Signing
  readonly keyRing: readonly SigningKey[]
  readonly log: AuditLog
  readonly desk: AuditDesk
  readonly mailer: Mailer
  readonly checkpoints: CheckpointWatch
  readonly measure: Measure
  readonly backups: BackupDesk
  readonly alarm: (what: string, error: unknown) => void
  readonly now: () => number
}

/** Hands each module what it needs; modules know nothing of each other. */
function assemble(parts: Parts): { bound: BoundAction[]; recognition: Recognition; forgotten: Forgotten; checks: HealthCheck[] } {
  const { config, identity, collections, signing, keyRing, log, desk, mailer, checkpoints, measure, backups, alarm, now } = parts
  const jar = createCookieJar(config.cookieSecure)
  const recognition = createRecognition({ ...identity, jar, serviceKeys: serviceKeysIn(config.keysDir), event: desk.event, now })
  const entrance = createEntrance({ ...identity, jar, csrf: signing.csrf, now })
  const resetLinks = createResetLinks({ ...identity, mailer, adminWebUrl: config.adminWebUrl })
  const forgotten = createForgotten({ ...identity, resetLinks, mailer, append: desk.append, alarm })
  const notify = createNotify({ mailer, adminWebUrl: config.adminWebUrl, now })
  const shared = {
    ...identity,
    entrance,
    resetLinks,
    mailer,
    notify,
    adminWebUrl: config.adminWebUrl,
    signedIn: recognition.signedIn,
    intend: desk.intend,
    newId: randomUUID,
    now,
  }
  const journal = createJournal({ log, rowOf, keyOf: (other) => onlyKeyIn(config.keysDir, other), received: checkpoints.received, now })
  const checks: HealthCheck[] = [
    () => log.health().trouble?.message ?? null,
    () =>
      collections.system.get(partition, 'setup-done').then(
        () => null,
        () => 'The document store does not answer.',
      ),
  ]
  const inviting: InviteDeps = {
    ...shared,
    adminWebUrl: config.adminWebUrl,
    checkedWish: (productId, wish) => newAccess(shared, productId, wish),
  }
  const bound = [
    ...bindHealth(checks),
    ...bindSetup({ ...shared, system: collections.system }),
    ...bindSignIn(shared),
    ...bindSessions({ ...shared, append: desk.append, translate }),
    ...bindFactors(shared),
    ...bindPasskeys(shared),
    ...bindUpstream({
      ...shared,
      jar,
      provider: config.upstream && createUpstreamProvider(config.upstream),
      acceptInvite: (ctx, invite, word) => acceptInviteByProvider(inviting, ctx, invite, word),
    }),
    ...bindGrants({ ...shared, confirmable: confirmableIn(allVerbs, allActions), sign: signing.grant }),
    ...bindPeople({ ...shared, append: desk.append, translate, createInvite: (ctx, wish) => createInvite(inviting, ctx, wish) }),
    ...bindPasswords(shared, forgotten),
    ...bindMail(shared),
    ...bindProducts(shared),
    ...bindMemberships(shared),
    ...bindInvites(inviting),
    ...bindApiTokens({ ...shared, actions: allActions }),
    ...bindThrottles(shared),
    ...bindSignInSettings({ ...shared, keyRing }),
    ...bindAudit(log),
    ...bindBackups(platformBackups, backups),
    ...bindInternal({ ...shared, sign: signing.access }, journal, measure),
  ]
  return { bound, recognition, forgotten, checks }
}
