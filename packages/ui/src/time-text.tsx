import { useSyncExternalStore } from 'react'
import { formatAgo, formatDuration, formatInstant } from './format.ts'

const listeners = new Set<() => void>()
let clock = 0
let timer: ReturnType<typeof setInterval> | undefined
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  if (timer === undefined) {
    // While nobody looked the clock stood still, and what came meanwhile would lie ahead of it.
    clock = Date.now()
    timer = setInterval(() => {
      clock = Date.now()
      for (const tell of listeners) tell()
    }, 1_000)
  }
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

/** The time that is left, in text; read out at one minute and at the end. */
export function Countdown({ to }: { readonly to: string }) {
  const now = useNow()
  if (now === 0) return null
  const leftMs = Math.max(0, Date.parse(to) - now)
  const seconds = Math.floor(leftMs / 1_000)
  return (
    <>
      <span aria-hidden={seconds > 0}>{seconds === 0 ? 'lapsed' : formatDuration(seconds * 1_000)}</span>
      <span className="vh" role="status">
        {seconds === 0 ? 'The plan has lapsed.' : seconds <= 60 ? 'Less than one minute is left.' : ''}
      </span>
    </>
  )
}
