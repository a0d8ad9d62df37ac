'use client'
import { BackupsPage } from '@console/console/backups-page.tsx'
import { useRead } from '@console/console/use-action.ts'
import { devopsBackups } from '@console/contracts/backups/actions'
import { listScripts } from '@console/contracts/scripts/actions'
import type { Script } from '@console/contracts/scripts/schemas'
import { PageHead } from '@console/ui/page-head.tsx'
import { Tabs } from '@console/ui/tabs.tsx'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { WithinReach } from '../../lib/agents-reach.tsx'
import { paths } from '../../lib/paths.ts'
import { AgentKeysPanel } from './agent-keys-panel.tsx'
import { AppearancePanel } from './appearance-panel.tsx'
import { RetentionPanel } from './retention-panel.tsx'
import { ScriptsPanel } from './scripts-panel.tsx'

const tabs = ['scripts', 'agents', 'retention', 'backups', 'appearance'] as const

/** What needs a decision first: scripts; then what is kept and for how long; then how this browser shows it. */
export function SettingsPage() {
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(tabs).withDefault('scripts'))
  const [restoring, setRestoring] = useQueryState('restore', parseAsString)
  const scripts = useRead(listScripts, {}, { every: 10_000 })
  const items = scripts.data?.items ?? []
  const of = (status: Script['status']): number => items.filter((script) => script.status === status).length
  const changed = of('changed')
  const waiting = changed + of('new')
  const finding =
    changed === 1 ? '1 script changed and cannot run until approved' : `${changed} scripts changed and cannot run until approved`
  const sections = (
    <Tabs
      label="Settings"
      value={tab}
      hrefOf={paths.settingsTab}
      go={(next) => void setTab(next)}
      options={[
        { value: 'scripts', label: 'Scripts', note: waiting > 0 ? `${waiting} ${waiting === 1 ? 'waits' : 'wait'}` : null },
        { value: 'agents', label: 'Agents' },
        { value: 'retention', label: 'Retention' },
        { value: 'backups', label: 'Backups' },
        { value: 'appearance', label: 'Appearance' },
      ]}
    />
  )
  if (tab === 'backups')
    return (
      <BackupsPage
        actions={devopsBackups}
        section="Settings"
        tabs={sections}
        restoring={restoring}
        onRestoring={(id) => void setRestoring(id)}
        auditOf={paths.auditOf}
      />
    )
  return (
    <>
      <PageHead
        title={tab === 'scripts' && changed > 0 ? finding : 'Settings'}
        sub={
          tab === 'scripts' && items.length > 0
            ? `${changed > 0 ? 'Settings · ' : ''}${of('approved')} approved, ${of('new')} new, ${of('refused')} refused, ${of('missing')} missing · host-agent compares the content at every run`
            : undefined
        }
      />
      {sections}
      {tab === 'scripts' ? (
        <ScriptsPanel />
      ) : tab === 'agents' ? (
        <WithinReach>
          <AgentKeysPanel />
        </WithinReach>
      ) : tab === 'retention' ? (
        <RetentionPanel />
      ) : (
        <AppearancePanel />
      )}
    </>
  )
}
