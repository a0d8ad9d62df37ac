import { type ComponentProps, type ReactNode, useId } from 'react'
import { Glyph } from './status.tsx'

type Around = {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly error?: string | null | undefined
  readonly aside?: ReactNode
  readonly mono?: boolean
}

/** Label, control, hint, and the rule that it breaks. `children` gets the ids that tie them together. */
function Framed({
  label,
  hint,
  error,
  aside,
  children,
}: Around & { readonly children: (ids: { id: string; describedBy: string | undefined }) => ReactNode }) {
  const id = useId()
  const parts = [hint ? `${id}-hint` : '', error ? `${id}-err` : ''].filter(Boolean).join(' ')
  return (
    <div className="field">
      {aside ? (
        <div className="row between">
          <label className="flabel" htmlFor={id}>
            {label}
          </label>
          {aside}
        </div>
      ) : (
        <label htmlFor={id}>{label}</label>
      )}
      {children({ id, describedBy: parts === '' ? undefined : parts })}
      {error && (
        <p className="err is-bad" id={`${id}-err`}>
          <Glyph kind="bad" />
          {error}
        </p>
      )}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

export function TextField({ label, hint, error, aside, mono = false, className = '', ...input }: Around & ComponentProps<'input'>) {
  return (
    <Framed label={label} hint={hint} error={error} aside={aside}>
      {({ id, describedBy }) => (
        <input
          {...input}
          id={id}
          className={`inp ${mono ? 'mono' : ''} ${error ? 'bad' : ''} ${className}`}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy}
        />
      )}
    </Framed>
  )
}

export function TextArea({ label, hint, error, aside, mono = false, ...input }: Around & ComponentProps<'textarea'>) {
  return (
    <Framed label={label} hint={hint} error={error} aside={aside}>
      {({ id, describedBy }) => (
        <textarea
          {...input}
          id={id}
          className={`inp ${mono ? 'mono' : ''} ${error ? 'bad' : ''}`}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy}
        />
      )}
    </Framed>
  )
}

export function SelectField({
  label,
  hint,
  error,
  aside,
  options,
  ...input
}: Around & ComponentProps<'select'> & { readonly options: readonly { readonly value: string; readonly label: string }[] }) {
  return (
    <Framed label={label} hint={hint} error={error} aside={aside}>
      {({ id, describedBy }) => (
        <select
          {...input}
          id={id}
          className={`inp ${error ? 'bad' : ''}`}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy}
        >
          {options.map(({ value, label: text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Framed>
  )
}
