'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listHealth } from '@console/contracts/health/actions'
import { createService, listServices } from '@console/contracts/services/actions'
import { Button } from '@console/ui/button.tsx'
import { formatRatio, formatTotals } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { UptimeBar } from '@console/ui/uptime-bar.tsx'
import { Plus, Search } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { parseAsString, useQueryState } from 'nuqs'
import { paths } from '../../lib/paths.ts'
import { healthKind, runStatus } from '../../lib/run-words.ts'
import { DeployButton } from './deploy-dialog.tsx'

/** Services, worst first. */
export function ServicesPage() {
  const [q, setQ] = useQueryState('q', parseAsString.withDefault(''))
  const services = useRead(listServices, {}, { every: 15_000 })
  const health = useRead(listHealth, { query: { days: '45' } }, { every: 15_000 })
  const whyNot = useWhyNot()
  const router = useRouter()
  const byId = new Map(health.data?.items.map((item) => [item.serviceId, item]))
  const all = services.data?.items ?? []
  const shown = all.filter(({ name, description, tags, owner, environment }) =>
    `${name} ${description} ${tags.join(' ')} ${owner} ${environment}`.toLowerCase().includes(q.toLowerCase()),
  )
  const summary = health.data?.summary
  const down = summary?.down ?? 0
  const register = (
    <Button
      look="ink"
      icon={<Plus className="ic s" aria-hidden="true" />}
      disabledReason={whyNot(createService)}
      onClick={() => router.push(paths.registerService)}
    >
      Register service
    </Button>
  )
  return (
    <>
      <PageHead
        title={down > 0 ? `${down} ${down === 1 ? 'service is' : 'services are'} broken` : 'Services'}
        sub={
          summary &&
          formatTotals(
            {
              up: summary.up,
              degraded: summary.degraded,
              down: summary.down,
              'in maintenance': summary.maintenance,
              unknown: summary.unknown,
            },
            summary.total,
          )
        }
        actions={register}
      />
      <div className="tools2">
        <span className="search grow">
          <Search className="ic s" aria-hidden="true" />
          <input
            className="inp"
            type="search"
            aria-label="Filter services"
            placeholder="Filter by name, tag, owner, environment"
            value={q}
            onChange={(event) => void setQ(event.target.value || null)}
          />
        </span>
      </div>
      <section className="panel" aria-label="Services">
        <QueryState query={services} what="Services" />
        {services.data && all.length === 0 && (
          <Blank kind="unknown" title="No service is registered" actions={register}>
            A service is a name, what “up” means, and the approved script that deploys it. Nothing is deployed by registering it.
          </Blank>
        )}
        {services.data && all.length > 0 && shown.length === 0 && (
          <Blank title="No service matches" actions={<Button onClick={() => void setQ(null)}>Clear the filter</Button>} />
        )}
        {shown.length > 0 && (
          <table className="tbl two stk">
            <thead>
              <tr>
                <th>State</th>
                <th>Service</th>
                <th className="m1">Environment</th>
                <th className="m1">45 days</th>
                <th className="num">30 d</th>
                <th className="num">p95</th>
                <th>Last deploy</th>
                <th>
                  <span className="vh">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((service) => {
                const more = byId.get(service.id)
                const run = service.openRun ?? service.lastRun
                const words = run && runStatus(run)
                return (
                  <tr key={service.id}>
                    <td className="t2">
                      <Status kind={healthKind[service.health]}>{service.health}</Status>
                      {service.healthSince && (
                        <span className="sub">
                          <Ago at={service.healthSince} />
                        </span>
                      )}
                    </td>
                    <td className="name t1">
                      <Link href={paths.service(service.id)}>
                        <b>{service.name}</b>
                      </Link>
                      <span className="sub">{service.description}</span>
                    </td>
                    <td className="m1 c2" data-l="In">
                      {service.environment}
                    </td>
                    <td className="m1">{more && <UptimeBar days={more.days} label={`Last 45 days of ${service.name}`} />}</td>
                    <td className="num" data-l="30 d">
                      {formatRatio(more?.uptime.month ?? null)}
                    </td>
                    <td className="num" data-l="p95">
                      {more?.latencyP95Ms == null ? '–' : `${Math.round(more.latencyP95Ms)}\u00a0ms`}
                    </td>
                    <td data-l="Deploy">
                      {run && words ? (
                        <>
                          <Link href={paths.deployment(run.id)}>
                            <Status kind={words.kind}>
                              #{run.number} {words.word}
                            </Status>
                          </Link>
                          <span className="sub">
                            <Ago at={run.at} />, {run.by}
                          </span>
                        </>
                      ) : (
                        <span className="c3">never</span>
                      )}
                    </td>
                    <td className="act">
                      <DeployButton service={service} small />
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        )}
      </section>
    </>
  )
}
