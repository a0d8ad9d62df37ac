'use client'
import { useWhyNot } from '@console/console/use-action.ts'
import { updateSignInSettings } from '@console/contracts/sign-in-settings/actions'
import type { SignInState } from '@console/contracts/sign-in-settings/schemas'
import { Button } from '@console/ui/button.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { type FormEvent, useEffect, useState } from 'react'
import { RuleFields } from './rule-fields.tsx'
import { SaveDialog } from './save-dialog.tsx'
import { changedIn, readTyped, shownOf, type Typed } from './settings-fields.ts'

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
  const type = (field: keyof Typed, value: string): void => onType({ ...typed, [field]: value })
  const trouble = denied ?? (isDirty ? (body ? null : 'Mend the marked fields first') : 'Change something first')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (trouble === null) setSaving(true)
  }
  return (
    <Panel title="Rules" label="a change counts at once, for sessions that are there too">
      <form onSubmit={submit}>
        <div className="pad stack">
          <RuleFields text={text} errors={errors} readOnly={denied !== null} onType={type} />
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
