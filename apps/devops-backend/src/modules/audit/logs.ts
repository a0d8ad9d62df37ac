import type { AuditLog, Checkpoint, Row, SetAside } from '@console/audit-chain/log'
import type { VerifyResult } from '@console/audit-chain/verifier'
import { AuditRow, ChainState, type LogName } from '@console/contracts/audit/schemas'
import { dockerProxySelf, hostAgentSelf } from '@console/verbs/daemon'
import { z } from 'zod'
import type { Ask, DaemonClient } from '../../clients/daemon-client.ts'
import type { PlatformClient } from '../../clients/platform.ts'

/** One of the four logs, wherever it lies. */
export type LogSource = {
  readonly name: LogName
  /** Rows after a sequence number, oldest first, and how far the log reaches. */
  read(after: number, limit: number): Promise<{ rows: AuditRow[]; head: number }>
  checkpoint(): Promise<string>
  witness(checkpoint: string): Promise<void>
  /** The chain by itself, the last checkpoints of other logs that this one holds, and those that a restore took the ground from. */
  verify(): Promise<{ state: ChainState; witnessed: readonly Checkpoint[]; setAside: readonly SetAside[] }>
}

const RawRow = z.looseObject({
  seq: z.int(),
  at: z.string(),
  log: z.string(),
  action: z.string(),
  requestId: z.string(),
  target: z.string(),
  outcome: z.string(),
  hash: z.string(),
})
const DaemonRows = z.object({ rows: z.array(RawRow), head: z.int() })
const PlatformRows = z.object({ rows: z.array(AuditRow), head: z.int() })
const CheckpointText = z.object({ checkpoint: z.string() })
const Verified = z.object({
  result: z.looseObject({}),
  witnessed: z.array(z.looseObject({ log: z.string() })),
  setAside: z.array(z.object({ checkpoint: z.looseObject({ log: z.string(), size: z.int() }), row: RawRow })).default([]),
})

export function ownLog(audit: AuditLog, keyOf: (log: string) => Parameters<AuditLog['witness']>[1]['publicKey'] | null): LogSource {
  return {
    name: 'devops-backend',
    async read(after, limit) {
      const { rows } = await audit.read({ order: 'asc', after, limit })
      return { rows: rows.map((row) => viewOf(row, 'devops-backend')), head: audit.head.seq }
    },
    checkpoint: async () => JSON.stringify(await audit.checkpoint()),
    async witness(text) {
      const value = JSON.parse(text) as { log: string }
      const publicKey = keyOf(value.log)
      if (publicKey) await audit.witness(value, { publicKey, requestId: 'checkpoints' })
    },
    verify: async () => ({
      state: stateOf('devops-backend', await audit.verify()),
      witnessed: audit.witnessed(),
      setAside: audit.setAside(),
    }),
  }
}

export function daemonLog(name: 'docker-proxy' | 'host-agent', client: DaemonClient, ask: () => Ask): LogSource {
  const self = name === 'docker-proxy' ? dockerProxySelf : hostAgentSelf
  return {
    name,
    async read(after, limit) {
      const { rows, head } = DaemonRows.parse(await client.call(self.readJournal, { after, limit }, ask()))
      return { rows: rows.map((row) => viewOf(row as unknown as Row, name)), head }
    },
    checkpoint: async () => CheckpointText.parse(await client.call(self.checkpointJournal, {}, ask())).checkpoint,
    async witness(checkpoint) {
      await client.call(self.witnessCheckpoint, { checkpoint }, ask())
    },
    async verify() {
      const { result, witnessed, setAside } = Verified.parse(await client.call(self.verifyJournal, {}, ask()))
      return {
        state: stateOf(name, result as unknown as VerifyResult),
        witnessed: witnessed as unknown as Checkpoint[],
        setAside: setAside as unknown as SetAside[],
      }
    },
  }
}

export function platformLog(platform: PlatformClient): LogSource {
  return {
    name: 'platform-service',
    read: async (after, limit) => PlatformRows.parse(await platform.post('/internal/journal/read', { after, limit })),
    checkpoint: async () => CheckpointText.parse(await platform.post('/internal/journal/checkpoint', {})).checkpoint,
    async witness(checkpoint) {
      await platform.post('/internal/journal/witness', { checkpoint })
    },
    verify: async () => ({ state: ChainState.parse(await platform.post('/internal/journal/verify', {})), witnessed: [], setAside: [] }),
  }
}

function viewOf(row: Row, log: LogName): AuditRow {
  const { kind, id, name } = row.actor
  return {
    log,
    seq: row.seq,
    at: row.at,
    action: row.action,
    actor: { kind, id, name: name ?? null },
    requestId: row.requestId,
    target: row.target,
    outcome: row.outcome,
    risk: row.risk ?? null,
    code: row.code ?? null,
    input: row.input ? { ...row.input } : null,
    details: row.details ? { ...row.details } : null,
    address: row.address ?? null,
    count: row.count ?? null,
    of: row.of ?? null,
    hash: row.hash,
  }
}

/** What the stand-alone verifier said, in the words of the API; what the other logs hold is compared by the caller. */
function stateOf(log: LogName, { ok, size, firstSeq, problems, unanchored }: VerifyResult): ChainState {
  const [first] = problems
  return {
    log,
    state: ok ? 'valid' : 'broken',
    rows: size - firstSeq + 1,
    firstBadSeq: first?.seq ?? null,
    problem: first?.message ?? null,
    unanchored,
    lastCheckpointAt: null,
    restored: null,
    checkedAt: new Date().toISOString(),
  }
}
