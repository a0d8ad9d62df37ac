'use client'
import { AsOf } from '@console/console/as-of.tsx'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listHealth } from '@console/contracts/health/actions'
import type { HealthState } from '@console/contracts/health/schemas'
import { createService, listServices } from '@console/contracts/services/actions'
import type { Service } from '@console/contracts/services/schemas'
import { Button } from '@console/ui/button.tsx'
import { CopyLinkButton } from '@console/ui/copy-link-button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { SearchField } from '@console/ui/search-field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Blank } from '@console/ui/states.tsx'
import { useRowKeys } from '@console/ui/use-row-keys.ts'
import { Plus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { useRef } from 'react'
import { paths } from '../../lib/paths.ts'
import { healthTotals } from '../../lib/run-words.ts'
import { ServicesTable } from './services-table.tsx'

const views = ['all', 'broken', 'unknown'] as const
const shownIn: Record<(typeof views)[number], (state: HealthState) => boolean> = {
  all: () => true,
  broken: (state) => state === 'down' || state === 'degraded',
  unknown: (state) => state === 'unknown',
}
const matches = ({ name, description, tags, owner, environment, url }: Service, q: string): boolean =>
  `${name} ${description} ${tags.join(' ')} ${owner} ${environment} ${url ?? ''}`.toLowerCase().includes(q.trim().toLowerCase())

/** Services, worst first. */
export function ServicesPage() {
  const filter = useFilter()
  const { q, view } = filter
  const services = useRead(listServices, {}, { every: 15_000 })
  const health = useRead(listHealth, { query: { days: '90' } }, { every: 15_000 })
  const box = useRef<HTMLElement>(null)
  useRowKeys(box)
  const all = services.data?.items ?? []
  const shown = all.filter((service) => matches(service, q) && shownIn[view](service.health))
  const summary = health.data?.summary
  const broken = (summary?.down ?? 0) + (summary?.degraded ?? 0)
  return (
    <>
      <PageHead
        title={broken > 0 ? `${broken} ${broken === 1 ? 'service is' : 'services are'} broken` : 'Services'}
        sub={summary && healthTotals(summary)}
        actions={
          <>
            <AsOf query={services} />
            <CopyLinkButton />
            <Register />
          </>
        }
      />
      <Filters filter={filter} all={all} />
      <section className="panel" aria-label="Services" ref={box}>
        {!services.isPending && <QueryState query={services} what="Services" />}
        {services.data && all.length === 0 && (
          <Blank kind="unknown" title="No service is registered" actions={<Register />}>
            A service is a name, what “up” means, and the approved script that deploys it. Nothing is deployed by registering it.
          </Blank>
        )}
        {all.length > 0 && shown.length === 0 && (
          <Blank title="No service matches" actions={<Button onClick={filter.clear}>Clear the filters</Button>} />
        )}
        {(services.isPending || shown.length > 0) && (
          <ServicesTable services={shown} total={all.length} health={health.data?.items ?? []} loading={services.isPending} />
        )}
      </section>
    </>
  )
}

function useFilter() {
  const [q, setQ] = useQueryState('q', parseAsString.withDefault('').withOptions({ throttleMs: 150 }))
  const [view, setView] = useQueryState('state', parseAsStringLiteral(views).withDefault('all'))
  const clear = (): void => {
    void setQ(null)
    void setView(null)
  }
  return { q, setQ, view, setView, clear }
}

function Filters({
  filter: { q, setQ, view, setView },
  all,
}: {
  readonly filter: ReturnType<typeof useFilter>
  readonly all: readonly Service[]
}) {
  const count = (of: (typeof views)[number]): number => all.filter(({ health }) => shownIn[of](health)).length
  return (
    <div className="tools2">
      <SearchField
        label="Filter services"
        placeholder="Name, tag, owner, environment or address"
        value={q}
        onChange={(next) => void setQ(next || null)}
      />
      <Segmented
        label="Which services"
        value={view}
        onChange={(next) => void setView(next)}
        options={[
          { value: 'all', label: `All ${all.length}` },
          { value: 'broken', label: `Broken ${count('broken')}` },
          { value: 'unknown', label: `Unknown ${count('unknown')}` },
        ]}
      />
    </div>
  )
}

function Register() {
  const whyNot = useWhyNot()
  const router = useRouter()
  return (
    <Button
      look="ink"
      icon={<Plus className="ic s" aria-hidden="true" />}
      disabledReason={whyNot(createService)}
      onClick={() => router.push(paths.registerService)}
    >
      Register service
    </Button>
  )
}
