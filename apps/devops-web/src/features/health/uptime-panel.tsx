'use client'
import { QueryState } from '@console/console/query-state.tsx'
import type { useRead } from '@console/console/use-action.ts'
import type { listHealth } from '@console/contracts/health/actions'
import type { ServiceHealth } from '@console/contracts/health/schemas'
import { formatRatio } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Blank, LoadingRows } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { UptimeBar } from '@console/ui/uptime-bar.tsx'
import { UptimeLegend } from '@console/ui/uptime-legend.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { healthKind } from '../../lib/run-words.ts'

/** Every service over 90 days, worst first. */
export function UptimePanel({ health }: { readonly health: ReturnType<typeof useRead<typeof listHealth>> }) {
  const items = health.data?.items ?? []
  const from = items[0]?.days[0]?.day
  return (
    <Panel title="Uptime, 90 days" footer={from && items.length > 0 ? <UptimeLegend from={from} /> : undefined}>
      {!health.isPending && <QueryState query={health} what="Health" />}
      {health.data && items.length === 0 && (
        <Blank
          title="No service is registered"
          actions={
            <Link className="btn" href={paths.registerService}>
              Register a service
            </Link>
          }
        />
      )}
      {(health.isPending || items.length > 0) && (
        <table className="tbl two stk" aria-busy={health.isPending}>
          <thead>
            <tr>
              <th>State</th>
              <th>Service</th>
              <th>{from ? `${from} to today` : 'Uptime'}</th>
              <th className="num">24 h</th>
              <th className="num m1">30 d</th>
              <th className="num">90 d</th>
              <th className="num">p95</th>
            </tr>
          </thead>
          <tbody>
            {health.isPending && <LoadingRows columns={7} />}
            {items.map((item) => (
              <Row key={item.serviceId} item={item} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function Row({ item }: { readonly item: ServiceHealth }) {
  const { day } = item.uptime
  const tone = day === null || day >= 0.995 ? '' : day >= 0.99 ? 'is-warn fg' : 'is-bad fg'
  return (
    <tr data-row>
      <td className="t2">
        <Status kind={healthKind[item.state]}>{item.state}</Status>
        <span className="sub">
          <Since item={item} />
        </span>
      </td>
      <td className="name t1">
        <Link href={paths.service(item.serviceId)}>
          <b>{item.serviceName}</b>
        </Link>
        <span className="sub">{item.environment}</span>
      </td>
      <td className="wide">
        <UptimeBar days={item.days} size="tall" label={`Last 90 days of ${item.serviceName}: ${formatRatio(item.uptime.quarter)} up`} />
      </td>
      <td className={`num ${tone}`} data-l="24 h">
        <Ratio value={day} />
      </td>
      <td className="num m1" data-l="30 d">
        <Ratio value={item.uptime.month} />
      </td>
      <td className="num" data-l="90 d">
        <Ratio value={item.uptime.quarter} />
      </td>
      <td className="num c2" data-l="p95">
        {item.latencyP95Ms === null ? '–' : `${Math.round(item.latencyP95Ms)}\u00a0ms`}
      </td>
    </tr>
  )
}

function Ratio({ value }: { readonly value: number | null }) {
  return value === null ? <span className="c3">no data</span> : formatRatio(value)
}

/** How long it has been so; for what is unknown, what was last known, in the past tense. */
function Since({ item: { state, since, lastKnown } }: { readonly item: ServiceHealth }) {
  if (state !== 'unknown') return since && <Ago at={since} />
  if (!lastKnown) return 'never measured'
  return (
    <>
      was {lastKnown.state} <Ago at={lastKnown.at} />
    </>
  )
}
