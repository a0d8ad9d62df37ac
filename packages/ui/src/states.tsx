import type { ReactNode } from 'react'
import { Glyph, type StatusKind, toneOf } from './status.tsx'

/** What a place shows while it has nothing to show: empty, denied, away, failed. */
export function Blank({
  kind,
  title,
  children,
  actions,
}: {
  readonly kind?: StatusKind
  readonly title: ReactNode
  readonly children?: ReactNode
  readonly actions?: ReactNode
}) {
  return (
    <div className={`blank ${kind ? toneOf(kind) : ''}`}>
      {kind && (
        <span className="fg">
          <Glyph kind={kind} size="l" />
        </span>
      )}
      <h3>{title}</h3>
      {children && <div className="c2">{children}</div>}
      {actions && <div className="row">{actions}</div>}
    </div>
  )
}

/** Rows that are on their way, with the columns they will have. */
export function LoadingRows({ columns, rows = 4 }: { readonly columns: number; readonly rows?: number }) {
  const widths = ['w60', 'w40', 'w80', 'w50', 'w30']
  return (
    <>
      {Array.from({ length: rows }, (_, row) => (
        <tr key={row} aria-hidden="true">
          {Array.from({ length: columns }, (_, column) => (
            <td key={column}>
              <span className={`sk ${widths[(row + column) % widths.length]}`} />
            </td>
          ))}
        </tr>
      ))}
    </>
  )
}

/** A sentence with a coloured edge: a refusal, a warning, a result. */
export function Note({
  kind,
  title,
  children,
  action,
  role,
}: {
  readonly kind: StatusKind
  readonly title: ReactNode
  readonly children?: ReactNode
  readonly action?: ReactNode
  readonly role?: 'alert' | 'status'
}) {
  return (
    <div className={`note ${toneOf(kind)}`} role={role}>
      <Glyph kind={kind} />
      <div className="grow">
        <p className="strong">{title}</p>
        {children && <p>{children}</p>}
      </div>
      {action && <span className="push">{action}</span>}
    </div>
  )
}

/** Below the header: what is away, since when, and what still works. */
export function Banner({
  kind,
  children,
  action,
}: {
  readonly kind: StatusKind
  readonly children: ReactNode
  readonly action?: ReactNode
}) {
  return (
    <div className={`banner ${toneOf(kind)}`} role="status">
      <Glyph kind={kind} />
      <span className="grow">{children}</span>
      {action}
    </div>
  )
}
