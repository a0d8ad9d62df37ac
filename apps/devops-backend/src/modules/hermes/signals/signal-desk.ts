import type { InstanceSignals, SignalWindow } from '@console/contracts/hermes/signal-schemas'
import { AppError } from '@console/http-kit/problem'
import type { Mark } from './judge-point.ts'
import { createMarks } from './marks.ts'
import { createSeenIds } from './seen-ids.ts'
import type { Signal } from './signal.ts'
import { type Batch, createSignalBook, type KeyUse } from './signal-book.ts'
import { openSignalLog } from './signal-log.ts'

/** Takes signals in: each once, on disk before it is answered for, counted in sums. */
export type SignalDesk = {
  /** @returns how many were new @throws AppError HERMES_SIGNALS_FULL where they could not be written; then none counts */
  take(batch: Omit<Batch, 'atMs'>): Promise<number>
  /** How far a growing count of an agent had come. */
  markOf(instance: string, id: number): Mark | undefined
  tell(window: SignalWindow): InstanceSignals[]
  useOf(keyId: string): KeyUse | null
  forgetKey(keyId: string): void
  stop(): Promise<void>
}

/** Of each of two generations. At full rate that is some minutes, and senders try again within seconds. */
const mostIds = 300_000
const keptIds = 60_000
const everyMs = 60_000

export function openSignalDesk({
  dir,
  now,
  log,
}: {
  readonly dir: string
  readonly now: () => number
  readonly log: (message: string, error: unknown) => void
}): SignalDesk {
  const book = createSignalBook()
  const seen = createSeenIds(mostIds)
  const marks = createMarks()
  const reading = { back: true }
  const written = (line: string): void => {
    const batch = JSON.parse(line) as Batch
    // What could not be written whole was refused, and may have been sent again.
    const fresh = reading.back ? batch.signals.filter(({ id }) => id === null || !seen.has(id)) : batch.signals
    if (reading.back) for (const { id } of fresh) if (id !== null) seen.add(id)
    if (reading.back) marks.set(batch.instance, batch.marks ?? [])
    book.add({ ...batch, signals: fresh })
  }
  const kept = openSignalLog({
    dir,
    damaged: log,
    written,
    save: () => {
      book.trim(now())
      return { book: book.save(), ids: seen.newest(keptIds), marks: marks.all() }
    },
    load: (saved) => {
      const { book: sums, ids, marks: streams } = saved as { book: unknown; ids: number[]; marks: [string, Mark[]][] }
      for (const [instance, some] of streams) marks.set(instance, some)
      book.load(sums)
      for (const id of ids) seen.add(id)
    },
  })
  reading.back = false
  const timer = setInterval(
    () => void kept.checkpoint().catch((error: unknown) => log('the signals could not be put together', error)),
    everyMs,
  )
  timer.unref()
  return {
    async take({ instance, keyId, signals, marks: newMarks = [] }) {
      // A request without a signal tells of nothing but a good key: no agent is heard of by it.
      if (signals.length === 0 && newMarks.length === 0) return 0
      const fresh: Signal[] = []
      for (const signal of signals) {
        if (signal.id !== null && seen.has(signal.id)) continue
        if (signal.id !== null) seen.add(signal.id)
        fresh.push(signal)
      }
      // What was sent before waits as well: its first sending may not be on disk yet.
      const before = newMarks.map(([id]) => marks.get(instance, id)).filter((mark) => mark !== undefined)
      marks.set(instance, newMarks)
      const batch: Batch = { instance, keyId, atMs: now(), signals: fresh, ...(newMarks.length > 0 && { marks: newMarks }) }
      await kept.append(JSON.stringify(batch)).catch((cause: unknown) => {
        for (const { id } of fresh) if (id !== null) seen.remove(id)
        marks.takeBack(instance, newMarks, before)
        log('signals could not be written', cause)
        throw new AppError('HERMES_SIGNALS_FULL', 503, 'The signals could not be written, so none was taken. Send them again.', {
          cause,
          headers: { 'retry-after': '30' },
        })
      })
      return fresh.length
    },
    markOf: marks.get,
    tell: (window) => book.tell(window, now()),
    useOf: book.useOf,
    forgetKey: book.forgetKey,
    async stop() {
      clearInterval(timer)
      await kept.close()
    },
  }
}
