import type { ReactNode } from 'react'

export type StatusKind =
  | 'ok'
  | 'unverified'
  | 'warn'
  | 'bad'
  | 'unknown'
  | 'rest'
  | 'queued'
  | 'running'
  | 'verifying'
  | 'cancelled'
  | 'interrupted'
  | 'timed-out'
  | 'stopped'
  | 'paused'
  | 'denied'
type Tone = 'ok' | 'warn' | 'bad' | 'live' | 'void' | 'rest'

const tones: Record<StatusKind, Tone> = {
  ok: 'ok',
  unverified: 'void',
  warn: 'warn',
  bad: 'bad',
  unknown: 'void',
  rest: 'rest',
  queued: 'void',
  running: 'live',
  verifying: 'live',
  cancelled: 'void',
  interrupted: 'warn',
  'timed-out': 'bad',
  stopped: 'void',
  paused: 'rest',
  denied: 'bad',
}

const ring = { cx: 8, cy: 8, r: 6.2, fill: 'none', stroke: 'currentColor', strokeWidth: 1.6 } as const
const line = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.7 } as const
const cut = { fill: 'none', stroke: 'var(--panel)', strokeWidth: 1.7 } as const
/** Fifteen outlines that differ in black and white; unknown is dashed, bad is ruled. */
const shapes: Record<StatusKind, ReactNode> = {
  ok: (
    <>
      <circle cx="8" cy="8" r="6.5" fill="currentColor" />
      <path d="m5 8.2 2.1 2.1L11.2 6" {...cut} />
    </>
  ),
  unverified: (
    <>
      <circle {...ring} />
      <path d="m5.2 8.2 2 2 3.6-4" {...line} />
    </>
  ),
  warn: (
    <>
      <path d="M8 1.3 15.2 14.2H.8Z" fill="currentColor" stroke="currentColor" strokeLinejoin="round" />
      <path d="M8 5.6v4.2M8 11.6v1" {...cut} />
    </>
  ),
  bad: (
    <>
      <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5Z" fill="currentColor" />
      <path d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2" {...cut} />
    </>
  ),
  unknown: (
    <>
      <circle {...ring} strokeDasharray="2.2 2" />
      <path d="M6.4 6.4c.1-2.2 3.4-2 3.2.1-.1 1.2-1.6 1.2-1.6 2.5M8 11v.4" {...line} strokeWidth={1.5} />
    </>
  ),
  rest: (
    <>
      <path d="M8 1 15 8l-7 7-7-7Z" {...line} strokeLinejoin="round" />
      <path d="M5.5 8h5" {...line} />
    </>
  ),
  queued: (
    <>
      <circle {...ring} />
      <circle cx="5.2" cy="8" r=".95" fill="currentColor" />
      <circle cx="8" cy="8" r=".95" fill="currentColor" />
      <circle cx="10.8" cy="8" r=".95" fill="currentColor" />
    </>
  ),
  running: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeOpacity=".35" strokeWidth="2" />
      <path className="spin" d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" strokeWidth="2.2" />
    </>
  ),
  verifying: (
    <>
      <circle {...ring} strokeDasharray="3 1.9" />
      <path d="m5.2 8.2 2 2 3.6-4" {...line} />
    </>
  ),
  cancelled: (
    <>
      <circle {...ring} />
      <path d="m3.8 12.2 8.4-8.4" {...line} />
    </>
  ),
  interrupted: <path d="M6.2 2a6.3 6.3 0 0 0 0 12ZM9.8 2a6.3 6.3 0 0 1 0 12Z" fill="currentColor" />,
  'timed-out': (
    <path d="M3.5 1.5h9M3.5 14.5h9M4.6 1.8c0 3.6 3.4 4 3.4 6.2s-3.4 2.6-3.4 6.2M11.4 1.8c0 3.6-3.4 4-3.4 6.2s3.4 2.6 3.4 6.2" {...line} />
  ),
  stopped: <rect x="3" y="3" width="10" height="10" rx="1.5" {...line} />,
  paused: (
    <>
      <circle {...ring} />
      <path d="M6.3 5.8v4.4m3.4-4.4v4.4" {...line} />
    </>
  ),
  denied: (
    <>
      <path d="M8 1.2 14 3.4v4.2c0 3.6-2.5 6-6 7.2-3.5-1.2-6-3.6-6-7.2V3.4Z" fill="currentColor" />
      <path d="m5.6 5.6 4.8 4.8" {...cut} />
    </>
  ),
}

/** The colour class of a status, for what surrounds its glyph. */
export const toneOf = (kind: StatusKind): string => `is-${tones[kind]}`

/** The outline alone; the word beside it says the same, so it is hidden from readers. */
export function Glyph({ kind, size = '' }: { readonly kind: StatusKind; readonly size?: '' | 's' | 'l' }) {
  return (
    <svg className={`gl ${size}`} viewBox="0 0 16 16" aria-hidden="true">
      {shapes[kind]}
    </svg>
  )
}

/** Glyph and word, as tables show it. */
export function Status({ kind, children }: { readonly kind: StatusKind; readonly children: ReactNode }) {
  return (
    <span className={`st ${toneOf(kind)}`}>
      <Glyph kind={kind} />
      {children}
    </span>
  )
}

/** A status that is the subject of what it stands beside. */
export function StatusChip({ kind, children }: { readonly kind: StatusKind; readonly children: ReactNode }) {
  return (
    <span className={`chip ${toneOf(kind)} ${kind === 'unknown' ? 'q' : ''}`}>
      <Glyph kind={kind} />
      {children}
    </span>
  )
}
