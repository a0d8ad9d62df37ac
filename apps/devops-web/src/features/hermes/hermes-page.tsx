'use client'
import { QueryState } from '@console/console/query-state.tsx'
import type { HermesInstance, HermesOps } from '@console/contracts/hermes/schemas'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago, useNow } from '@console/ui/time-text.tsx'
import { HermesHead } from './hermes-head.tsx'
import { severityKinds } from './hermes-words.ts'
import { InstancePanel } from './instance-panel.tsx'
import { TrendCards } from './trend-cards.tsx'
import { isBackupStale } from './trends.ts'
import { useHermes, useTrends } from './use-hermes.ts'

/** The agents of this host: how each is, its backups, and what needs somebody. */
export function HermesPage() {
  const hermes = useHermes()
  const { ops, shown, chosen } = hermes
  const trends = useTrends(ops.data)
  const { data } = ops
  return (
    <>
      <HermesHead hermes={hermes} tab="ops" />
      {!data || ops.error ? (
        <Panel>
          <QueryState query={ops} what="The agents" />
        </Panel>
      ) : null}
      {data && (
        <div className={ops.error ? 'stale' : ''}>
          <TrendCards trends={trends} instances={shown} />
          <div className="cols c-3 mb">
            {shown.map((one) => (
              <InstancePanel key={one.id} one={one} />
            ))}
            <HostPanel ops={data} chosen={chosen} />
          </div>
          <div className="cols c-2">
            {shown
              .filter(({ backup }) => backup.commits.length > 0)
              .map((one) => (
                <CommitsPanel key={one.id} one={one} />
              ))}
          </div>
        </div>
      )}
    </>
  )
}

function HostPanel({ ops: { host, warnings }, chosen }: { readonly ops: HermesOps; readonly chosen: string }) {
  const { watchdog } = host
  const shown = warnings.filter(({ instance }) => chosen === 'all' || instance === chosen)
  return (
    <Panel title="Host and warnings">
      <div className="pad stack m">
        <Facts
          items={[
            [
              'Tailscale',
              host.tailscale === null ? <span className="c3">No address</span> : <span className="mono">{host.tailscale}</span>,
            ],
            [
              'Watchdog',
              watchdog.changedAt === null ? (
                <Status kind="unknown">no log</Status>
              ) : (
                <>
                  wrote <Ago at={watchdog.changedAt} />
                </>
              ),
            ],
          ]}
        />
        {shown.length === 0 && <p className="c3">No warnings.</p>}
        {shown.map(({ id, instance, severity, title, cause, advice }) => (
          <Note key={id} kind={severityKinds[severity]} title={`${instance}: ${title}`}>
            {cause} {advice}
          </Note>
        ))}
      </div>
    </Panel>
  )
}

function CommitsPanel({ one: { label, backup } }: { readonly one: HermesInstance }) {
  const now = useNow()
  return (
    <Panel title={`${label}: backup commits`}>
      <table className="tbl stk">
        <caption className="vh">Backup commits of {label}, newest first</caption>
        <tbody>
          {backup.commits.map(({ hash, at, subject }, index) => (
            <tr key={hash}>
              <td className="t1 mono small">{hash.slice(0, 7)}</td>
              <td className="c2">{subject}</td>
              <td className="t2 num">
                {index === 0 && isBackupStale(backup, now) ? (
                  <Status kind="warn">
                    <Ago at={at} />
                  </Status>
                ) : (
                  <Ago at={at} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  )
}
