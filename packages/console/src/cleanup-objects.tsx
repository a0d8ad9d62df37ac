'use client'
import { formatBytes } from '@console/ui/format.ts'
import { SearchField } from '@console/ui/search-field.tsx'
import { type ReactNode, useState } from 'react'

type AnyItem = { readonly kind: string; readonly sizeBytes: number }
type Props<T extends AnyItem> = {
  readonly items: readonly T[]
  /** The kinds in the order of their groups. */
  readonly kinds: readonly { readonly kind: string; readonly title: string }[]
  /** What a search looks through. */
  readonly textOf: (item: T) => string
  readonly head: ReactNode
  readonly columns: number
  readonly row: (item: T) => ReactNode
  /** What could go and is not in this plan, as a sentence. */
  readonly left?: ReactNode
}

export const firstShown = 5

/** Every object that goes, in groups by kind, each of which opens whole; a search looks through all of them. */
export function CleanupObjects<T extends AnyItem>({ items, kinds, textOf, head, columns, row, left }: Props<T>) {
  const [q, setQ] = useState('')
  const [open, setOpen] = useState<readonly string[]>([])
  const text = q.toLowerCase()
  const groups = kinds.flatMap(({ kind, title }) => {
    const own = items.filter((item) => item.kind === kind)
    const found = own.filter((item) => textOf(item).toLowerCase().includes(text))
    const shown = q !== '' || open.includes(kind) ? found : found.slice(0, firstShown)
    return own.length === 0 ? [] : [{ kind, title, own, found, shown }]
  })
  return (
    <section className="objs" aria-label="What goes">
      <div className="row between diffh">
        <SearchField
          className="grow logfind"
          label="Search the plan"
          placeholder={`Search ${items.length.toLocaleString('en-US')} objects`}
          value={q}
          onChange={setQ}
        />
      </div>
      <div className="scroll" tabIndex={0} role="region" aria-label="Objects to delete">
        <table className="tbl stk">
          <caption className="vh">Objects to delete</caption>
          <thead>
            <tr>{head}</tr>
          </thead>
          {groups.map(({ kind, title, own, found, shown }) => (
            <tbody key={kind}>
              <tr className="grp">
                <td colSpan={columns}>
                  <span className="row">
                    <b className="c2">{title}</b> {found.length === own.length ? own.length : `${found.length} of ${own.length}`}
                    <span className="push">{formatBytes(own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))}</span>
                  </span>
                </td>
              </tr>
              {shown.map(row)}
              <MoreRow columns={columns} more={found.length - shown.length} onMore={() => setOpen([...open, kind])} />
            </tbody>
          ))}
        </table>
      </div>
      {left && <p className="small c3 pad">{left}</p>}
    </section>
  )
}

/** The way to the rest of a group; nothing where all of it is shown. */
export function MoreRow({ columns, more, onMore }: { readonly columns: number; readonly more: number; readonly onMore: () => void }) {
  if (more === 0) return null
  return (
    <tr>
      <td colSpan={columns}>
        <button type="button" className="link small" onClick={onMore}>
          Show {more.toLocaleString('en-US')} more
        </button>
      </td>
    </tr>
  )
}
