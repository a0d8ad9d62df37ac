'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listParts } from '@console/contracts/console/actions'
import { listPrivileges } from '@console/contracts/privileges/actions'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'

/** Everything that can touch the host: nothing in the backend, and in each daemon the rows that it answers to. */
export function PrivilegesPage() {
  const surface = useRead(listPrivileges, {}, { every: 30_000 })
  const parts = useRead(listParts, {}, { every: 5_000 })
  const differs = surface.data?.items.filter(({ daemonAgrees }) => daemonAgrees === false).length ?? 0
  const warnings = [
    ...(surface.data?.warnings ?? []),
    ...(surface.data?.daemons ?? []).flatMap(({ name, warnings: own }) => own.map((warning) => `${name}: ${warning}`)),
  ]
  return (
    <>
      <PageHead
        title={differs > 0 ? `${differs} verbs differ from the registry` : 'Privileges'}
        sub="What can touch the host. The backend has 0 verbs; each daemon offers a fixed list and checks for itself who asks."
      />
      <div className="stack">
        {warnings.map((warning) => (
          <Note key={warning} kind="warn" title={warning} />
        ))}
        <Panel title="Parts of the console">
          <table className="tbl stk">
            <thead>
              <tr>
                <th>State</th>
                <th>Part</th>
                <th>What it says</th>
                <th>What helps</th>
              </tr>
            </thead>
            <tbody>
              {(parts.data?.parts ?? []).map((part) => (
                <tr key={part.part}>
                  <td className="t2">
                    <Status kind={part.state === 'up' ? 'ok' : part.state === 'away' ? 'bad' : 'warn'}>{part.state}</Status>
                  </td>
                  <td className="t1">
                    <b>{part.part}</b>
                  </td>
                  <td data-l="Says">{part.detail}</td>
                  <td className="c2" data-l="Helps">
                    {part.remedy ?? '–'}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
        {(['docker-proxy', 'host-agent'] as const).map((name) => (
          <Panel
            key={name}
            title={name}
            label={
              surface.data?.daemons.find((daemon) => daemon.name === name)?.state === 'away'
                ? 'away: shown is the registry alone'
                : 'as the registry and the daemon itself say'
            }
          >
            <QueryState query={surface} what="Privileges" />
            {surface.data && (
              <table className="tbl two stk">
                <thead>
                  <tr>
                    <th>Verb</th>
                    <th>Risk</th>
                    <th>Least role</th>
                    <th>Confirmed</th>
                    <th>What runs</th>
                    <th className="m1">Arguments</th>
                    <th>Agrees</th>
                  </tr>
                </thead>
                <tbody>
                  {surface.data.items
                    .filter(({ daemon }) => daemon === name)
                    .map((verb) => (
                      <tr key={verb.id}>
                        <td className="mono t1">{verb.id}</td>
                        <td data-l="Risk">{verb.risk}</td>
                        <td data-l="Role">
                          {verb.role}
                          {verb.service && <span className="sub">and the backend’s key</span>}
                        </td>
                        <td data-l="Confirmed">{verb.grant ? 'by a grant for one plan' : '–'}</td>
                        <td className="argv mono small" data-l="Runs">
                          {verb.runs}
                        </td>
                        <td className="small m1" data-l="Takes">
                          {verb.args.map(({ name: arg, rule, optional }) => `${arg}${optional ? '?' : ''}: ${rule}`).join('; ') ||
                            'nothing'}
                        </td>
                        <td className="t2">
                          {verb.daemonAgrees === null ? (
                            <Status kind="unknown">away</Status>
                          ) : verb.daemonAgrees ? (
                            <Status kind="ok">yes</Status>
                          ) : (
                            <Status kind="bad">differs</Status>
                          )}
                        </td>
                      </tr>
                    ))}
                </tbody>
              </table>
            )}
          </Panel>
        ))}
      </div>
    </>
  )
}
