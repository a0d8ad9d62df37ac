'use client'
import { Button } from '@console/ui/button.tsx'
import { Glyph } from '@console/ui/status.tsx'
import { Plus, X } from 'lucide-react'
import type { VariableDraft } from './service-draft.ts'

type Props = {
  readonly variables: readonly VariableDraft[]
  readonly problem: (field: string) => string | null
  /** What the chosen script says that it reads; null without a script. */
  readonly declared: readonly string[] | null
  readonly onChange: (variables: VariableDraft[]) => void
}

/** Names and values for the script. A secret that is set is never shown again, only replaced. */
export function VariableEditor({ variables, problem, declared, onChange }: Props) {
  const missing = (declared ?? []).filter((name) => variables.every((variable) => variable.name !== name))
  const added = (name: string): VariableDraft => ({ key: crypto.randomUUID(), name, secret: false, value: '', kept: false })
  return (
    <>
      <div className="vars">
        {variables.map((variable) => (
          <Row
            key={variable.key}
            variable={variable}
            error={problem(`variable ${variable.key}`)}
            onChange={(part) => onChange(variables.map((one) => (one.key === variable.key ? { ...one, ...part } : one)))}
            onRemove={() => onChange(variables.filter(({ key }) => key !== variable.key))}
          />
        ))}
      </div>
      <div className="row w between">
        <span className="row w">
          <Button small icon={<Plus className="ic s" aria-hidden="true" />} onClick={() => onChange([...variables, added('')])}>
            Add variable
          </Button>
          {missing.length > 0 && (
            <Button small onClick={() => onChange([...variables, ...missing.map(added)])}>
              Add those it declares
            </Button>
          )}
        </span>
        {declared && (
          <span className="small c3">
            The script declares <span className="mono">{declared.join(', ') || 'no variable'}</span>
          </span>
        )}
      </div>
    </>
  )
}

function Row({
  variable,
  error,
  onChange,
  onRemove,
}: {
  readonly variable: VariableDraft
  readonly error: string | null
  readonly onChange: (part: Partial<VariableDraft>) => void
  readonly onRemove: () => void
}) {
  const { key, name, secret, kept } = variable
  const errorId = `${key}-err`
  return (
    <div className="vrow">
      <div>
        <input
          className={`inp mono ${error ? 'bad' : ''}`}
          aria-label="Name of the variable"
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? errorId : undefined}
          data-field={`variable ${key}`}
          placeholder="NAME"
          value={name}
          readOnly={kept}
          onChange={(event) => onChange({ name: event.target.value.toUpperCase() })}
        />
        {error && (
          <p className="err is-bad" id={errorId}>
            <Glyph kind="bad" />
            {error}
          </p>
        )}
      </div>
      <div>
        <Value variable={variable} onChange={onChange} />
      </div>
      <label className="swl">
        <input
          className="vh"
          type="checkbox"
          checked={secret}
          disabled={kept}
          aria-label={`${name || 'The variable'} is secret`}
          onChange={(event) => onChange({ secret: event.target.checked })}
        />
        <span className={`switch ${secret ? 'on' : ''}`} aria-hidden="true" />
        <span className="small c2" aria-hidden="true">
          secret
        </span>
      </label>
      <Button
        look="quiet"
        small
        aria-label={`Remove ${name || 'the variable'}`}
        icon={<X className="ic s" aria-hidden="true" />}
        onClick={onRemove}
      />
    </div>
  )
}

function Value({
  variable: { name, secret, value, kept },
  onChange,
}: {
  readonly variable: VariableDraft
  readonly onChange: (part: Partial<VariableDraft>) => void
}) {
  if (kept && value === null)
    return (
      <div className="secret">
        <span className="mono" aria-hidden="true">
          ••••••••••••
        </span>
        <span className="small c3">set</span>
        <Button small onClick={() => onChange({ kept: false, value: '' })}>
          Replace…<span className="vh"> {name}</span>
        </Button>
      </div>
    )
  return (
    <input
      className="inp mono"
      aria-label={`Value of ${name || 'the variable'}`}
      type={secret ? 'password' : 'text'}
      autoComplete={secret ? 'new-password' : 'off'}
      value={value ?? ''}
      onChange={(event) => onChange({ value: event.target.value })}
    />
  )
}
