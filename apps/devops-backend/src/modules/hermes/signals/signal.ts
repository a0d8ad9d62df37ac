import { hash } from 'node:crypto'
import type { SignalKind, SignalSource } from '@console/contracts/hermes/signal-schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'

/** What is kept of something that an agent did; all else of what it sent is dropped on arrival. */
export type Signal = {
  readonly source: SignalSource
  readonly kind: SignalKind
  readonly agent: string
  readonly model: string | null
  /** When it ended, milliseconds since 1970. */
  readonly atMs: number
  readonly durationMs: number | null
  /** What was interrupted is neither. */
  readonly outcome: 'ok' | 'failed' | 'neither'
  readonly error: string | null
  readonly tokensIn: number | null
  readonly tokensOut: number | null
  readonly costUsd: number | null
  /** Of the sender's own id, so that it counts once; null where it has none. */
  readonly id: number | null
  /** How many alike this stands for; 1 where it is not given. */
  readonly count?: number
}

const mostText = 80
/** Times that are told are believed this far ahead of our clock, and so far back as anything is kept. */
export const aheadMs = 300_000
export const keptMs = 30 * 86_400_000

/** A name that a stranger gave: one line, short, nothing that moves or hides text. */
export function nameOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = cleanLogText(value.slice(0, 4 * mostText).replaceAll(/\s+/g, ' ')).trim()
  return text === '' ? null : text.slice(0, mostText)
}

/** 52 bits of the digest of an id, which fit a number: among a million ids two fall together once in nine thousand times. */
export function idOf(...parts: readonly string[]): number {
  return Number.parseInt(hash('sha1', parts.join('\n'), 'hex').slice(0, 13), 16)
}

/** A number that counts something: finite, not negative, no more than can be added up. */
export function amountOf(value: unknown, most = 1e12): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 && number <= most ? number : null
}
