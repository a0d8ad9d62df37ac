'use client'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { numbers, type Typed } from './settings-fields.ts'

type Props = {
  readonly text: (field: keyof Typed) => string
  readonly errors: Partial<Record<string, string>>
  readonly readOnly: boolean
  readonly onType: (field: keyof Typed, value: string) => void
}

/** The rules one by one, each with its bounds, or the rule that it breaks. */
export function RuleFields({ text, errors, readOnly, onType }: Props) {
  return (
    <>
      <div className="g4">
        {numbers.map(([field, label, hint]) => (
          <TextField
            key={field}
            label={label}
            hint={hint}
            inputMode="numeric"
            value={text(field)}
            readOnly={readOnly}
            error={errors[field]}
            onChange={(event) => onType(field, event.target.value)}
          />
        ))}
      </div>
      <SelectField
        label="Second factor"
        hint="Whoever needs one and has none sets it up at the next sign-in, before anything else. Their API tokens rest until then."
        value={text('secondFactor')}
        disabled={readOnly}
        options={[
          { value: 'choice', label: 'Each person chooses' },
          { value: 'admins', label: 'Needed by admins of any product' },
          { value: 'everybody', label: 'Needed by everybody' },
        ]}
        onChange={(event) => onType('secondFactor', event.target.value)}
      />
      <SelectField
        label="Passkeys"
        hint="A passkey after the password is taken in any case."
        value={text('passkeyAlone')}
        disabled={readOnly}
        options={[
          { value: 'true', label: 'Sign in by themselves' },
          { value: 'false', label: 'Only after the password' },
        ]}
        onChange={(event) => onType('passkeyAlone', event.target.value)}
      />
      <TextField
        label="Mail domains that can be invited"
        hint="Separated by commas, such as example.com. Empty: every domain."
        value={text('inviteDomains')}
        readOnly={readOnly}
        error={errors.inviteDomains}
        onChange={(event) => onType('inviteDomains', event.target.value)}
      />
    </>
  )
}
