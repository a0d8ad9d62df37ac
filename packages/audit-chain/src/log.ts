import { createPublicKey, type KeyObject } from 'node:crypto'
import { type AuditFs, nodeFs } from './audit-fs.ts'
import type { Head, SetAside } from './chain-state.ts'
import { type Checkpoint, logName, signCheckpoint } from './checkpoint.ts'
import { createMask, maskKeyOf } from './mask.ts'
import { lastCheckpointPath } from './open-chain.ts'
import { type ReadOptions, type ReadResult, readRows } from './read-rows.ts'
import { holdReserve, type ReserveState } from './reserve.ts'
import { carryOut, planRemoval } from './retention.ts'
import { type NewRow, type Row, rowMembers } from './row.ts'
import { AuditUnavailable } from './unavailable.ts'
import { type VerifyResult, verifyLog } from './verifier.ts'
import { createWitnessDesk, type WitnessDesk } from './witness.ts'
import { openWriter } from './writer.ts'

export type { Head, SetAside } from './chain-state.ts'
export type { Checkpoint } from './checkpoint.ts'
export type { ReadOptions, ReadResult, RowFilter } from './read-rows.ts'
export type { ActorKind, NewRow, Outcome, Row } from './row.ts'
export { AuditUnavailable, type Trouble } from './unavailable.ts'
export type { VerifyResult } from './verifier.ts'
export { CheckpointRefused, type RefusalCode, type Witness } from './witness.ts'

export type AuditLogOptions = {
  /** folder of this log alone; made if missing, 0700 */
  readonly dir: string
  /** the part: `platform-service`, `devops-backend`, `docker-proxy`, `host-agent` */
  readonly name: string
  /** the part's private Ed25519 key; signs checkpoints */
  readonly key: KeyObject
  /** milliseconds; the system clock if not given */
  readonly now?: () => number
  /** space held back for essential rows; 64 MiB if not given, 0 for none */
  readonly reserveBytes?: number
  /** when a segment is sealed and the next begun; 8 MiB if not given */
  readonly segmentBytes?: number
  readonly fs?: AuditFs
}

/** How a log is doing, for the health page. */
export type AuditHealth = {
  readonly ok: boolean
  readonly trouble?: AuditUnavailable
  readonly reserve: ReserveState
  readonly cutBytes: number
}

export type AuditLog = {
  readonly name: string
  /** The last row on record; `seq` 0 for an empty log or one that could not be opened yet. */
  readonly head: Head
  /**
   * Resolves with the row when it is durable. Rejects with `AuditUnavailable` (`code` AUDIT_UNAVAILABLE) when it could not be made so: then
   * nothing is on record and the action must not happen. `essential` rows (cleanup, cancel, restart; every row that closes an intent is one by
   * itself) may use the reserve when the disk is full.
   * @throws TypeError for a row of the wrong shape
   */
  readonly append: (row: NewRow, options?: { readonly essential?: boolean }) => Promise<Row>
  /** Rows on record, oldest first from `after` or newest first from below `before`. Rejects with `AuditUnavailable` if the log never could be read. */
  readonly read: (options?: ReadOptions) => Promise<ReadResult>
  /** What stands in a row for a value that nobody may read again: alike for alike values, and only by this part's key. */
  readonly mask: (value: unknown) => unknown
  /** A signed statement of the log as it is now, also kept beside the log. */
  readonly checkpoint: () => Promise<Checkpoint>
  /**
   * Records another log's checkpoint, so that this log vouches for it; `details.checkpoint` of the row holds it.
   * @throws CheckpointRefused for one that is unsigned, smaller, older, of another genesis, or at odds with what was witnessed; a row says so
   */
  readonly witness: WitnessDesk['witness']
  /** The last checkpoint of each other log that stands in this one. */
  readonly witnessed: () => readonly Checkpoint[]
  /** Those that a restore took the ground from, until their log is longer than it was. */
  readonly setAside: () => readonly SetAside[]
  /** Deletes whole sealed segments that were sealed before a time (ms); a row says which rows went. Answers the last of them, 0 if none. */
  readonly removeBefore: (beforeMs: number, requestId: string) => Promise<number>
  /** `started` rows that no outcome has closed, oldest first. */
  readonly pendingIntents: () => readonly Row[]
  /**
   * Closes intents that nobody will close any more with an `unknown` row: those from before this opening, and with `olderThanMs` also
   * those of now that are older. `keep` spares what is known to be still under way.
   */
  readonly closeStaleIntents: (options?: {
    readonly olderThanMs?: number
    readonly keep?: (intent: Row) => boolean
  }) => Promise<readonly Row[]>
  /** Runs the stand-alone verifier over the files, up to the head as it is now. */
  readonly verify: () => Promise<VerifyResult>
  readonly health: () => AuditHealth
  readonly close: () => Promise<void>
}

