'use client'
import { ConfirmDialog } from '@console/console/confirm-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listDeployments } from '@console/contracts/deployments/actions'
import { getHealthHistory, listIncidents } from '@console/contracts/health/actions'
import { getService, listServiceContainers, listVariables, removeService, updateService } from '@console/contracts/services/actions'
import type { Service } from '@console/contracts/services/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatInstant, formatRatio } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Sparkline } from '@console/ui/sparkline.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { Status, StatusChip } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { UptimeBar } from '@console/ui/uptime-bar.tsx'
import { ChevronRight, Pencil, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { parseAsString, useQueryState } from 'nuqs'
import { useState } from 'react'
import { paths } from '../../lib/paths.ts'
import { healthKind, runStatus } from '../../lib/run-words.ts'
import { DeployButton } from './deploy-dialog.tsx'

/** One service: what it is, its health, its deployments, its containers. */
export function ServicePage() {
  const [id] = useQueryState('id', parseAsString.withDefault(''))
  const service = useRead(getService, { params: { id } }, { every: 10_000, enabled: id !== '' })
  if (service.data) return <Known service={service.data} />
  return (
    <section className="panel">
      <QueryState query={service} what="Service" />
    </section>
  )
}

function Known({ service }: { readonly service: Service }) {
  const whyNot = useWhyNot()
  const router = useRouter()
  const [removing, setRemoving] = useState(false)
  return (
    <>
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
          <span className="row">
            {service.name} <StatusChip kind={healthKind[service.health]}>{service.health}</StatusChip>
          </span>
        }
        sub={
          <>
            {service.description || 'No description'}
            {service.healthSince && (
              <>
                {' '}
                · {service.health} since <Ago at={service.healthSince} />
              </>
            )}
          </>
        }
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
            <Button
              look="risk"
              icon={<Trash2 className="ic s" aria-hidden="true" />}
              disabledReason={whyNot(removeService) ?? (service.openRun ? `#${service.openRun.number} is under way` : null)}
              reasonHidden
              onClick={() => setRemoving(true)}
            >
              Delete…
            </Button>
            <DeployButton service={service} ink />
          </>
        }
      />
      <div className="cols c-8-4">
        <div className="stack">
          <HealthPanel id={service.id} />
          <DeploymentsPanel id={service.id} />
          <ContainersPanel id={service.id} />
        </div>
        <div className="stack">
          <Panel title="Registered">
            <div className="pad">
              <Facts
                items={[
                  ['Environment', service.environment],
                  ['Owner', service.owner || '–'],
                  [
                    'Tags',
                    service.tags.length > 0 ? (
                      <span className="tagin">
                        {service.tags.map((tag) => (
                          <span className="tag" key={tag}>
                            {tag}
                          </span>
                        ))}
                      </span>
                    ) : (
                      '–'
                    ),
                  ],
                  [
                    'Address',
                    service.url ? (
                      <a className="link" href={service.url} rel="noreferrer" target="_blank">
                        {service.url}
                      </a>
                    ) : (
                      '–'
                    ),
                  ],
                  [
                    'Repository',
                    service.repository ? (
                      <a className="link" href={service.repository} rel="noreferrer" target="_blank">
                        {service.repository}
                      </a>
                    ) : (
                      '–'
                    ),
                  ],
                  [
                    'Script',
                    service.scriptId ? (
                      <Link className="link mono" href={paths.approveScript(service.scriptId)}>
                        {service.scriptId}
                      </Link>
                    ) : (
                      'none'
                    ),
                  ],
                  ['If one runs', service.onBusy === 'queue' ? 'the next waits in line' : 'the next is refused'],
                  ['Checks pass within', `${service.verifyWindowSec} s`],
                  [
                    'Changed',
                    <>
                      <Ago at={service.updatedAt} /> by {service.updatedBy}
                    </>,
                  ],
                ]}
              />
            </div>
          </Panel>
          <VariablesPanel id={service.id} />
        </div>
      </div>
      {removing && <RemoveDialog service={service} onClose={() => setRemoving(false)} />}
    </>
  )
}

