import { z } from 'zod'
import { ActorRef, Digest, HostId, Id, Instant } from '../shapes.ts'

/** The name of a backup's file without its ending: `devops-backend-20260102T030405Z`. */
export const BackupId = z.string().regex(/^[a-z][a-z-]{0,39}-[0-9]{8}T[0-9]{6}Z$/)

/** `making` and `failed` have no file; `gone` had one that is not there any more. */
export const BackupState = z.enum(['making', 'made', 'failed', 'gone'])

/** What a restore into an empty store, exported again and compared, came to. */
export const BackupCheck = z.strictObject({
  state: z.enum(['passed', 'failed']),
  at: Instant,
  by: ActorRef,
  tookMs: z.int(),
  problem: z.string().nullable(),
})
export type BackupCheck = z.infer<typeof BackupCheck>

/** `key` is an ENCRYPTION_KEY, told by its `keyId`; `passphrase` is BACKUP_PASSPHRASE. */
const BackupLock = z.strictObject({ by: z.enum(['key', 'passphrase']), keyId: z.string() })
export type BackupLock = z.infer<typeof BackupLock>

export const Backup = z.strictObject({
  id: BackupId,
  state: BackupState,
  madeAt: Instant,
  by: ActorRef,
  why: z.string().nullable(),
  /** Of the console that made it. */
  version: z.string(),
  sizeBytes: z.int().nullable(),
  documents: z.int().nullable(),
  lock: BackupLock.nullable(),
  /** From a hosted store, which has no moment that holds for all documents: between when they were read. Null where all are of one moment. */
  hosted: z.strictObject({ readFrom: Instant, readTo: Instant }).nullable(),
  /** Whether a key that is set now opens it; whether it is the one that new backups are locked with. */
  opens: z.boolean(),
  current: z.boolean(),
  check: BackupCheck.nullable(),
  /** What the rules keep it for; null for what has no file, or goes when the next one is made. */
  keptFor: z.enum(['newest', 'night', 'week', 'month']).nullable(),
  problem: z.string().nullable(),
})
export type Backup = z.infer<typeof Backup>

export const BackupRules = z.strictObject({
  /** How many made backups stay, the newest. */
  keep: z.int().min(2).max(1_000),
  /** Of how many nights, which are days in UTC, weeks, from Monday, and months that have a backup the first one stays as well. */
  nights: z.int().min(0).max(366),
  weeks: z.int().min(0).max(520),
  months: z.int().min(0).max(120),
  /** How old the last drill that passed may become before it is said. */
  drillDays: z.int().min(1).max(365),
})
export type BackupRules = z.infer<typeof BackupRules>
/** What is not named stays as it is. */
export const BackupRulesChange = BackupRules.partial({ nights: true, weeks: true, months: true })
export type BackupRulesChange = z.infer<typeof BackupRulesChange>

/** `interrupted`: the service ended while it was under way, and it was not carried on. */
const backupRunStates = ['running', 'succeeded', 'failed', 'interrupted'] as const
/** Work on the backups of a service, one at a time: who or what began it, how far it is, and what came of it. */
export const BackupRun = z.strictObject({
  id: Id,
  kind: z.enum(['backup', 'restore-drill', 'restore']),
  service: z.string(),
  state: z.enum(backupRunStates),
  /** The backup that is made, tried or restored from. */
  backupId: BackupId,
  actor: ActorRef,
  reason: z.string().nullable(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  steps: z.array(z.strictObject({ name: z.string(), at: Instant })),
  /** Of the last step, in documents; `of` is null where it is not known. */
  done: z.int(),
  of: z.int().nullable(),
  /** One sentence: what came of it. */
  outcome: z.string().nullable(),
  requestId: z.string(),
})
export type BackupRun = z.infer<typeof BackupRun>

const RestoreCounts = z.strictObject({ added: z.int(), replaced: z.int(), removed: z.int(), skipped: z.int() })
export const RestoreReceipt = z.strictObject({
  backupId: BackupId,
  /** The backup of how things were before. */
  beforeId: BackupId.nullable(),
  at: Instant,
  by: ActorRef,
  state: z.enum(['done', 'failed']),
  counts: RestoreCounts,
  problem: z.string().nullable(),
})
export type RestoreReceipt = z.infer<typeof RestoreReceipt>

export const BackupsState = z.strictObject({
  items: z.array(Backup),
  nextCursor: z.null(),
  service: z.string(),
  /** What a backup of this service holds, in words. */
  holds: z.string(),
  totalBytes: z.int(),
  rules: BackupRules,
  key: z.strictObject({
    lock: BackupLock,
    /** The file that holds the key, as the service sees it. */
    file: z.string().nullable(),
    confirmed: z.strictObject({ at: Instant, by: ActorRef }).nullable(),
    /** Other keys that backups of the list need, and how many. */
    older: z.array(z.strictObject({ keyId: z.string(), backups: z.int(), opens: z.boolean() })),
    backups: z.int(),
  }),
  drill: z.strictObject({ backupId: BackupId, check: BackupCheck }).nullable(),
  /** No drill passed within the wanted age. */
  drillLate: z.boolean(),
  /** What is under way. */
  work: BackupRun.nullable(),
  /** The newest 50, what is under way among them. */
  runs: z.array(BackupRun),
  restored: RestoreReceipt.nullable(),
})
export type BackupsState = z.infer<typeof BackupsState>

/** One object by its kind and its place in the store. */
export const RestoreObject = z.strictObject({ kind: Id, pk: z.string().min(1).max(200), id: z.string().min(1).max(200) })
export type RestoreObject = z.infer<typeof RestoreObject>
const Named = RestoreObject.extend({ name: z.string() })
/** `was` and `becomes` are digests of the document before and after it; null where there is none. */
export const RestoreChange = Named.extend({
  change: z.enum(['add', 'replace', 'remove']),
  was: Digest.nullable(),
  becomes: Digest.nullable(),
})
export type RestoreChange = z.infer<typeof RestoreChange>
export const RestoreLack = Named.extend({ removable: z.boolean() })
export type RestoreLack = z.infer<typeof RestoreLack>

/** Exactly what a restore into the living store does; its digest is what is confirmed. */
export const RestorePlan = z.strictObject({
  v: z.literal(1),
  planId: z.string(),
  service: z.string(),
  hostId: HostId,
  backupId: BackupId,
  madeAt: Instant,
  /** Of the file. */
  sha256: Digest,
  createdAt: Instant,
  expiresAt: Instant,
  kinds: z.array(
    z.strictObject({
      kind: Id,
      label: z.string(),
      /** What of these stays as it is now, in words; empty where nothing does. */
      stays: z.string(),
      now: z.int(),
      after: z.int(),
      added: z.int(),
      replaced: z.int(),
      removed: z.int(),
      same: z.int(),
    }),
  ),
  /** The first 500; `changesSha256` is of the lines of all of them, see `lineOfChange`. */
  changes: z.array(RestoreChange),
  changesTotal: z.int(),
  changesSha256: Digest,
  /** What is here and not in the backup: it stays unless it was named for removal. The first 500. */
  lacking: z.array(RestoreLack),
  lackingTotal: z.int(),
  /** What the backup holds and no restore into a living store brings back. */
  untouched: z.array(z.strictObject({ what: z.string(), documents: z.int() })),
})
export type RestorePlan = z.infer<typeof RestorePlan>
