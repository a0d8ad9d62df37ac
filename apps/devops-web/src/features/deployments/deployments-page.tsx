'use client'
import { AsOf } from '@console/console/as-of.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { triggerDeployment } from '@console/contracts/deployments/actions'
import { isFinal } from '@console/contracts/deployments/run-states'
import { listServices } from '@console/contracts/services/actions'
import { Button } from '@console/ui/button.tsx'
import { CopyLinkButton } from '@console/ui/copy-link-button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import { useRowKeys } from '@console/ui/use-row-keys.ts'
import { Rocket } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import { paths } from '../../lib/paths.ts'
import { countsOf, findingOf, matches } from './deployment-words.ts'
import { type Asked, ReasonDialog } from './reason-dialog.tsx'
import { RunFilters, useRunFilter } from './run-filters.tsx'
import { RunHistory } from './run-history.tsx'
import { InLine, UnderWay } from './under-way.tsx'
import { useRunHistory } from './use-run-history.ts'

/** What is under way, what waits, and what was. */
export function DeploymentsPage() {
  const filter = useRunFilter()
  const { serviceId, state, q } = filter
  const history = useRunHistory({ serviceId, state })
  const services = useRead(listServices, {})
  const [asked, setAsked] = useState<Asked | null>(null)
  const whyNot = useWhyNot()
  const router = useRouter()
  const now = useNow()
  const box = useRef<HTMLDivElement>(null)
  useRowKeys(box)
  const all = (history.data ?? []).flatMap(({ items }) => items)
  const environmentOf = (id: string): string => services.data?.items.find((service) => service.id === id)?.environment ?? ''
  const open = all.filter((run) => !isFinal(run.state))
  return (
    <>
      <PageHead
        title={findingOf(all, now)}
        sub={countsOf(all, now) || 'What was deployed, by whom and why, and whether it got healthy.'}
        actions={
          <>
            <AsOf query={history} />
            <CopyLinkButton />
            <Button
              look="ink"
              icon={<Rocket className="ic s" aria-hidden="true" />}
              disabledReason={whyNot(triggerDeployment)}
              reasonHidden
              onClick={() => router.push(paths.services)}
            >
              Deploy a service
            </Button>
          </>
        }
      />
      <div className="stack" ref={box}>
        <UnderWay runs={open.filter((run) => run.state !== 'queued')} environmentOf={environmentOf} onAsk={setAsked} />
        <InLine
          runs={open.filter((run) => run.state === 'queued')}
          ahead={open}
          refused={history.data?.[0]?.refused ?? []}
          environmentOf={environmentOf}
          onAsk={setAsked}
        />
        <div>
          <RunFilters filter={filter} services={(services.data?.items ?? []).map(({ id }) => id)} />
          <RunHistory
            history={history}
            runs={all.filter((run) => isFinal(run.state) && matches(run, q))}
            filtered={q !== '' || state !== null || serviceId !== ''}
            onClear={filter.clear}
            environmentOf={environmentOf}
            onAsk={setAsked}
          />
        </div>
      </div>
      {asked && <ReasonDialog run={asked.run} deed={asked.deed} onClose={() => setAsked(null)} />}
    </>
  )
}
