'use client'
import { LoadingRows } from '@console/ui/states.tsx'
import { useRowKeys } from '@console/ui/use-row-keys.ts'
import { type KeyboardEventHandler, type ReactNode, useRef } from 'react'
import { type Query, QueryState } from './query-state.tsx'

/**
 * A list in a panel with its states: on its way (its real columns), denied or failed, empty, and stale above what was last known. J and K move
 * through rows that carry `data-row`.
 */
export function ListTable({
  label,
  query,
  what,
  head,
  columns,
  rows,
  empty,
  footer,
  className = '',
  stale = false,
  grid,
}: {
  readonly label: string
  readonly query: Query
  /** What is listed, as the subject of a sentence in the plural. */
  readonly what: string
  readonly head: ReactNode
  readonly columns: number
  readonly rows: readonly ReactNode[]
  readonly empty: ReactNode
  readonly footer?: ReactNode
  readonly className?: string
  readonly stale?: boolean
  /** Where cells are moved through by keys: what happens at one. */
  readonly grid?: KeyboardEventHandler<HTMLTableElement>
}) {
  const box = useRef<HTMLElement>(null)
  useRowKeys(box)
  const pending = query.data === undefined && !query.error
  const listed = pending || rows.length > 0
  return (
    <section
      ref={box}
      className={`panel ${stale || (query.data !== undefined && query.error) ? 'stale' : ''}`}
      aria-label={label}
      aria-busy={pending}
    >
      {!pending && <QueryState query={query} what={what} />}
      {query.data !== undefined && rows.length === 0 && empty}
      {listed && (
        <table className={`tbl ${className}`} {...(grid && { role: 'grid', 'aria-label': label, onKeyDown: grid })}>
          <thead>
            <tr>{head}</tr>
          </thead>
          <tbody>{pending ? <LoadingRows columns={columns} /> : rows}</tbody>
        </table>
      )}
      {pending && (
        <p className="vh" role="status">
          Loading {what}
        </p>
      )}
      {footer && <footer>{footer}</footer>}
    </section>
  )
}
