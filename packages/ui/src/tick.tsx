import { Check } from 'lucide-react'
import type { ReactNode } from 'react'

/** A box to tick, and what it says. */
export function Tick({
  checked,
  onChange,
  children,
}: {
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly children: ReactNode
}) {
  return (
    <label className="row gap3 tick">
      <input className="vh" type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span className={`check ${checked ? 'on' : ''}`} aria-hidden="true">
        {checked && <Check className="ic" />}
      </span>
      <span>{children}</span>
    </label>
  )
}
