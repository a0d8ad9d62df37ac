import type { LogName } from '@console/contracts/audit/schemas'
import type { CheckpointWebhook } from './checkpoint-webhook.ts'
import type { LogSource } from './logs.ts'

/** Carries each log's newest checkpoint to the other three; says when one has not come for too long. */
export type Courier = { stop(): Promise<void>; readonly late: readonly LogName[] }

const everyMs = 20_000
const lateMs = 300_000

export function startCourier({
  sources,
  now,
  alarm,
  outside,
}: {
  readonly sources: readonly LogSource[]
  readonly now: () => number
  readonly alarm: (log: LogName) => void
  /** Where checkpoints go beside the other logs; null for nowhere. */
  readonly outside: CheckpointWebhook | null
}): Courier {
  const lastGood = new Map(sources.map(({ name }) => [name, now()]))
  const raised = new Set<LogName>()
  let running: Promise<void> = Promise.resolve()

  const carry = async (): Promise<void> => {
    for (const source of sources) {
      const checkpoint = await source.checkpoint().catch(() => null)
      if (checkpoint === null) continue
      void outside?.post(source.name, checkpoint)
      const others = sources.filter((other) => other !== source)
      const taken = await Promise.all(
        others.map((other) =>
          other.witness(checkpoint).then(
            () => true,
            () => false,
          ),
        ),
      )
      if (taken.some(Boolean)) {
        lastGood.set(source.name, now())
        raised.delete(source.name)
      }
    }
    for (const [name, at] of lastGood)
      if (now() - at >= lateMs && !raised.has(name)) {
        raised.add(name)
        alarm(name)
      }
  }
  const round = (): void => {
    running = running.then(carry).catch(() => undefined)
  }
  round()
  const timer = setInterval(round, everyMs)
  return {
    get late() {
      return [...raised]
    },
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
