'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listParts } from '@console/contracts/console/actions'
import { listDeployments } from '@console/contracts/deployments/actions'
import { isFinal } from '@console/contracts/deployments/run-states'
import { listUnhealthyContainers } from '@console/contracts/docker/actions'
import { listHealth, listIncidents } from '@console/contracts/health/actions'
import { listScripts } from '@console/contracts/scripts/actions'
import { createService, listServices } from '@console/contracts/services/actions'
import { Button } from '@console/ui/button.tsx'
import { formatAgo, formatDay, formatTotals } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Glyph, Status, type StatusKind, toneOf } from '@console/ui/status.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { paths } from '../../lib/paths.ts'
import { healthKind, runStatus } from '../../lib/run-words.ts'

type Item = {
  readonly key: string
  readonly rank: 0 | 1 | 2
  readonly kind: StatusKind
  readonly name: string
  readonly says: string
  readonly why: ReactNode
  readonly since: string | null
  readonly link: { readonly label: string; readonly href: string }
}
const ranks = ['Broken now', 'Breaks soon', 'Look at it today'] as const
const soonDays = 14

/** What needs somebody, ranked by what it breaks; below it every service as one mark. */
export function OverviewPage() {
  const every = { every: 10_000 }
  const health = useRead(listHealth, {}, every)
  const incidents = useRead(listIncidents, { query: { state: 'open' } }, every)
  const unhealthy = useRead(listUnhealthyContainers, {}, every)
  const runs = useRead(listDeployments, { query: { limit: '30' } }, every)
  const scripts = useRead(listScripts, {}, { every: 30_000 })
  const parts = useRead(listParts, {}, every)
  const services = useRead(listServices, {}, every)
  const whyNot = useWhyNot()
  const router = useRouter()
  const now = useNow()
  const items = [
    ...brokenServices(health.data, incidents.data),
    ...awayParts(parts.data),
    ...sickContainers(unhealthy.data),
    ...expiring(health.data),
    ...failedRuns(runs.data),
    ...changedScripts(scripts.data),
  ]
  const broken = items.filter(({ rank }) => rank === 0).length
  const rest = items.length - broken
  const summary = health.data?.summary
  const open = (runs.data?.items ?? []).filter((run) => !isFinal(run.state))
  const title =
    items.length === 0
      ? health.data
        ? 'Nothing needs you'
        : 'Overview'
      : broken > 0
        ? `${broken} ${broken === 1 ? 'thing is' : 'things are'} broken${rest > 0 ? `, ${rest} more need you today` : ''}`
        : `${rest} ${rest === 1 ? 'thing needs' : 'things need'} you today`
  return (
    <>
      <PageHead
        title={title}
        sub={
          summary &&
          formatTotals(
            {
              up: summary.up,
              down: summary.down,
              degraded: summary.degraded,
              'in maintenance': summary.maintenance,
              unknown: summary.unknown,
            },
            summary.total,
          )
        }
        actions={
          <Button
            look="ink"
            disabledReason={whyNot(createService)}
            reasonHidden
            onClick={() => router.push(services.data?.items.length ? paths.services : paths.registerService)}
          >
            {services.data?.items.length ? 'Deploy…' : 'Register a service'}
          </Button>
        }
      />
      <div className="cols c-8-4">
        <div className="stack">
          <Panel
            className="att"
            title="Needs attention"
            label="ranked by what it breaks, then by how long"
            actions={
              <Link className="link small" href={paths.health}>
                All incidents
              </Link>
            }
          >
            <QueryState query={health} what="Health" />
            {health.data && items.length === 0 && (
              <div className="calm is-ok">
                <span className="fg">
                  <Glyph kind="ok" size="l" />
                </span>
                <div>
                  <h2>All quiet</h2>
                  <p className="c2">
                    Every service that is measured is up, no deployment failed at its last run, and every part of the console answers.
                  </p>
                </div>
              </div>
            )}
            {ranks.map((name, rank) => (
              <Ranked key={name} name={name} items={items.filter((item) => item.rank === rank)} now={now} />
            ))}
          </Panel>
          <Panel
            title="Services"
            label={`${services.data?.items.length ?? 0} registered, one mark each; wide marks deviate`}
            actions={
              <Link className="link small" href={paths.services}>
                Open list
              </Link>
            }
          >
            <div className="pad">
              <ServiceMap items={health.data?.items ?? []} />
            </div>
          </Panel>
        </div>
        <div className="stack">
          <Panel
            title="In progress"
            actions={
              <Link className="link small" href={paths.deployments}>
                Deployments
              </Link>
            }
          >
            {open.length === 0 ? (
              <p className="pad c2">No deployment is under way.</p>
            ) : (
              open.map((run) => {
                const { kind, word } = runStatus(run)
                const at = ['queued', 'running', 'verifying'].indexOf(run.state)
                return (
                  <div className="minirun" key={run.id}>
                    <div className="row between">
                      <Link href={paths.deployment(run.id)}>
                        <b>{run.serviceName}</b>
                      </Link>
                      <Status kind={kind}>{word}</Status>
                    </div>
                    <p className="small c2">
                      #{run.number} · {run.actor.name}
                    </p>
                    <div className="steps4" aria-hidden="true">
                      {[0, 1, 2, 3].map((step) => (
                        <i key={step} className={step < at ? 'd' : step === at ? 'n' : ''} />
                      ))}
                    </div>
                  </div>
                )
              })
            )}
          </Panel>
          <Panel
            title={parts.data?.host.name ?? 'Host'}
            label="parts of the console"
            actions={
              <Link className="link small" href={paths.privileges}>
                Privileges
              </Link>
            }
          >
            <ul className="feed padv">
              {(parts.data?.parts ?? []).map((part) => (
                <li key={part.part} className="wide2">
                  <span className={`fg ${toneOf(part.state === 'up' ? 'ok' : part.state === 'away' ? 'bad' : 'warn')}`}>
                    <Glyph kind={part.state === 'up' ? 'ok' : part.state === 'away' ? 'bad' : 'warn'} />
                  </span>
                  <span>
                    <b>{part.part}</b> <span className="c2">{part.state === 'up' ? '' : part.detail}</span>
                  </span>
                </li>
              ))}
            </ul>
          </Panel>
          <Panel title="Lately">
            <ul className="feed padv">
              {(runs.data?.items ?? [])
                .filter((run) => isFinal(run.state))
                .slice(0, 6)
                .map((run) => {
                  const { kind, word } = runStatus(run)
                  return (
                    <li key={run.id} className={`wide ${toneOf(kind)}`}>
                      <time dateTime={run.endedAt ?? run.queuedAt}>{now ? formatAgo(run.endedAt ?? run.queuedAt, now) : ''}</time>
                      <span className="fg">
                        <Glyph kind={kind} />
                      </span>
                      <span>
                        <Link href={paths.deployment(run.id)}>
                          Deploy #{run.number} of <b>{run.serviceName}</b> {word}
                        </Link>
                      </span>
                    </li>
                  )
                })}
            </ul>
          </Panel>
        </div>
      </div>
    </>
  )
}

