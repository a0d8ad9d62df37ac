import type { ReactNode } from 'react'

/** The head of a page: its finding as a sentence, what stands behind it, and what can be done. */
export function PageHead({
  title,
  sub,
  actions,
  crumbs,
}: {
  readonly title: ReactNode
  readonly sub?: ReactNode
  readonly actions?: ReactNode
  readonly crumbs?: ReactNode
}) {
  return (
    <>
      {crumbs && (
        <nav className="crumbs" aria-label="Where this is">
          {crumbs}
        </nav>
      )}
      <div className="phead">
        <div>
          <h1>{title}</h1>
          {sub && <p className="sub">{sub}</p>}
        </div>
        {actions && <div className="acts">{actions}</div>}
      </div>
    </>
  )
}
