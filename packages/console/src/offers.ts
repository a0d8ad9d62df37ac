/** What a dashboard may offer by itself, and nothing else: to be installed, and a newer version of itself. */
export type Offer = 'install' | 'update'
export type OfferMemory = {
  /** When an offer was put off; in milliseconds. */
  readonly putOff: { readonly [offer in Offer]?: number }
  /** On how many days this dashboard was opened, and on which one last. */
  readonly days: number
  readonly lastDay: string
}

export const noMemory: OfferMemory = { putOff: {}, days: 0, lastDay: '' }
const dayMs = 86_400_000
const quietMs = { install: 180 * dayMs, update: 7 * dayMs } as const
/** Whoever comes once or twice is asked nothing. */
const daysBeforeInstall = 3

/** Whether an offer may be made now: what was put off is not offered again for a long time. */
export function mayOffer(offer: Offer, memory: OfferMemory, now: number): boolean {
  const putOff = memory.putOff[offer]
  // A clock that was set back must not keep an offer away for ever.
  const quiet = putOff !== undefined && Math.abs(now - putOff) < quietMs[offer]
  return !quiet && (offer === 'update' || memory.days >= daysBeforeInstall)
}

/** The memory after the dashboard was opened at this time. */
export function openedAt(memory: OfferMemory, now: number): OfferMemory {
  const lastDay = new Date(now).toISOString().slice(0, 10)
  return lastDay === memory.lastDay ? memory : { ...memory, lastDay, days: memory.days + 1 }
}

/** What was kept, whoever wrote it there. */
export function readMemory(text: string | null): OfferMemory {
  try {
    const { putOff, days, lastDay } = JSON.parse(text ?? '') as Partial<Record<keyof OfferMemory, unknown>>
    const times = Object.entries(putOff ?? {}).filter(([, at]) => typeof at === 'number')
    return {
      putOff: Object.fromEntries(times),
      days: typeof days === 'number' ? days : 0,
      lastDay: typeof lastDay === 'string' ? lastDay : '',
    }
  } catch {
    return noMemory
  }
}
