/** Tells an address outside how far each log reaches, so that a whole host that is put back to an older state contradicts what is known elsewhere. */
export type CheckpointWebhook = {
  /** Posts the signed text of a checkpoint of a log; never rejects. */
  post(log: string, checkpoint: string): Promise<void>
}
type Options = {
  readonly url: string
  readonly now: () => number
  readonly log: (message: string, error: unknown) => void
  readonly send?: typeof fetch
}
const timeoutMs = 5_000
/** A log is told of once a minute at most; what came between stands in the next one, which covers it. */
const everyMs = 60_000

/** Checkpoints are signed by the part whose log they are of: whoever receives one needs no secret to check it. */
export function createCheckpointWebhook({ url, now, log, send = fetch }: Options): CheckpointWebhook {
  const toldAt = new Map<string, number>()
  let away = false
  return {
    async post(of, checkpoint) {
      if (now() - (toldAt.get(of) ?? Number.NEGATIVE_INFINITY) < everyMs) return
      try {
        const { ok, status } = await send(url, {
          method: 'POST',
          redirect: 'error',
          headers: { 'content-type': 'application/json' },
          body: checkpoint,
          signal: AbortSignal.timeout(timeoutMs),
        })
        if (!ok) throw new Error(`it answered ${status}`)
        toldAt.set(of, now())
        away = false
      } catch (error) {
        // The address itself may be a secret; the same trouble is said once.
        if (!away)
          log('a checkpoint could not be posted outside; the next one covers it', (error as Error).message.replaceAll(url, 'the address'))
        away = true
      }
    },
  }
}
