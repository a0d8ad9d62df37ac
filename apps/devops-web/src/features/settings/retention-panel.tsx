'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useDo, useRead, useWhyNot } from '@console/console/use-action.ts'
import { getSettings, updateSettings } from '@console/contracts/settings/actions'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { type FormEvent, useState } from 'react'

const figures = [
  ['runHistoryDays', 'Deployments', '7 to 3,650 days, with their output'],
  ['healthSampleDays', 'Health samples', '7 to 400 days'],
  ['metricDays', 'Metrics', '7 to 400 days; by the minute for 14 of them'],
  ['auditDays', 'Audit rows of devops-backend', '90 to 3,650 days; the chain stays whole'],
  ['telemetryDays', 'Reports of the dashboards', '1 to 90 days'],
] as const
type Field = (typeof figures)[number][0]
type Typed = Partial<Record<Field, string>>

/** What is kept and for how long. Nothing typed is lost when somebody else saved first. */
export function RetentionPanel() {
  const settings = useRead(getSettings, {})
  const update = useDo(updateSettings, { changes: [getSettings] })
  const denied = useWhyNot()(updateSettings)
  const toast = useToast()
  const [typed, setTyped] = useState<Typed>({})
  const known = settings.data?.settings
  const changed = known ? figures.filter(([field]) => typed[field] !== undefined && typed[field] !== String(known[field])).length : 0
  const save = (event: FormEvent): void => {
    event.preventDefault()
    if (!settings.data || !known || denied || changed === 0 || update.isPending) return
    const body = Object.fromEntries(figures.map(([field]) => [field, Number(typed[field] ?? known[field])])) as Record<Field, number>
    update.mutate(
      { body, ifMatch: settings.data.etag },
      {
        onSuccess: () => {
          setTyped({})
          toast({ kind: 'ok', title: 'Saved' })
        },
      },
    )
  }
  return (
    <Panel title="Retention" label="in days; older data goes by itself">
      <QueryState query={settings} what="Settings" />
      {known && (
        <form onSubmit={save}>
          <div className="pad stack">
            {update.error && (
              <Note
                kind="bad"
                role="alert"
                title={
                  update.error.status === 412
                    ? 'Somebody else saved meanwhile. What you typed stands here still; look at it and save again.'
                    : update.error.message
                }
              >
                {update.error.code}, request {update.error.requestId}
              </Note>
            )}
            <div className="g4">
              {figures.map(([field, label, hint]) => (
                <TextField
                  key={field}
                  label={label}
                  hint={hint}
                  inputMode="numeric"
                  value={typed[field] ?? String(known[field])}
                  readOnly={denied !== null}
                  error={update.error?.fields.find((one) => one.field === `body.${field}`)?.message}
                  onChange={(event) => setTyped({ ...typed, [field]: event.target.value })}
                />
              ))}
            </div>
          </div>
          <footer className={changed > 0 ? 'savebar' : ''}>
            <span>{changed === 0 ? 'Nothing changed' : `${changed} ${changed === 1 ? 'figure' : 'figures'} changed`}</span>
            <span className="push row">
              {changed > 0 && (
                <Button look="quiet" onClick={() => setTyped({})}>
                  Discard
                </Button>
              )}
              <Button
                look="ink"
                type="submit"
                busy={update.isPending}
                disabledReason={denied ?? (changed === 0 ? 'Change a figure first' : null)}
                reasonHidden={denied === null}
              >
                {update.isPending ? 'Saving' : 'Save'}
              </Button>
            </span>
          </footer>
        </form>
      )}
    </Panel>
  )
}
