'use client'
import { AsOf } from '@console/console/as-of.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listHealth, listIncidents } from '@console/contracts/health/actions'
import { CopyLinkButton } from '@console/ui/copy-link-button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useRowKeys } from '@console/ui/use-row-keys.ts'
import { useRef } from 'react'
import { healthTotals } from '../../lib/run-words.ts'
import { CertificatesPanel } from './certificates-panel.tsx'
import { IncidentsPanel } from './incidents-panel.tsx'
import { UptimePanel } from './uptime-panel.tsx'

/** What broke, what is up and since when, and which certificate ends next. */
export function HealthPage() {
  const health = useRead(listHealth, { query: { days: '90' } }, { every: 10_000 })
  const open = useRead(listIncidents, { query: { state: 'open', limit: '200' } }, { every: 10_000 })
  const box = useRef<HTMLDivElement>(null)
  useRowKeys(box)
  const summary = health.data?.summary
  const count = open.data?.items.length ?? 0
  return (
    <>
      <PageHead
        title={count > 0 ? `${count} ${count === 1 ? 'incident is' : 'incidents are'} open` : 'Health'}
        sub={
          summary && (
            <>
              {healthTotals(summary)}
              {summary.measuredAt && (
                <>
                  {' · measured '}
                  <Ago at={summary.measuredAt} />
                </>
              )}
            </>
          )
        }
        actions={
          <>
            <AsOf query={health} />
            <CopyLinkButton />
          </>
        }
      />
      <div className="cols c-8-4" ref={box}>
        <div className="stack">
          <IncidentsPanel />
          <UptimePanel health={health} />
        </div>
        <div className="stack">
          <CertificatesPanel health={health} />
        </div>
      </div>
    </>
  )
}