function HealthPanel({ id }: { readonly id: string }) {
  const history = useRead(getHealthHistory, { params: { serviceId: id }, query: { range: '24h' } }, { every: 15_000 })
  const incidents = useRead(listIncidents, { query: { serviceId: id, limit: '5' } })
  const health = history.data?.health
  return (
    <Panel
      title="Health"
      label="last 90 days"
      actions={
        health && (
          <span className="small c2">
            {formatRatio(health.uptime.day)} today · {formatRatio(health.uptime.week)} 7 d · {formatRatio(health.uptime.month)} 30 d ·{' '}
            {formatRatio(health.uptime.quarter)} 90 d
          </span>
        )
      }
    >
      <QueryState query={history} what="Health" />
      {health && health.checks.length === 0 && (
        <Blank kind="unknown" title="Nobody said what “up” means">
          Add a health check in the service’s form. Until then its state is unknown.
        </Blank>
      )}
      {health && health.checks.length > 0 && (
        <div className="pad stack">
          <UptimeBar days={health.days} size="tall" label={`Last 90 days, oldest first; ${formatRatio(health.uptime.quarter)} up`} />
          <Sparkline
            values={(history.data?.points ?? []).map(({ p95Ms }) => p95Ms)}
            label={`p95 latency over 24 hours; now ${health.latencyP95Ms ?? 'not measured'} ms`}
          />
          <table className="tbl stk">
            <thead>
              <tr>
                <th>State</th>
                <th>Check</th>
                <th>Last result</th>
                <th>When</th>
              </tr>
            </thead>
            <tbody>
              {health.checks.map((check) => (
                <tr key={check.checkId}>
                  <td className="t2">
                    <Status kind={healthKind[check.state]}>{check.state}</Status>
                  </td>
                  <td className="mono t1">{check.label}</td>
                  <td data-l="Result">{check.last?.note ?? 'not measured yet'}</td>
                  <td data-l="When">{check.last && <Ago at={check.last.at} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {health.tlsExpiresAt && <p className="small c2">The certificate ends {formatInstant(health.tlsExpiresAt)}.</p>}
          {incidents.data && incidents.data.items.length > 0 && (
            <ul className="stack t">
              {incidents.data.items.map((incident) => (
                <li key={incident.id}>
                  <Status kind={incident.state === 'closed' ? 'ok' : 'bad'}>
                    {incident.severity}, {incident.state}
                  </Status>{' '}
                  <Ago at={incident.openedAt} />: {incident.cause}
                  {incident.afterRun && (
                    <>
                      {' '}
                      · began {incident.afterRun.secondsBefore} s after{' '}
                      <Link className="link" href={paths.deployment(incident.afterRun.id)}>
                        #{incident.afterRun.number}
                      </Link>
                    </>
                  )}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </Panel>
  )
}

function DeploymentsPanel({ id }: { readonly id: string }) {
  const runs = useRead(listDeployments, { query: { serviceId: id, limit: '10' } }, { every: 10_000 })
  return (
    <Panel
      title="Deployments"
      actions={
        <Link className="link small" href={`${paths.deployments}?serviceId=${encodeURIComponent(id)}`}>
          All
        </Link>
      }
    >
      <QueryState query={runs} what="Deployments" />
      {runs.data?.refused.slice(0, 3).map((refused) => (
        <div className="pad" key={refused.requestId}>
          <Note
            kind="denied"
            title={
              <>
                Refused <Ago at={refused.at} />: {refused.code}
              </>
            }
            action={
              <Link className="btn s" href={refused.code.startsWith('SCRIPT_') ? paths.scripts : paths.auditOf(refused.requestId)}>
                {refused.code.startsWith('SCRIPT_') ? 'Look at the script' : 'Audit rows'}
              </Link>
            }
          >
            Asked by {refused.actor.name ?? refused.actor.id}. It never became a run.
          </Note>
        </div>
      ))}
      {runs.data?.items.length === 0 && <Blank title="Never deployed from here" />}
      {runs.data && runs.data.items.length > 0 && (
        <table className="tbl two stk">
          <thead>
            <tr>
              <th>Run</th>
              <th>State</th>
              <th>Reason</th>
              <th>By</th>
              <th>When</th>
            </tr>
          </thead>
          <tbody>
            {runs.data.items.map((run) => {
              const { kind, word } = runStatus(run)
              return (
                <tr key={run.id}>
                  <td className="t1">
                    <Link className="link" href={paths.deployment(run.id)}>
                      #{run.number}
                    </Link>
                  </td>
                  <td className="t2">
                    <Status kind={kind}>{word}</Status>
                  </td>
                  <td data-l="Reason">{run.reason}</td>
                  <td data-l="By">{run.actor.name}</td>
                  <td data-l="When">
                    <Ago at={run.queuedAt} />
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function ContainersPanel({ id }: { readonly id: string }) {
  const containers = useRead(listServiceContainers, { params: { id } }, { every: 15_000 })
  return (
    <Panel title="Containers">
      <QueryState query={containers} what="Containers" />
      {containers.data?.items.length === 0 && (
        <Blank title="No container belongs to it">Name a compose project or containers in the service’s form.</Blank>
      )}
      {containers.data && containers.data.items.length > 0 && (
        <table className="tbl stk">
          <thead>
            <tr>
              <th>State</th>
              <th>Name</th>
              <th>Image</th>
              <th>
                <span className="vh">Log</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {containers.data.items.map((container) => (
              <tr key={container.id}>
                <td className="t2">
                  <Status kind={container.health === 'unhealthy' ? 'bad' : container.state === 'running' ? 'ok' : 'stopped'}>
                    {container.health === 'unhealthy' ? 'unhealthy' : container.state}
                  </Status>
                </td>
                <td className="t1 mono">{container.name}</td>
                <td className="mono small" data-l="Image">
                  {container.image}
                </td>
                <td className="act">
                  <Link className="btn s" href={paths.containerLog(container.name)}>
                    Log
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function VariablesPanel({ id }: { readonly id: string }) {
  const whyNot = useWhyNot()
  const denied = whyNot(listVariables)
  const variables = useRead(listVariables, { params: { id } }, { enabled: denied === null })
  return (
    <Panel title="Variables" label="given to the script">
      {denied ? (
        <Blank kind="denied" title="Not for your role">
          {denied}
        </Blank>
      ) : (
        <QueryState query={variables} what="Variables" />
      )}
      {variables.data && (
        <div className="pad">
          {variables.data.items.length === 0 ? (
            <p className="c2">None.</p>
          ) : (
            <Facts
              items={variables.data.items.map(
                ({ name, secret, value, setAt }) =>
                  [
                    name,
                    secret ? (
                      <>
                        ••••••{' '}
                        <span className="small c3">
                          set <Ago at={setAt} />
                        </span>
                      </>
                    ) : (
                      <span className="mono">{value}</span>
                    ),
                  ] as const,
              )}
            />
          )}
        </div>
      )}
    </Panel>
  )
}

function RemoveDialog({ service, onClose }: { readonly service: Service; readonly onClose: () => void }) {
  const { client } = useConsole()
  const router = useRouter()
  const host = typeof location === 'undefined' ? '' : location.hostname
  return (
    <ConfirmDialog
      onClose={onClose}
      confirmation={{
        title: `Delete ${service.name} from the registry of ${host}?`,
        verb: removeService.id,
        callee: 'devops-backend',
        plan: { args: { id: service.id } },
        button: `Delete ${service.name}`,
        children: (
          <Facts
            boxed
            items={[
              ['Ends', `${service.checks.length} health checks, its variables`],
              ['Keeps', 'deployments, incidents and audit rows; whatever runs on the host'],
              ['Cannot be undone', 'register it anew to have it back'],
            ]}
          />
        ),
        run: async (grant) => {
          await client.call(removeService, { params: { id: service.id }, grant })
          router.push(paths.services)
        },
      }}
    />
  )
}
