'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { getSignInSettings } from '@console/contracts/sign-in-settings/actions'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { KeyRing } from './key-ring.tsx'
import type { Typed } from './settings-fields.ts'
import { SettingsForm } from './settings-form.tsx'

const tabs = ['rules', 'keys'] as const

/** How people sign in, and which keys sign for them. What was typed stays while another tab is looked at. */
export function SettingsPage() {
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(tabs).withDefault('rules'))
  const [typed, setTyped] = useTyped()
  const state = useRead(getSignInSettings, {}, { every: 30_000 })
  const { data } = state
  return (
    <>
      <PageHead
        title="Sign-in settings"
        sub={
          data?.changedAt ? (
            <>
              Changed <Ago at={data.changedAt} /> by {cleanLogText(data.changedBy ?? '')} · they can be made stricter than what the console
              promises, never weaker
            </>
          ) : (
            'Nobody has changed them yet · they can be made stricter than what the console promises, never weaker'
          )
        }
      />
      <div className="tools2">
        <Segmented
          label="What is shown"
          value={tab}
          onChange={(next) => void setTab(next)}
          options={[
            { value: 'rules', label: 'Rules' },
            { value: 'keys', label: 'Signing keys' },
          ]}
        />
      </div>
      {data === undefined || state.error ? (
        <Panel title={tab === 'rules' ? 'Rules' : 'Signing keys'}>
          <QueryState query={state} what="Sign-in settings" />
        </Panel>
      ) : null}
      {data && tab === 'rules' && <SettingsForm state={data} typed={typed} onType={setTyped} />}
      {data && tab === 'keys' && <KeyRing keys={data.keys} />}
    </>
  )
}

/** Outlives this page, so that what was typed is still there for whoever looks at another one in between. */
let kept: Typed = {}

function useTyped(): [Typed, (typed: Typed) => void] {
  const [typed, setTyped] = useState(kept)
  return [
    typed,
    (next) => {
      kept = next
      setTyped(next)
    },
  ]
}
