'use client'
import { type ReactNode, useEffect, useRef } from 'react'

/** Sections of one page; which one is shown stands in the address, so these are links. `go` keeps the page; the address serves a new tab. */
export function Tabs<T extends string>({
  label,
  value,
  options,
  hrefOf,
  go,
}: {
  readonly label: string
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: string; readonly note?: ReactNode }[]
  readonly hrefOf: (value: T) => string
  readonly go: (value: T) => void
}) {
  const bar = useRef<HTMLElement>(null)
  // On a phone the tabs are wider than the page.
  useEffect(() => {
    if (value) bar.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [value])
  return (
    <nav ref={bar} className="tabs" aria-label={label}>
      {options.map((option) => (
        <a
          key={option.value}
          href={hrefOf(option.value)}
          aria-current={option.value === value ? 'page' : undefined}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
            event.preventDefault()
            go(option.value)
          }}
        >
          {option.label}
          {option.note !== undefined && option.note !== null && <span className="n">{option.note}</span>}
        </a>
      ))}
    </nav>
  )
}
