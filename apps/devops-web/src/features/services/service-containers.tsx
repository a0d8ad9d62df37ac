'use client'
import { QueryState } from '@console/console/query-state.tsx'
import type { useRead } from '@console/console/use-action.ts'
import type { Container } from '@console/contracts/docker/schemas'
import type { listServiceContainers } from '@console/contracts/services/actions'
import { Panel } from '@console/ui/panel.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { Status, StatusChip, type StatusKind } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'

type Containers = ReturnType<typeof useRead<typeof listServiceContainers>>

function statusOf({ state, health }: Container): { kind: StatusKind; word: string } {
  if (state === 'running') {
    if (health === 'unhealthy') return { kind: 'bad', word: 'unhealthy' }
    return { kind: 'ok', word: health === 'healthy' ? 'healthy' : 'running' }
  }
  return { kind: state === 'restarting' || state === 'dead' ? 'bad' : state === 'paused' ? 'paused' : 'stopped', word: state }
}

/** The containers that belong to a service, with the way to their logs. */
export function ServiceContainers({ containers }: { readonly containers: Containers }) {
  return (
    <Panel title="Containers">
      <QueryState query={containers} what="Containers" />
      <Stale containers={containers} />
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
              <th>Started</th>
              <th>
                <span className="vh">Log</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {containers.data.items.map((container) => (
              <tr key={container.id}>
                <td className="t2">
                  <Status kind={statusOf(container).kind}>{statusOf(container).word}</Status>
                </td>
                <td className="t1 mono">{container.name}</td>
                <td className="mono small" data-l="Image">
                  {container.image}
                </td>
                <td className="c2 nowrap" data-l="Started">
                  {container.startedAt ? <Ago at={container.startedAt} /> : '–'}
                </td>
                <td className="act">
                  <Link className="btn s" href={paths.containerLog(container.name)}>
                    Log<span className="vh"> of {container.name}</span>
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

/** The same in short, for the side of the overview. */
export function ContainersMini({ containers }: { readonly containers: Containers }) {
  return (
    <Panel title="Containers">
      <QueryState query={containers} what="Containers" />
      <Stale containers={containers} />
      {containers.data?.items.length === 0 && <p className="pad c2">None belongs to it.</p>}
      {containers.data?.items.slice(0, 6).map((container) => (
        <div className="minirun" key={container.id}>
          <div className="row between">
            <Link className="mono strong cut" href={paths.containerLog(container.name)}>
              {container.name}
            </Link>
            <StatusChip kind={statusOf(container).kind}>{statusOf(container).word}</StatusChip>
          </div>
          <p className="small c2 cut">
            {container.startedAt && <Ago at={container.startedAt} />} · <span className="mono">{container.image}</span>
          </p>
        </div>
      ))}
    </Panel>
  )
}

function Stale({ containers: { data } }: { readonly containers: Containers }) {
  if (!data || data.freshness === 'live' || data.freshness === 'reconciling') return null
  return (
    <div className="pad">
      <Note kind="warn" role="status" title="The engine does not answer">
        {data.asOf ? (
          <>
            Shown is what was known <Ago at={data.asOf} />.
          </>
        ) : (
          'Nothing is known of its containers yet.'
        )}
      </Note>
    </div>
  )
}
