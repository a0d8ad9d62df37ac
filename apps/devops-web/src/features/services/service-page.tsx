'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listDeployments } from '@console/contracts/deployments/actions'
import { getHealthHistory } from '@console/contracts/health/actions'
import { getService, listServiceContainers, updateService } from '@console/contracts/services/actions'
import type { Service } from '@console/contracts/services/schemas'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Blank } from '@console/ui/states.tsx'
import { StatusChip } from '@console/ui/status.tsx'
import { Tabs } from '@console/ui/tabs.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { ChevronRight, Pencil } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { paths } from '../../lib/paths.ts'
import { healthKind } from '../../lib/run-words.ts'
import { DeployButton } from './deploy-dialog.tsx'
import { ServiceContainers } from './service-containers.tsx'
import { ServiceDeployments } from './service-deployments.tsx'
import { ServiceOverview } from './service-overview.tsx'
import { ServiceSettings } from './service-settings.tsx'

const tabs = ['overview', 'deployments', 'containers', 'settings'] as const

/** One service: what it is, its health, its deployments, its containers. */
export function ServicePage() {
  const [id] = useQueryState('id', parseAsString.withDefault(''))
  const service = useRead(getService, { params: { id } }, { every: 10_000, enabled: id !== '' })
  const known = service.data?.id === id ? service.data : undefined
  if (id === '')
    return (
      <section className="panel">
        <Blank
          title="No service is named"
          actions={
            <Link className="btn" href={paths.services}>
              Open services
            </Link>
          }
        />
      </section>
    )
  if (!known)
    return (
      <section className="panel">
        <QueryState query={service} what="The service" />
      </section>
    )
  return (
    <>
      <QueryState query={service} what="The service" />
      <Known key={id} service={known} />
    </>
  )
}

function Known({ service }: { readonly service: Service }) {
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(tabs).withDefault('overview').withOptions({ history: 'push' }))
  const containers = useRead(listServiceContainers, { params: { id: service.id } }, { every: 15_000 })
  const runs = useRead(listDeployments, { query: { serviceId: service.id, limit: '10' } }, { every: 10_000 })
  const newest = runs.data?.items[0]?.number
  return (
    <>
      <Head service={service} />
      <Tabs
        label="Sections of the service"
        value={tab}
        hrefOf={(next) => paths.service(service.id, next)}
        go={(next) => void setTab(next)}
        options={[
          { value: 'overview', label: 'Overview' },
          { value: 'deployments', label: 'Deployments', note: newest === undefined ? null : `to #${newest}` },
          { value: 'containers', label: 'Containers', note: containers.data?.items.length || null },
          { value: 'settings', label: 'Settings' },
        ]}
      />
      {tab === 'overview' && <ServiceOverview service={service} runs={runs} containers={containers} />}
      {tab === 'deployments' && <ServiceDeployments runs={runs} serviceId={service.id} />}
      {tab === 'containers' && <ServiceContainers containers={containers} />}
      {tab === 'settings' && <ServiceSettings service={service} />}
    </>
  )
}

function Head({ service }: { readonly service: Service }) {
  const whyNot = useWhyNot()
  const router = useRouter()
  return (
    <PageHead
      crumbs={
        <>
          <Link className="link" href={paths.services}>
            Services
          </Link>
          <ChevronRight className="ic s" aria-hidden="true" />
          <span>{service.name}</span>
        </>
      }
      title={
        <span className="row gap3 w">
          {service.name} <StatusChip kind={healthKind[service.health]}>{service.health}</StatusChip>
          <span className="tag">{service.environment}</span>
          {service.tags.map((tag) => (
            <span className="tag" key={tag}>
              {tag}
            </span>
          ))}
          {service.owner && <span className="tag">{service.owner}</span>}
        </span>
      }
      sub={<Finding service={service} />}
      actions={
        <>
          <Button
            icon={<Pencil className="ic s" aria-hidden="true" />}
            disabledReason={whyNot(updateService)}
            reasonHidden
            onClick={() => router.push(paths.editService(service.id))}
          >
            Edit
          </Button>
          <DeployButton service={service} ink />
        </>
      }
    />
  )
}

/** What the first failing check saw and since when; for what is well, what the service is. */
function Finding({ service }: { readonly service: Service }) {
  const history = useRead(getHealthHistory, { params: { serviceId: service.id }, query: { range: '24h' } }, { every: 15_000 })
  const health = history.data?.health
  const bad = health?.checks.find(({ state }) => state === 'down' || state === 'degraded')
  return (
    <>
      {bad ? (
        <>
          <span className="mono">{bad.label}</span>: {bad.last?.note ?? 'not measured'}
        </>
      ) : (
        service.description || 'No description'
      )}
      {service.health === 'unknown' && health?.lastKnown && (
        <>
          {' · was '}
          {health.lastKnown.state} <Ago at={health.lastKnown.at} />
        </>
      )}
      {service.health !== 'unknown' && service.healthSince && (
        <>
          {' · '}
          {service.health} since <Ago at={service.healthSince} />
        </>
      )}
    </>
  )
}
