'use client'
import { SelectField, TextField } from '@console/ui/field.tsx'
import type { CheckDraft } from './service-draft.ts'

type Props = {
  readonly check: CheckDraft
  readonly containers: readonly string[]
  /** What a text field of the check carries: where it is, what is typed, what is wrong with it. */
  readonly field: (name: keyof CheckDraft) => {
    readonly 'data-field': string
    readonly value: string
    readonly error: string | null
    readonly onChange: (event: { target: { value: string } }) => void
  }
  readonly set: (part: Partial<CheckDraft>) => void
}

/** What a check asks and what counts as a hit, by its kind. */
export function CheckTarget({ check, containers, field, set }: Props) {
  if (check.kind === 'tcp')
    return (
      <div className="g2">
        <TextField label="Host" mono {...field('host')} />
        <TextField label="Port" mono inputMode="numeric" {...field('port')} />
      </div>
    )
  if (check.kind === 'container')
    return (
      <SelectField
        label="Container"
        hint="Follows Docker’s own health where it has one"
        {...field('container')}
        options={[
          { value: '', label: 'choose one' },
          ...[...new Set([...containers, ...(check.container ? [check.container] : [])])].map((name) => ({ value: name, label: name })),
        ]}
      />
    )
  return (
    <>
      <TextField label="Target" mono placeholder="http://127.0.0.1:7401/healthz" {...field('url')} />
      <div className="g3">
        <TextField label="Expects status" mono hint="200, 2xx or a list" {...field('expectStatus')} />
        <TextField label="and text in the body" hint="May be empty" {...field('expectBody')} />
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
  )
}
