import { type ReactNode, useId } from 'react'

/** A section with a head; its title is its name. */
export function Panel({
  title,
  label,
  actions,
  footer,
  children,
  className = '',
}: {
  readonly title?: ReactNode
  readonly label?: ReactNode
  readonly actions?: ReactNode
  readonly footer?: ReactNode
  readonly children: ReactNode
  readonly className?: string
}) {
  const id = useId()
  return (
    <section className={`panel ${className}`} aria-labelledby={title ? id : undefined}>
      {title && (
        <header>
          <h2 id={id}>{title}</h2>
          {label && <span className="label">{label}</span>}
          {actions && <span className="push">{actions}</span>}
        </header>
      )}
      {children}
      {footer && <footer>{footer}</footer>}
    </section>
  )
}

/** Names and values. */
export function Facts({
  items,
  boxed = false,
}: {
  readonly items: readonly (readonly [string, ReactNode] | null)[]
  readonly boxed?: boolean
}) {
  return (
    <dl className={`kv ${boxed ? 'boxed' : ''}`}>
      {items
        .filter((item) => item !== null)
        .map(([name, value]) => (
          <FactRow key={name} name={name} value={value} />
        ))}
    </dl>
  )
}

function FactRow({ name, value }: { readonly name: string; readonly value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  )
}
