import { createCheckpointKeeper } from '@console/audit-chain/checkpoint-keeper'
import type { AuditLog } from '@console/audit-chain/log'

/** This end of the exchange of checkpoints: signs our own in time, and tells when another log has been silent. */
export type CheckpointWatch = {
  /** We hold a new checkpoint of this log. */
  received(peer: string): void
  /** One look at what is due and what is late; never rejects. */
  tick(): Promise<void>
  /** Waits for what is under way. */
  stop(): Promise<void>
}
type Options = {
  readonly log: Pick<AuditLog, 'append' | 'checkpoint' | 'head' | 'name'>
  readonly now: () => number
  readonly alarm: (what: string, error: unknown) => void
}

const peers = ['devops-backend', 'docker-proxy', 'host-agent']
const everyMs = 5_000

/**
 * Signs a checkpoint every minute or hundred rows, and records each log of which none has come for five minutes. Our own count, so that a
 * carrier that holds checkpoints back is noticed here too.
 */
export function watchCheckpoints({ log, now, alarm }: Options): CheckpointWatch {
  const keeper = createCheckpointKeeper({ peers, now })
  const look = async (): Promise<void> => {
    const { seq } = log.head
    if (keeper.due(seq)) {
      await log.checkpoint()
      keeper.issued(seq)
    }
    for (const { kind, peer } of keeper.newlyLate().filter((late) => late.kind === 'not-received'))
      await log.append({
        action: 'audit.checkpoint.missing',
        actor: { kind: 'service', id: `system:${log.name}` },
        requestId: 'checkpoints',
        target: peer,
        outcome: 'failed',
        code: kind,
      })
  }
  let running = Promise.resolve()
  const tick = (): Promise<void> => {
    running = running.then(look).catch((error: unknown) => alarm('the exchange of checkpoints could not be kept', error))
    return running
  }
  const timer = setInterval(() => void tick(), everyMs)
  timer.unref()
  return {
    received: keeper.received,
    tick,
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
