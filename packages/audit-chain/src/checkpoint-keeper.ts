/** An alarm of the exchange: nobody at `peer` has taken our checkpoint, or `peer` has given none, for too long. Times in ms. */
export type CheckpointAlarm = { readonly kind: 'not-witnessed' | 'not-received'; readonly peer: string; readonly sinceMs: number }

export type CheckpointKeeper = {
  /** Whether a checkpoint is to be made now: a heartbeat is due, or enough rows have come since the last. */
  readonly due: (size: number) => boolean
  /** A checkpoint of this size was made. */
  readonly issued: (size: number) => void
  /** Peer has recorded our checkpoint. */
  readonly witnessed: (peer: string) => void
  /** We have recorded a new checkpoint of this peer. */
  readonly received: (peer: string) => void
  /** What is late now. */
  readonly late: () => readonly CheckpointAlarm[]
  /** What has become late since the last call: each of these is a row and an alarm. One that recovers may be raised again. */
  readonly newlyLate: () => readonly CheckpointAlarm[]
}

/**
 * Keeps count of the exchange of checkpoints for one part. It does nothing itself: the caller asks it on every tick and after every append.
 * Each part keeps its own count, so a carrier that holds checkpoints back is noticed at both ends.
 */
export function createCheckpointKeeper({
  peers,
  now,
  everyMs = 60_000,
  everyRows = 100,
  alarmAfterMs = 300_000,
}: {
  readonly peers: readonly string[]
  readonly now: () => number
  readonly everyMs?: number
  readonly everyRows?: number
  readonly alarmAfterMs?: number
}): CheckpointKeeper {
  const startedAt = now()
  const lastWitnessed = new Map(peers.map((peer) => [peer, startedAt]))
  const lastReceived = new Map(peers.map((peer) => [peer, startedAt]))
  const raised = new Set<string>()
  let last: { at: number; size: number } | undefined

  function note(times: Map<string, number>, kind: CheckpointAlarm['kind'], peer: string): void {
    if (!times.has(peer)) return
    times.set(peer, now())
    raised.delete(`${kind} ${peer}`)
  }

  function late(): CheckpointAlarm[] {
    const alarms: CheckpointAlarm[] = []
    for (const peer of peers) {
      for (const [kind, times] of [['not-witnessed', lastWitnessed] as const, ['not-received', lastReceived] as const]) {
        const sinceMs = times.get(peer) as number
        if (now() - sinceMs >= alarmAfterMs) alarms.push({ kind, peer, sinceMs })
      }
    }
    return alarms
  }

  return {
    // A clock that was set back must not silence the heartbeat until it has caught up.
    due: (size) => last === undefined || Math.abs(now() - last.at) >= everyMs || size - last.size >= everyRows,
    issued: (size) => {
      last = { at: now(), size }
    },
    witnessed: (peer) => note(lastWitnessed, 'not-witnessed', peer),
    received: (peer) => note(lastReceived, 'not-received', peer),
    late,
    newlyLate: () => {
      const fresh = late().filter(({ kind, peer }) => !raised.has(`${kind} ${peer}`))
      for (const { kind, peer } of fresh) raised.add(`${kind} ${peer}`)
      return fresh
    },
  }
}
