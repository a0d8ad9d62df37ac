'use client'
import { useRead } from '@console/console/use-action.ts'
import type { ServiceHealth } from '@console/contracts/health/schemas'
import { listScripts } from '@console/contracts/scripts/actions'
import type { Service } from '@console/contracts/services/schemas'
import { formatDay, formatDuration } from '@console/ui/format.ts'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { healthKind } from '../../lib/run-words.ts'

/** What a deploy of the service does, and whether its script may run now. */
export function HowItRuns({ service }: { readonly service: Service }) {
  const scripts = useRead(listScripts, {}, { enabled: service.scriptId !== null })
  const script = scripts.data?.items.find(({ scriptId }) => scriptId === service.scriptId)
  return (
    <Panel title="How it runs">
      <div className="pad">
        <Facts
          items={[
            service.url ? ['Address', <Outside key="u" href={service.url} />] : null,
            service.repository ? ['Repository', <Outside key="r" href={service.repository} />] : null,
            [
              'Script',
              service.scriptId === null ? (
                'none: it is watched only'
              ) : (
                <>
                  <Link className="link mono" href={paths.approveScript(service.scriptId)}>
                    {service.scriptId}
                  </Link>
                  {script && (
                    <>
                      <br />
                      <span className="small">
                        <Status kind={script.status === 'approved' ? 'ok' : script.status === 'refused' ? 'bad' : 'warn'}>
                          {script.status} <span className="mono">{(script.approvedSha256 ?? script.sha256)?.slice(0, 8)}</span>
                        </Status>
                      </span>
                      {script.approvedAt && (
                        <span className="small c3">
                          <br />
                          <Ago at={script.approvedAt} />
                        </span>
                      )}
                    </>
                  )}
                </>
              ),
            ],
            script ? ['At most', `${formatDuration(script.timeoutSec * 1_000)}, as ${script.user}`] : null,
            ['If one runs', service.onBusy === 'queue' ? 'the next waits in line' : 'the next is refused'],
            ['Checks pass', `within ${formatDuration(service.verifyWindowSec * 1_000)} of exit 0`],
            [
              'Gets',
              service.variableNames.length === 0 ? (
                'no variable'
              ) : (
                <span key="v" className="mono small">
                  {service.variableNames.join(' ')}
                </span>
              ),
            ],
          ]}
        />
      </div>
    </Panel>
  )
}

function Outside({ href }: { readonly href: string }) {
  return (
    <a className="link" href={href} rel="noreferrer" target="_blank">
      {href.replace(/^https?:\/\//, '')}
      <span className="vh"> (opens in a new tab)</span>
    </a>
  )
}

/** Each health check with what it saw last, and what counts. */
export function ChecksPanel({ service, health }: { readonly service: Service; readonly health: ServiceHealth | undefined }) {
  if (service.checks.length === 0) return null
  return (
    <Panel title={service.checks.length === 1 ? 'Check' : 'Checks'}>
      {service.checks.map((check) => {
        const now = health?.checks.find(({ checkId }) => checkId === check.id)
        const state = now?.state ?? 'unknown'
        return (
          <div className="minirun" key={check.id}>
            <div className="row between">
              <span className="mono small cut">{now?.label ?? check.id}</span>
              <Status kind={healthKind[state]}>{state}</Status>
            </div>
            <p className="small c2">
              {now?.last ? (
                <>
                  {now.last.note}, <Ago at={now.last.at} />
                </>
              ) : (
                'not measured yet'
              )}
            </p>
            <p className="small c3">
              every {check.intervalSec} s, within {formatDuration(Math.max(1_000, check.timeoutMs))}; down after {check.downAfter}{' '}
              {check.downAfter === 1 ? 'miss' : 'misses'}, up after {check.upAfter} {check.upAfter === 1 ? 'hit' : 'hits'}
            </p>
          </div>
        )
      })}
      {health?.tlsExpiresAt && (
        <p className="pad small c2">
          Its certificate has {Math.floor((Date.parse(health.tlsExpiresAt) - Date.now()) / 86_400_000)} days left, until{' '}
          {formatDay(health.tlsExpiresAt)}.
        </p>
      )}
    </Panel>
  )
}
