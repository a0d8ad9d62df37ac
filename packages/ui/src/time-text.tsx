import { useSyncExternalStore } from 'react'
import { formatAgo, formatInstant } from './format.ts'

const listeners = new Set<() => void>()
let clock = 0
let timer: ReturnType<typeof setInterval> | undefined
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  timer ??= setInterval(() => {
    clock = Date.now()
    for (const tell of listeners) tell()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

const present = (): number => {
  if (clock === 0) clock = Date.now()
  return clock
}

/** The present, at most once a second; zero in what is written before the page has come to life. */
export const useNow = (): number => useSyncExternalStore(subscribe, present, () => 0)

/** A time relative to now, absolute UTC on hover. */
export function Ago({ at }: { readonly at: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={formatInstant(at)} className="inline-time">
      {now === 0 ? formatInstant(at) : formatAgo(at, now)}
    </time>
  )
}
