'use client'
import type { ApiError } from '@console/api-client/client'
import { useConsole } from '@console/console/console-provider.tsx'
import { useWhyNot } from '@console/console/use-action.ts'
import { tryHealthCheck } from '@console/contracts/health/actions'
import type { Measurement } from '@console/contracts/health/schemas'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { CheckTarget } from './check-target.tsx'
import { type CheckDraft, checkOf, checkTrouble } from './service-draft.ts'

type Props = {
  readonly check: CheckDraft
  readonly number: number
  readonly containers: readonly string[]
  readonly problem: (field: string) => string | null
  readonly onChange: (check: CheckDraft) => void
  readonly onRemove: () => void
}

const figures = [
  ['intervalSec', 'Interval, s'],
  ['timeoutMs', 'Timeout, ms'],
  ['downAfter', 'Down after misses'],
  ['upAfter', 'Up after hits'],
] as const

/** One health check: what is asked, what counts, how often; and a try before it is kept. */
export function CheckEditor({ check, number, containers, problem, onChange, onRemove }: Props) {
  const set = (part: Partial<CheckDraft>): void => onChange({ ...check, ...part })
  const field = (name: keyof CheckDraft) => ({
    'data-field': `checks.${number - 1}.${name}`,
    value: check[name],
    error: problem(name),
    onChange: (event: { target: { value: string } }) => set({ [name]: event.target.value }),
  })
  return (
    <fieldset className="sub2">
      <legend className="vh">Check {number}</legend>
      <div className="row between">
        <div className="row gap3 w">
          <b>Check {number}</b>
          <Segmented
            small
            label="Kind"
            value={check.kind}
            onChange={(kind) => set({ kind })}
            options={[
              { value: 'http', label: 'HTTP' },
              { value: 'tcp', label: 'TCP' },
              { value: 'container', label: 'container' },
            ]}
          />
        </div>
        <Button
          look="quiet"
          small
          aria-label={`Remove check ${number}`}
          icon={<Trash2 className="ic s" aria-hidden="true" />}
          onClick={onRemove}
        />
      </div>
      <CheckTarget check={check} containers={containers} field={field} set={set} />
      <div className="g4">
        {figures.map(([name, label]) => (
          <TextField key={name} label={label} inputMode="numeric" {...field(name)} />
        ))}
      </div>
      <TryIt check={check} />
    </fieldset>
  )
}

function TryIt({ check }: { readonly check: CheckDraft }) {
  const { client } = useConsole()
  const whyNot = useWhyNot()
  const [busy, setBusy] = useState(false)
  const [result, setResult] = useState<Measurement | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const trouble = checkTrouble(check)
  const run = async (): Promise<void> => {
    setBusy(true)
    setError(null)
    try {
      setResult(await client.call(tryHealthCheck, { body: { check: checkOf(check) } }))
    } catch (thrown) {
      setError(thrown as ApiError)
    } finally {
      setBusy(false)
    }
  }
  return (
    <p className="probe row w">
      <Button
        small
        busy={busy}
        disabledReason={whyNot(tryHealthCheck) ?? (trouble ? 'Complete the check first' : null)}
        onClick={() => void run()}
      >
        {busy ? 'Trying' : 'Try it'}
      </Button>
      <span role="status">
        {error ? (
          <Status kind="bad">{error.message}</Status>
        ) : (
          result && (
            <>
              <Status kind={result.ok === null ? 'unknown' : result.ok ? 'ok' : 'bad'}>{result.note}</Status>{' '}
              <span className="small c3">
                tried <Ago at={result.at} />
              </span>
            </>
          )
        )}
      </span>
    </p>
  )
}
