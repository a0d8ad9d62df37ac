import { ArrowDown, ArrowUp } from 'lucide-react'

/** The head of a column by which the list can be put in order. @param direction null while it is in another order */
export function SortHead({
  label,
  direction,
  onSort,
  num = false,
}: {
  readonly label: string
  readonly direction: 'asc' | 'desc' | null
  readonly onSort: () => void
  readonly num?: boolean
}) {
  const Arrow = direction === 'asc' ? ArrowUp : ArrowDown
  return (
    <th className={num ? 'num' : undefined} aria-sort={direction === null ? 'none' : direction === 'asc' ? 'ascending' : 'descending'}>
      <button type="button" className={direction ? 'sort' : ''} onClick={onSort}>
        {label}
        {direction && <Arrow className="ic s" aria-hidden="true" />}
      </button>
    </th>
  )
}
