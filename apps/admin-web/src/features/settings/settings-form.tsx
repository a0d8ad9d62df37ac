'use client'
import { useWhyNot } from '@console/console/use-action.ts'
import { updateSignInSettings } from '@console/contracts/sign-in-settings/actions'
import type { SignInState } from '@console/contracts/sign-in-settings/schemas'
import { Button } from '@console/ui/button.tsx'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { type FormEvent, useEffect, useState } from 'react'
import { SaveDialog } from './save-dialog.tsx'
import { changedIn, numbers, readTyped, shownOf, type Typed } from './settings-fields.ts'

type Props = { readonly state: SignInState; readonly typed: Typed; readonly onType: (typed: Typed) => void }

/** Each rule with its bounds. What was typed is lost neither to somebody else's save nor, unasked, to leaving the page. */
export function SettingsForm({ state: { settings, etag }, typed, onType }: Props) {
  const denied = useWhyNot()(updateSignInSettings)
  const [saving, setSaving] = useState(false)
  const changed = changedIn(settings, typed)
  const { body, errors } = readTyped(settings, typed)
  const isDirty = changed.length > 0
  useEffect(() => {
    if (!isDirty) return
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [isDirty])
  const text = (field: keyof Typed) => typed[field] ?? shownOf(settings, field)
  const type = (field: keyof Typed) => (event: { target: { value: string } }) => onType({ ...typed, [field]: event.target.value })
  const trouble = denied ?? (isDirty ? (body ? null : 'Mend the marked fields first') : 'Change something first')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (trouble === null) setSaving(true)
  }
  return (
    <Panel title="Rules" label="a change counts at once, for sessions that are there too">
      <form onSubmit={submit}>
        <div className="pad stack">
          <div className="g4">
            {numbers.map(([field, label, hint]) => (
              <TextField
                key={field}
                label={label}
                hint={hint}
                inputMode="numeric"
                value={text(field)}
                readOnly={denied !== null}
                error={errors[field]}
                onChange={type(field)}
              />
            ))}
          </div>
          <SelectField
            label="Second factor"
            hint="Whoever needs one and has none sets it up at the next sign-in, before anything else."
            value={text('secondFactor')}
            disabled={denied !== null}
            options={[
              { value: 'choice', label: 'Each person chooses' },
              { value: 'admins', label: 'Needed by admins of any product' },
              { value: 'everybody', label: 'Needed by everybody' },
            ]}
            onChange={type('secondFactor')}
          />
          <SelectField
            label="Passkeys"
            hint="A passkey after the password is taken in any case."
            value={text('passkeyAlone')}
            disabled={denied !== null}
            options={[
              { value: 'true', label: 'Sign in by themselves' },
              { value: 'false', label: 'Only after the password' },
            ]}
            onChange={type('passkeyAlone')}
          />
          <TextField
            label="Mail domains that can be invited"
            hint="Separated by commas, such as example.com. Empty: every domain."
            value={text('inviteDomains')}
            readOnly={denied !== null}
            error={errors.inviteDomains}
            onChange={type('inviteDomains')}
          />
        </div>
        <footer className={isDirty ? 'savebar' : ''}>
          <span role="status">{isDirty ? `${changed.length} not saved yet` : 'Nothing changed'}</span>
          <span className="push row">
            {isDirty && (
              <Button look="quiet" onClick={() => onType({})}>
                Discard
              </Button>
            )}
            <Button look="ink" type="submit" disabledReason={trouble} reasonHidden={!isDirty && denied === null}>
              Save…
            </Button>
          </span>
        </footer>
      </form>
      {saving && body && (
        <SaveDialog
          before={settings}
          after={body}
          etag={etag}
          changed={changed}
          onClose={() => setSaving(false)}
          onSaved={() => onType({})}
        />
      )}
    </Panel>
  )
}
