'use client'
import { Button } from '@console/ui/button.tsx'
import type { VariableDraft } from './service-draft.ts'

/** Names and values for the script. A secret that is set is never shown again, only replaced. */
export function VariableEditor({
  variables,
  problem,
  onChange,
}: {
  readonly variables: readonly VariableDraft[]
  readonly problem: (field: string) => string | null
  readonly onChange: (variables: VariableDraft[]) => void
}) {
  const set = (key: string, part: Partial<VariableDraft>): void =>
    onChange(variables.map((variable) => (variable.key === key ? { ...variable, ...part } : variable)))
  return (
    <div className="vars">
      {variables.map((variable) => (
        <div className="vrow" key={variable.key}>
          <div>
            <input
              className={`inp mono ${problem(`variable ${variable.name || 'without a name'}`) ? 'bad' : ''}`}
              aria-label="Name of the variable"
              placeholder="NAME"
              value={variable.name}
              readOnly={variable.kept}
              onChange={(event) => set(variable.key, { name: event.target.value.toUpperCase() })}
            />
          </div>
          <div>
            {variable.kept && variable.value === null ? (
              <div className="secret">
                <span className="mono">••••••••</span>
                <span className="small c3">set</span>
                <Button small onClick={() => set(variable.key, { kept: false, value: '' })}>
                  Replace…
                </Button>
              </div>
            ) : (
              <input
                className="inp mono"
                aria-label={`Value of ${variable.name || 'the variable'}`}
                type={variable.secret ? 'password' : 'text'}
                autoComplete="off"
                value={variable.value ?? ''}
                onChange={(event) => set(variable.key, { value: event.target.value })}
              />
            )}
          </div>
          <label className="swl">
            <input
              type="checkbox"
              checked={variable.secret}
              disabled={variable.kept}
              onChange={(event) => set(variable.key, { secret: event.target.checked })}
            />{' '}
            secret
          </label>
          <Button
            look="quiet"
            small
            aria-label={`Remove ${variable.name || 'the variable'}`}
            onClick={() => onChange(variables.filter(({ key }) => key !== variable.key))}
          >
            ×
          </Button>
        </div>
      ))}
      <div>
        <Button
          small
          onClick={() => onChange([...variables, { key: crypto.randomUUID(), name: '', secret: false, value: '', kept: false }])}
        >
          Add variable
        </Button>
      </div>
    </div>
  )
}