function Ranked({ name, items, now }: { readonly name: string; readonly items: readonly Item[]; readonly now: number }) {
  if (items.length === 0) return null
  return (
    <>
      <h3>
        <b>{name}</b> {items.length}
      </h3>
      <ol>
        {items.map((item) => (
          <li key={item.key} className={toneOf(item.kind)}>
            <span className="fg">
              <Glyph kind={item.kind} size="l" />
            </span>
            <div className="grow">
              <p className="ttl">
                <b>{item.name}</b> <span>{item.says}</span>
              </p>
              <p className="why2">{item.why}</p>
            </div>
            <p className="since">{item.since && now ? formatAgo(item.since, now) : ''}</p>
            <Link className="btn s" href={item.link.href}>
              {item.link.label}
            </Link>
          </li>
        ))}
      </ol>
    </>
  )
}

type Health = {
  readonly items: readonly {
    serviceId: string
    environment: string
    state: string
    since: string | null
    tlsExpiresAt: string | null
    checks: readonly { label: string; state: string; last: { note: string } | null }[]
  }[]
}

function ServiceMap({ items }: { readonly items: Health['items'] }) {
  if (items.length === 0) return <p className="c2">No service is registered yet.</p>
  const groups = Map.groupBy(items, ({ environment }) => environment)
  const marks: Record<string, string> = { up: '', degraded: 'w', down: 'b', unknown: 'u', maintenance: 'r' }
  return (
    <div className="map">
      {[...groups].map(([environment, list]) => {
        const count = (state: string): number => list.filter((item) => item.state === state).length
        const totals = formatTotals(
          { up: count('up'), down: count('down'), degraded: count('degraded'), unknown: count('unknown') },
          list.length,
        )
        return [
          <span className="lab c2" key="l">
            {environment}
          </span>,
          <div className="cells" key="c" role="img" aria-label={`${environment}: ${totals}`}>
            {list.map((item) => (
              <i key={item.serviceId} className={`cell ${marks[item.state] ?? 'u'}`} title={`${item.serviceId}: ${item.state}`}>
                {item.state === 'down' || item.state === 'degraded' ? <Glyph kind={healthKind[item.state]} size="s" /> : null}
              </i>
            ))}
          </div>,
          <span className="cnt c2" key="t">
            {totals}
          </span>,
        ]
      })}
    </div>
  )
}

