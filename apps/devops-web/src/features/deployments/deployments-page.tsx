'use client'
import { AsOf } from '@console/console/as-of.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { triggerDeployment } from '@console/contracts/deployments/actions'
import { isFinal, runStates } from '@console/contracts/deployments/run-states'
import type { Run } from '@console/contracts/deployments/schemas'
import { listServices } from '@console/contracts/services/actions'
import { Button } from '@console/ui/button.tsx'
import { CopyLinkButton } from '@console/ui/copy-link-button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import { useRowKeys } from '@console/ui/use-row-keys.ts'
import { Rocket, Search } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { useRef, useState } from 'react'
import { paths } from '../../lib/paths.ts'
import { countsOf, findingOf, matches } from './deployment-words.ts'
import { ReasonDialog } from './reason-dialog.tsx'
import { RunHistory } from './run-history.tsx'
import { InLine, UnderWay } from './under-way.tsx'
import { useRunHistory } from './use-run-history.ts'

const states = [...runStates, 'open'] as const
export type Asked = { readonly run: Run; readonly deed: 'cancel' | 'rerun' }

/** What is under way, what waits, and what was. */
export function DeploymentsPage() {
  const [serviceId, setServiceId] = useQueryState('serviceId', parseAsString.withDefault(''))
  const [state, setState] = useQueryState('state', parseAsStringLiteral(states))
  const [q, setQ] = useQueryState('q', parseAsString.withDefault('').withOptions({ throttleMs: 150 }))
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
  const clear = (): void => {
    void setServiceId(null)
    void setState(null)
    void setQ(null)
  }
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
          <div className="tools2">
            <span className="search grow">
              <Search className="ic s" aria-hidden="true" />
              <input
                className="inp"
                type="search"
                aria-label="Search runs"
                placeholder="Run, service, reason or person"
                value={q}
                onChange={(event) => void setQ(event.target.value || null)}
                onKeyDown={(event) => event.key === 'Escape' && q === '' && event.currentTarget.blur()}
              />
            </span>
            <select
              className="inp pickone"
              aria-label="State"
              value={state ?? ''}
              onChange={(event) => void setState((event.target.value || null) as Run['state'] | null)}
            >
              <option value="">any state</option>
              {states.map((name) => (
                <option key={name} value={name}>
                  {name === 'open' ? 'not ended' : name === 'timed-out' ? 'timed out' : name}
                </option>
              ))}
            </select>
            <select
              className="inp pickone"
              aria-label="Service"
              value={serviceId}
              onChange={(event) => void setServiceId(event.target.value || null)}
            >
              <option value="">any service</option>
              {[...new Set([...(services.data?.items ?? []).map(({ id }) => id), ...(serviceId ? [serviceId] : [])])].map((id) => (
                <option key={id} value={id}>
                  {id}
                </option>
              ))}
            </select>
          </div>
          <RunHistory
            history={history}
            runs={all.filter((run) => isFinal(run.state) && matches(run, q))}
            filtered={q !== '' || state !== null || serviceId !== ''}
            onClear={clear}
            environmentOf={environmentOf}
            onAsk={setAsked}
          />
        </div>
      </div>
      {asked && <ReasonDialog run={asked.run} deed={asked.deed} onClose={() => setAsked(null)} />}
    </>
  )
}
