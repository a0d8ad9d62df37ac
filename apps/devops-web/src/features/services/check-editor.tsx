'use client'
import type { ApiError } from '@console/api-client/client'
import { useConsole } from '@console/console/console-provider.tsx'
import { useWhyNot } from '@console/console/use-action.ts'
import { tryHealthCheck } from '@console/contracts/health/actions'
import type { Measurement } from '@console/contracts/health/schemas'
import { Button } from '@console/ui/button.tsx'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Status } from '@console/ui/status.tsx'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { type CheckDraft, checkOf, checkTrouble } from './service-draft.ts'

type Props = {
  readonly check: CheckDraft
  readonly number: number
  readonly containers: readonly string[]
  readonly problem: (field: string) => string | null
  readonly onChange: (check: CheckDraft) => void
  readonly onRemove: () => void
}

/** One health check: what is asked, what counts, how often; and a try before it is kept. */
export function CheckEditor({ check, number, containers, problem, onChange, onRemove }: Props) {
  const set = (part: Partial<CheckDraft>): void => onChange({ ...check, ...part })
  const at = (field: string): string => `checks.${number - 1}.${field}`
  const figures = [
    ['intervalSec', 'Interval, s'],
    ['timeoutMs', 'Timeout, ms'],
    ['downAfter', 'Down after misses'],
    ['upAfter', 'Up after hits'],
  ] as const
  return (
    <fieldset className="sub2">
      <legend className="vh">Check {number}</legend>
      <div className="row between">
        <div className="row gap3">
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
      {check.kind === 'http' && (
        <>
          <TextField
            label="Target"
            mono
            placeholder="http://127.0.0.1:7401/healthz"
            value={check.url}
            data-field={at('url')}
            error={problem('url')}
            onChange={(event) => set({ url: event.target.value })}
          />
          <div className="g3">
            <TextField
              label="Expects status"
              mono
              hint="200, 2xx or a list"
              value={check.expectStatus}
              data-field={at('expectStatus')}
              error={problem('expectStatus')}
              onChange={(event) => set({ expectStatus: event.target.value })}
            />
            <TextField
              label="and text in the body"
              hint="May be empty"
              value={check.expectBody}
              onChange={(event) => set({ expectBody: event.target.value })}
            />
            <SelectField
              label="Method"
              value={check.method}
              options={[
                { value: 'GET', label: 'GET' },
                { value: 'HEAD', label: 'HEAD' },
              ]}
              onChange={(event) => set({ method: event.target.value as 'GET' })}
            />
          </div>
        </>
      )}
      {check.kind === 'tcp' && (
        <div className="g2">
          <TextField
            label="Host"
            mono
            data-field={at('host')}
            value={check.host}
            error={problem('host')}
            onChange={(event) => set({ host: event.target.value })}
          />
          <TextField
            label="Port"
            mono
            inputMode="numeric"
            value={check.port}
            data-field={at('port')}
            error={problem('port')}
            onChange={(event) => set({ port: event.target.value })}
          />
        </div>
      )}
      {check.kind === 'container' && (
        <SelectField
          label="Container"
          hint="Follows Docker’s own health where it has one"
          value={check.container}
          data-field={at('container')}
          error={problem('container')}
          options={[
            { value: '', label: 'choose one' },
            ...[...new Set([...containers, ...(check.container ? [check.container] : [])])].map((name) => ({ value: name, label: name })),
          ]}
          onChange={(event) => set({ container: event.target.value })}
        />
      )}
      <div className="g4">
        {figures.map(([field, label]) => (
          <TextField
            key={field}
            label={label}
            inputMode="numeric"
            data-field={at(field)}
            value={check[field]}
            error={problem(field)}
            onChange={(event) => set({ [field]: event.target.value })}
          />
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
          result && <Status kind={result.ok === null ? 'unknown' : result.ok ? 'ok' : 'bad'}>{result.note}</Status>
        )}
      </span>
    </p>
  )
}
