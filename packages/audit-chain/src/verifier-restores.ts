import type { Claimed } from './verifier-claims.ts'

// A part of the verifier: nothing of the writer is used here either.

/** The logs that a restore of the whole console puts back, all of them or none. */
const restoredLogs = ['platform-service', 'devops-backend', 'docker-proxy'] as const
/** The log that stays on its host whatever is restored. */
const hostLog = 'host-agent'

/** A restore as a row tells of it. */
export type Restore = {
  /** ISO time at which it was told, while no part ran */
  readonly at: string
  readonly by: string
  /** name of the backup, and the SHA-256 of its file */
  readonly backup: string
  readonly sha256: string
  readonly requestId: string
  /** whether host-agent was on this host already */
  readonly hostAgent: 'here' | 'none'
  /** how each log that was restored came back: its rows, and the hash of the last of them */
  readonly logs: Readonly<Record<string, { readonly rows: number; readonly head: string }>>
}

/** The place of the row in a log, and all that it says: the others must have been told the same. */
export type ToldRestore = { readonly seq: number; readonly restore: Restore; readonly said: string }

/** A restore that all logs that it concerns were told alike; `places` are the rows that tell of it. */
export type AgreedRestore = Omit<ToldRestore, 'seq'> & { readonly places: ReadonlyMap<string, number> }

/** What others witnessed of a log and a restore took away. */
export type RestoredFinding = Omit<Restore, 'hostAgent' | 'logs'> & {
  readonly log: string
  /** which logs hold statements about what is gone */
  readonly heldBy: readonly string[]
  /** rows with which it came back; null for a log that began anew on a new host */
  readonly cameBackWith: number | null
  /** rows that were witnessed and are gone */
  readonly gone: number
}

type Row = {
  readonly action: string
  readonly outcome: string
  readonly requestId?: unknown
  readonly target?: unknown
  readonly actor?: unknown
  readonly details?: Record<string, unknown>
}

/** The restore that a row tells of; undefined for every other row, and for one of an older version, which says too little. */
export function restoreIn(row: Row): Omit<ToldRestore, 'seq'> | undefined {
  const { action, outcome, actor, target, requestId, details } = row
  if (action !== 'console.restore.run' || outcome !== 'done' || details?.told !== true) return undefined
  if (!isObject(actor) || actor.kind !== 'service' || actor.id !== 'deploy.sh') return undefined
  const { at, by, restored } = details
  if (!isObject(restored) || !isObject(restored.logs)) return undefined
  const { sha256, hostAgent, logs } = restored
  if (![target, requestId, at, by].every((text) => typeof text === 'string') || !isHash(sha256)) return undefined
  if (hostAgent !== 'here' && hostAgent !== 'none') return undefined
  if (Object.keys(logs).sort().join() !== [...restoredLogs].sort().join()) return undefined
  for (const came of Object.values(logs)) if (!isObject(came) || !isCount(came.rows) || !isHash(came.head)) return undefined
  return {
    restore: { at, by, backup: target, sha256, requestId, hostAgent, logs } as Restore,
    said: JSON.stringify([requestId, target, details]),
  }
}

/** A log that was read, as far as restores need it. `headAt` is undefined for a row that is not there any more. */
export type ReadForRestores = {
  readonly log: string
  readonly firstSeq: number
  readonly restores: readonly ToldRestore[]
  headAt(size: number): string | undefined
}

/**
 * The restores that every log that came back was told alike, and bears out: what stands there at the length that is told is what came back.
 * A log whose rows of that time were removed when their time was over cannot say any more; two must.
 */
export function agreedRestores(reads: readonly ReadForRestores[]): AgreedRestore[] {
  const told = new Map<string, AgreedRestore & { places: Map<string, number> }>()
  for (const { log, restores } of reads)
    for (const { seq, restore, said } of restores) {
      const one = told.get(said) ?? { restore, said, places: new Map<string, number>() }
      told.set(said, one)
      // The first one: a row that is told again is none of its own.
      if (!one.places.has(log)) one.places.set(log, seq)
    }
  return [...told.values()]
    .filter(({ restore, places }) => {
      const bearing = restoredLogs.filter((log) => places.has(log))
      return bearing.length >= 2 && restoredLogs.every((log) => bearsOut(reads, { log, restore, seq: places.get(log) }))
    })
    .sort((a, b) => (a.restore.at < b.restore.at ? -1 : 1))
}

function bearsOut(
  reads: readonly ReadForRestores[],
  { log, restore, seq }: { readonly log: string; readonly restore: Restore; readonly seq: number | undefined },
): boolean {
  const read = reads.find((one) => one.log === log)
  const came = restore.logs[log]
  if (read === undefined || came === undefined) return false
  if (seq === undefined) return read.firstSeq > came.rows + 1
  return came.rows < read.firstSeq - 1 || read.headAt(came.rows) === came.head
}

/** Only what holds by itself, and that the others do not contradict, can speak for a restore. */
export function stillStanding(agreed: readonly AgreedRestore[], broken: ReadonlySet<string>): AgreedRestore[] {
  return agreed.filter(({ places }) => ![...restoredLogs, ...places.keys()].some((log) => broken.has(log)))
}

/** A statement that a log does not bear out: of which log, held by which other one in which row, and in which way. */
export type Contradiction = { readonly checkpoint: Claimed; readonly by: string; readonly seq: number; readonly kind: string }

/**
 * The restore that explains a contradiction. Two can be explained: what host-agent witnessed of a log before it was told of the restore, beyond what
 * came back; and what the restored logs brought along about a host-agent of the host before, where none was here. The logs that were
 * restored together explain nothing of each other.
 */
export function explains(agreed: readonly AgreedRestore[], { checkpoint, by, seq, kind }: Contradiction): Restore | undefined {
  return agreed.find(({ restore, places }) => {
    const [came, holder] = [restore.logs[checkpoint.log], restore.logs[by]]
    if (kind === 'cut' || kind === 'rewritten')
      return came !== undefined && holder === undefined && checkpoint.size > came.rows && seq < (places.get(by) ?? 0)
    if (checkpoint.log !== hostLog || restore.hostAgent !== 'none' || holder === undefined) return false
    return (kind === 'checkpoint-signature' || kind === 'genesis') && seq <= holder.rows
  })?.restore
}

/** One a restore. */
export function findingsOf(log: string, explained: readonly (Contradiction & { readonly restore: Restore })[]): RestoredFinding[] {
  const byRestore = new Map<Restore, Contradiction[]>()
  for (const one of explained) byRestore.set(one.restore, [...(byRestore.get(one.restore) ?? []), one])
  return [...byRestore].map(([{ hostAgent: _, logs, ...restore }, all]) => {
    const came = logs[log]?.rows ?? null
    const furthest = Math.max(...all.map(({ checkpoint }) => (isCount(checkpoint.size) ? checkpoint.size : 0)))
    return { ...restore, log, heldBy: [...new Set(all.map(({ by }) => by))], cameBackWith: came, gone: furthest - (came ?? 0) }
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
