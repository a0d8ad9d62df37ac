import { Search } from 'lucide-react'
import type { KeyboardEvent } from 'react'

/** The filter of a list; `/` goes there, Esc clears it. */
export function SearchField({
  label,
  placeholder,
  value,
  onChange,
  className = 'grow',
}: {
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly className?: string
}) {
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key !== 'Escape') return
    if (value === '') event.currentTarget.blur()
    else onChange('')
  }
  return (
    <span className={`search ${className}`}>
      <Search className="ic s" aria-hidden="true" />
      <input
        className="inp"
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </span>
  )
}
