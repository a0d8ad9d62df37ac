'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useDo, useRead, useWhyNot } from '@console/console/use-action.ts'
import { getSettings, updateSettings } from '@console/contracts/settings/actions'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Note } from '@console/ui/states.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useEffect, useState } from 'react'
import { ScriptsPanel } from './scripts-panel.tsx'

const tabs = ['scripts', 'retention'] as const
const figures = [
  ['runHistoryDays', 'Deployments, days'],
  ['healthSampleDays', 'Health samples, days'],
  ['auditDays', 'Audit rows of devops-backend, days'],
  ['telemetryDays', 'Reports of the dashboards, days'],
] as const
type Figures = Record<(typeof figures)[number][0], string>

/** What needs a decision first: scripts; then what is kept and for how long. */
export function SettingsPage() {
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(tabs).withDefault('scripts'))
  return (
    <>
      <PageHead title="Settings" />
      <div className="tools2">
        <Segmented
          label="Settings"
          value={tab}
          onChange={(next) => void setTab(next)}
          options={[
            { value: 'scripts', label: 'Scripts' },
            { value: 'retention', label: 'Retention' },
          ]}
        />
      </div>
      {tab === 'scripts' ? <ScriptsPanel /> : <Retention />}
    </>
  )
}

function Retention() {
  const settings = useRead(getSettings, {})
  const update = useDo(updateSettings, { changes: [getSettings] })
  const whyNot = useWhyNot()
  const toast = useToast()
  const [typed, setTyped] = useState<Figures | null>(null)
  const known = settings.data?.settings
  useEffect(() => {
    if (known) setTyped((before) => before ?? (Object.fromEntries(figures.map(([field]) => [field, String(known[field])])) as Figures))
  }, [known])
  const save = (): void => {
    if (!typed || !settings.data) return
    const body = Object.fromEntries(figures.map(([field]) => [field, Number(typed[field])])) as Record<keyof Figures, number>
    update.mutate({ body, ifMatch: settings.data.etag }, { onSuccess: () => toast({ kind: 'ok', title: 'Saved' }) })
  }
  return (
    <Panel title="Retention">
      <QueryState query={settings} what="Settings" />
      {typed && (
        <div className="pad stack">
          {update.error && (
            <Note kind="bad" role="alert" title={update.error.message}>
              {update.error.code}, request {update.error.requestId}
            </Note>
          )}
          <div className="g4">
            {figures.map(([field, label]) => (
              <TextField
                key={field}
                label={label}
                inputMode="numeric"
                value={typed[field]}
                error={update.error?.fields.find((one) => one.field === `body.${field}`)?.message}
                onChange={(event) => setTyped({ ...typed, [field]: event.target.value })}
              />
            ))}
          </div>
          <div className="actrow">
            <Button look="ink" busy={update.isPending} disabledReason={whyNot(updateSettings)} onClick={save}>
              Save
            </Button>
          </div>
        </div>
      )}
    </Panel>
  )
}
