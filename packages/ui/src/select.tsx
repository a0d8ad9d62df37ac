import { ChevronDown } from 'lucide-react'
import type { ComponentProps } from 'react'

/** A choice of one beside a list: its name stands in it. */
export function Select<T extends string>({
  label,
  value,
  options,
  onChange,
  ...rest
}: Omit<ComponentProps<'select'>, 'value' | 'onChange'> & {
  readonly label: string
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: string }[]
  readonly onChange: (value: T) => void
}) {
  return (
    <label className="sel">
      <span className="k">{label}</span>
      <select {...rest} value={value} onChange={(event) => onChange(event.target.value as T)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown className="ic s" aria-hidden="true" />
    </label>
  )
}