/**
 * Opens (or makes) the append-only log of one part. Never rejects because the folder is unwritable or the chain is broken: such a log opens,
 * says so in `health()`, and refuses every append, so that its owner can start and tell why it changes nothing. One process may have a log open.
 * @throws TypeError for a name or a key of the wrong kind
 */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const { dir, name: log, key, now = Date.now, reserveBytes = 64 * 1024 * 1024, segmentBytes = 8 * 1024 * 1024, fs = nodeFs } = options
  if (!logName.test(log)) throw new TypeError(`no name for an audit log: ${log}`)
  if (key.type !== 'private' || key.asymmetricKeyType !== 'ed25519') throw new TypeError('an audit log needs a private Ed25519 key')
  const place = { fs, dir, log, key, now }
  await fs.makeFolder(dir).catch(() => undefined)
  const reserve = holdReserve({ fs, dir, log, bytes: reserveBytes })
  const writer = await openWriter(place, { reserve, segmentBytes })

  function readable() {
    const state = writer.state()
    if (state === undefined) throw writer.trouble() ?? new AuditUnavailable('io', 'The audit log could not be read.')
    return state
  }

  const append: AuditLog['append'] = async (row, { essential = row.of !== undefined } = {}) =>
    writer.append({ members: rowMembers(row), essential })
  const pendingIntents = () => [...(writer.state()?.pending.values() ?? [])]
  const desk = createWitnessDesk({ log, now, append, lastOf: (name) => readable().witnessed.get(name) })

  return {
    name: log,
    get head() {
      return writer.state()?.head ?? { seq: 0, hash: '', at: new Date(0).toISOString() }
    },
    append,
    mask: createMask(maskKeyOf(key)),
    read: async (what = {}) => readRows(readable(), what),
    checkpoint: async () => {
      const { genesis, head } = readable()
      const checkpoint = signCheckpoint(key, { log, genesis, size: head.seq, head: head.hash, at: new Date(now()).toISOString() })
      await writer.alone(() => keepLast(fs, lastCheckpointPath(place), checkpoint)).catch(() => undefined)
      return checkpoint
    },
    witness: desk.witness,
    witnessed: () => [...(writer.state()?.witnessed.values() ?? [])],
    setAside: () => [...(writer.state()?.setAside.values() ?? [])],
    removeBefore: async (beforeMs, requestId) => {
      const removal = await planRemoval(place, readable(), beforeMs, requestId)
      if (removal === undefined) return 0
      await append(removal.row)
      await writer.alone(() => carryOut(place, readable(), removal))
      return removal.through
    },
    pendingIntents,
    closeStaleIntents: async ({ olderThanMs = Number.POSITIVE_INFINITY, keep = () => false } = {}) => {
      const openedAt = writer.state()?.openedAt ?? 0
      const stale = pendingIntents().filter((row) => (row.seq <= openedAt || now() - Date.parse(row.at) > olderThanMs) && !keep(row))
      return Promise.all(stale.map((row) => append(unknownOutcome(row))))
    },
    verify: async () => verifyLog({ dir, log, publicKey: createPublicKey(key), upTo: readable().head.seq }),
    health: () => {
      const trouble = writer.trouble()
      return { ok: trouble === undefined, ...(trouble && { trouble }), reserve: reserve.state(), cutBytes: writer.state()?.cutBytes ?? 0 }
    },
    close: async () => {
      await writer.close()
      await reserve.close()
    },
  }
}

function unknownOutcome({ action, actor, requestId, target, risk, seq }: Row): NewRow {
  return { action, actor, requestId, target, outcome: 'unknown', of: seq, ...(risk !== undefined && { risk }) }
}

/** Replaces the file by rename, so that a crash leaves the old one or the new one. */
async function keepLast(fs: AuditFs, path: string, checkpoint: Checkpoint): Promise<void> {
  const file = await fs.open(`${path}.new`, 'any')
  try {
    await file.truncate(0)
    await file.write(Buffer.from(`${JSON.stringify(checkpoint)}\n`), 0)
    await file.datasync()
  } finally {
    await file.close()
  }
  await fs.rename(`${path}.new`, path)
}
