import type { ReactNode } from 'react'

/** A choice of a few, one tab stop, arrow keys. */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
  small = false,
}: {
  readonly label: string
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: ReactNode }[]
  readonly onChange: (value: T) => void
  readonly small?: boolean
}) {
  const go = (at: number, group: HTMLElement): void => {
    const index = (at + options.length) % options.length
    const next = options[index]
    if (!next) return
    onChange(next.value)
    group.querySelectorAll<HTMLElement>('[role="radio"]')[index]?.focus()
  }
  return (
    <div
      className={`seg ${small ? 's' : ''}`}
      role="radiogroup"
      aria-label={label}
      onKeyDown={(event) => {
        const here = options.findIndex((option) => option.value === value)
        const to = { ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key]
        if (to === undefined) return
        event.preventDefault()
        go(to, event.currentTarget)
      }}
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  )
}
