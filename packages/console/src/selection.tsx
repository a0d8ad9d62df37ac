'use client'
import { Check, Minus } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'

export type Selection = {
  /** What is ticked among what is listed, in its order. */
  readonly chosen: readonly string[]
  readonly has: (id: string) => boolean
  readonly toggle: (id: string) => void
  /** Ticks all that is listed, or nothing where all is ticked. */
  readonly toggleAll: () => void
  readonly clear: () => void
  readonly state: 'none' | 'some' | 'all'
}

/** Ticked rows of a list. What is listed no more is ticked no more; Esc takes all ticks away. @param ids of the rows that may be ticked */
export function useSelection(ids: readonly string[]): Selection {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const chosen = ids.filter((id) => ticked.has(id))
  const some = chosen.length > 0
  useEffect(() => {
    if (!some) return
    const onKey = (event: KeyboardEvent): void => {
      const open = document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]')
      if (event.key === 'Escape' && !open && !(event.target instanceof HTMLElement && event.target.matches('input[type="search"]')))
        setTicked(new Set())
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [some])
  return {
    chosen,
    has: (id) => ticked.has(id),
    toggle: (id) =>
      setTicked((before) => {
        const next = new Set(before)
        if (!next.delete(id)) next.add(id)
        return next
      }),
    toggleAll: () => setTicked(new Set(chosen.length === ids.length ? [] : ids)),
    clear: () => setTicked(new Set()),
    state: !some ? 'none' : chosen.length === ids.length ? 'all' : 'some',
  }
}

/** Head of the column of ticks. @param props.what all rows, as a reader hears them: `all sessions` */
export function PickHead({ selection, what }: { readonly selection: Selection; readonly what: string }) {
  return (
    <th className="pickcol">
      <Box label={`Choose ${what}`} state={selection.state} onChange={selection.toggleAll} />
    </th>
  )
}

/** The tick of a row; `X` sets it where the row has the focus. A row that may not be ticked passes no `id`. */
export function PickCell({ selection, id, label }: { readonly selection: Selection; readonly id: string | null; readonly label: string }) {
  return (
    <td className="pickcol">
      {id !== null && (
        <Box label={`Choose ${label}`} state={selection.has(id) ? 'all' : 'none'} onChange={() => selection.toggle(id)} keyed />
      )}
    </td>
  )
}

function Box({
  label,
  state,
  onChange,
  keyed = false,
}: {
  readonly label: string
  readonly state: Selection['state']
  readonly onChange: () => void
  readonly keyed?: boolean
}) {
  const Mark = state === 'some' ? Minus : Check
  return (
    <label className="tick">
      <input
        className="vh"
        type="checkbox"
        aria-label={label}
        checked={state === 'all'}
        ref={(box) => {
          if (box) box.indeterminate = state === 'some'
        }}
        onChange={onChange}
        {...(keyed && { 'data-key': 'x' })}
      />
      <span className={`check ${state === 'none' ? '' : 'on'}`} aria-hidden="true">
        {state !== 'none' && <Mark className="ic" />}
      </span>
    </label>
  )
}

/** What can be done with what is ticked: floats at the bottom while something is. */
export function SelectionBar({
  selection,
  what,
  children,
}: {
  readonly selection: Selection
  /** What is ticked, as a noun for one and for several. */
  readonly what: readonly [one: string, several: string]
  readonly children: ReactNode
}) {
  const { length } = selection.chosen
  return (
    <>
      <p className="vh" role="status">
        {length > 0 && `${length} ${what[length === 1 ? 0 : 1]} chosen`}
      </p>
      {length > 0 && (
        <div className="selbar" role="group" aria-label="Chosen">
          <span className="strong nowrap">
            {length} {what[length === 1 ? 0 : 1]}
          </span>
          {children}
          <button type="button" className="btn quiet s" onClick={selection.clear}>
            Clear <kbd aria-hidden="true">Esc</kbd>
          </button>
        </div>
      )}
    </>
  )
}