function brokenServices(
  health: Health | undefined,
  incidents:
    | {
        readonly items: readonly {
          serviceId: string
          cause: string
          openedAt: string
          afterRun: { id: string; number: number; secondsBefore: number } | null
        }[]
      }
    | undefined,
): Item[] {
  return (health?.items ?? [])
    .filter(({ state }) => state === 'down' || state === 'degraded')
    .map((item) => {
      const incident = incidents?.items.find(({ serviceId }) => serviceId === item.serviceId)
      const bad = item.checks.find(({ state }) => state === item.state)
      const why = (
        <>
          {incident?.cause ?? `${bad?.label ?? ''}: ${bad?.last?.note ?? ''}`}
          {incident?.afterRun && (
            <span className="cause">
              Began {incident.afterRun.secondsBefore} s after{' '}
              <Link className="link" href={paths.deployment(incident.afterRun.id)}>
                deploy #{incident.afterRun.number}
              </Link>
            </span>
          )}
        </>
      )
      return {
        key: `s ${item.serviceId}`,
        rank: item.state === 'down' ? 0 : 1,
        kind: healthKind[item.state as 'down'],
        name: item.serviceId,
        says: `is ${item.state}`,
        why,
        since: item.since,
        link: { label: 'Open service', href: paths.service(item.serviceId) },
      }
    })
}

function awayParts(
  parts: { readonly parts: readonly { part: string; state: string; since: string; detail: string; remedy: string | null }[] } | undefined,
): Item[] {
  return (parts?.parts ?? [])
    .filter(({ state }) => state === 'away')
    .map(({ part, since, detail, remedy }) => ({
      key: `p ${part}`,
      rank: part === 'docker-engine' ? 1 : 0,
      kind: part === 'docker-engine' ? 'warn' : 'bad',
      name: part,
      says: 'is away',
      why: `${detail} ${remedy ?? ''}`,
      since,
      link: { label: 'Open parts', href: paths.privileges },
    }))
}

function sickContainers(
  list:
    | {
        readonly items: readonly {
          name: string
          state: string
          health: string
          status: string
          oomKilled: boolean
          startedAt: string | null
        }[]
      }
    | undefined,
): Item[] {
  return (list?.items ?? []).map(({ name, state, health, status, oomKilled, startedAt }) => ({
    key: `c ${name}`,
    rank: state === 'restarting' ? 0 : 2,
    kind: state === 'restarting' || oomKilled ? 'bad' : 'warn',
    name,
    says:
      state === 'restarting'
        ? 'keeps restarting'
        : oomKilled
          ? 'was killed for want of memory'
          : health === 'unhealthy'
            ? 'is unhealthy'
            : 'ended with a failure',
    why: status,
    since: startedAt,
    link: { label: 'View log', href: paths.containerLog(name) },
  }))
}

function expiring(health: Health | undefined): Item[] {
  return (health?.items ?? []).flatMap(({ serviceId, tlsExpiresAt }) => {
    const days = tlsExpiresAt ? Math.floor((Date.parse(tlsExpiresAt) - Date.now()) / 86_400_000) : null
    if (days === null || days > soonDays || !tlsExpiresAt) return []
    return [
      {
        key: `t ${serviceId}`,
        rank: 1 as const,
        kind: 'warn' as const,
        name: serviceId,
        says: 'has a certificate that ends soon',
        why: `${days} days are left, until ${formatDay(tlsExpiresAt)}.`,
        since: null,
        link: { label: 'Open service', href: paths.service(serviceId) },
      },
    ]
  })
}

function failedRuns(
  runs:
    | {
        readonly items: readonly {
          id: string
          serviceId: string
          number: number
          state: string
          verified: boolean
          endedAt: string | null
          outcome: string | null
        }[]
      }
    | undefined,
): Item[] {
  const newest = new Map<string, NonNullable<typeof runs>['items'][number]>()
  for (const run of runs?.items ?? []) if (run.endedAt && !newest.has(run.serviceId)) newest.set(run.serviceId, run)
  return [...newest.values()]
    .filter(({ state }) => state === 'failed' || state === 'timed-out' || state === 'interrupted')
    .map((run) => ({
      key: `r ${run.id}`,
      rank: 2,
      kind: runStatus(run).kind,
      name: `${run.serviceId} #${run.number}`,
      says: runStatus(run).word,
      why: run.outcome ?? '',
      since: run.endedAt,
      link: { label: 'Open run', href: paths.deployment(run.id) },
    }))
}

function changedScripts(scripts: { readonly items: readonly { scriptId: string; status: string; path: string }[] } | undefined): Item[] {
  return (scripts?.items ?? [])
    .filter(({ status }) => status === 'changed')
    .map(({ scriptId, path }) => ({
      key: `x ${scriptId}`,
      rank: 2,
      kind: 'warn',
      name: scriptId,
      says: 'changed after it was approved',
      why: <span className="mono">{path}</span>,
      since: null,
      link: { label: 'Look at it', href: paths.approveScript(scriptId) },
    }))
}
