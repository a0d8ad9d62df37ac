import type { ReactNode } from 'react'
import { Glyph, type StatusKind, toneOf } from './status.tsx'

export type Step = {
  readonly kind: StatusKind
  readonly title: string
  readonly text: ReactNode
  readonly duration: string
  readonly at: 'done' | 'now' | 'wait'
}

/** Where a run stands; only the present step is announced. */
export function Stepper({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <ol className="stepper">
      {steps.map(({ kind, title, text, duration, at }) => (
        <li key={title} className={`${at} ${at === 'wait' ? '' : toneOf(kind)}`} aria-current={at === 'now' ? 'step' : undefined}>
          <Glyph kind={at === 'wait' ? 'queued' : kind} />
          <b>{title}</b>
          <span className="d" aria-hidden={at === 'now'}>
            {duration}
          </span>
          <p>{text}</p>
        </li>
      ))}
    </ol>
  )
}
