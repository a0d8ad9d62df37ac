'use client'
import type { ServiceHealth } from '@console/contracts/health/schemas'
import type { Service } from '@console/contracts/services/schemas'
import { formatRatio } from '@console/ui/format.ts'
import { LoadingRows } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { UptimeBar } from '@console/ui/uptime-bar.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { healthKind, runStatus } from '../../lib/run-words.ts'
import { DeployButton } from './deploy-dialog.tsx'

type Props = {
  readonly services: readonly Service[]
  readonly total: number
  readonly health: readonly ServiceHealth[]
  readonly loading: boolean
}

/** One row a service; on a phone status, name and uptime, the rest stands on its page. */
export function ServicesTable({ services, total, health, loading }: Props) {
  const byId = new Map(health.map((item) => [item.serviceId, item]))
  return (
    <>
      <table className="tbl two tight fit first2" aria-busy={loading}>
        <caption className="vh">Services, worst first</caption>
        <thead>
          <tr>
            <th>Status</th>
            <th>Service</th>
            <th className="m0 m1">Environment</th>
            <th className="m0">Check</th>
            <th className="m0 m1">90 days</th>
            <th className="num">Uptime</th>
            <th className="num m0">p95</th>
            <th className="m0">Last deploy</th>
            <th className="m0">
              <span className="vh">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {loading && <LoadingRows columns={9} rows={6} />}
          {services.map((service) => (
            <Row key={service.id} service={service} health={byId.get(service.id)} />
          ))}
        </tbody>
      </table>
      <footer>
        <span>
          {services.length === total ? `${total} ${total === 1 ? 'service' : 'services'}` : `${services.length} of ${total} services`}
        </span>
        <span className="push row not-s">
          <kbd>J</kbd>
          <kbd>K</kbd> move <kbd>Enter</kbd> open <kbd>D</kbd> deploy <kbd>/</kbd> filter
        </span>
      </footer>
    </>
  )
}

function Row({ service, health }: { readonly service: Service; readonly health: ServiceHealth | undefined }) {
  const p95 = health?.latencyP95Ms ?? null
  const checks = health?.checks ?? []
  return (
    <tr data-row>
      <td>
        <Status kind={healthKind[service.health]}>{service.health}</Status>
        <span className="sub">{service.healthSince ? <Ago at={service.healthSince} /> : 'never measured'}</span>
      </td>
      <td className="name">
        <Link href={paths.service(service.id)}>
          <b>{service.name}</b>
        </Link>
        <span className="sub">{service.description}</span>
      </td>
      <td className="m0 m1 c2">{service.environment}</td>
      <td className="m0 c2 small">
        {checks.length === 0 ? (
          <span className="c3">none</span>
        ) : (
          <>
            <span className="mono">{checks[0]?.label}</span>
            {checks.length > 1 && ` and ${checks.length - 1} more`}
          </>
        )}
      </td>
      <td className="m0 m1">
        {health && checks.length > 0 && (
          <UptimeBar days={health.days} label={`Last 90 days of ${service.name}: ${formatRatio(health.uptime.quarter)} up`} />
        )}
      </td>
      <td className="num">{health?.uptime.quarter == null ? <span className="c3">no data</span> : formatRatio(health.uptime.quarter)}</td>
      <td className={`num m0 ${p95 !== null && p95 >= 1_000 ? 'is-warn fg' : ''}`}>
        {p95 === null ? <span className="c3">–</span> : `${Math.round(p95)}\u00a0ms`}
      </td>
      <td className="m0">
        <LastDeploy service={service} />
      </td>
      <td className="act m0">
        <DeployButton service={service} small />
      </td>
    </tr>
  )
}

function LastDeploy({ service }: { readonly service: Service }) {
  const run = service.openRun ?? service.lastRun
  if (!run) return <span className="c3">never</span>
  const { kind, word } = runStatus(run)
  return (
    <>
      <Link href={paths.deployment(run.id)}>
        <Status kind={kind}>
          <span className="mono">#{run.number}</span> {word}
        </Status>
      </Link>
      <span className="sub nowrap">
        <Ago at={run.at} />, {run.by}
      </span>
    </>
  )
}
