'use client'
import { ListTable } from '@console/console/list-table.tsx'
import type { Query } from '@console/console/query-state.tsx'
import { useWhyNot } from '@console/console/use-action.ts'
import { restartContainer } from '@console/contracts/docker/actions'
import type { Container } from '@console/contracts/docker/schemas'
import { Button } from '@console/ui/button.tsx'
import { SortHead } from '@console/ui/sort-head.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { RotateCw, ScrollText, Shield } from 'lucide-react'
import { Fragment, useState } from 'react'
import { containerStatus } from '../../lib/container-words.ts'
import { ContainerDetail } from './container-detail.tsx'
import { UseCells } from './use-cells.tsx'
import type { LiveUse } from './use-live-use.ts'
import type { Order } from './use-words.ts'

/** So many rows are drawn before somebody asks for the rest: the worst come first. */
const firstRows = 100
const columns = 10

type Props = {
  readonly query: Query & {
    readonly data: { readonly engine: { readonly version: string; readonly apiVersion: string } | null } | undefined
  }
  readonly all: number
  readonly shown: readonly Container[]
  readonly away: boolean
  readonly selected: string | null
  readonly live: LiveUse
  readonly order: Order
  readonly onOrder: (order: Order) => void
  readonly whyNoLog: string | null
  readonly onLog: (name: string) => void
  readonly onRestart: (container: Container) => void
}

export function ContainersTable({ query, all, shown, away, live, order, onOrder, selected, whyNoLog, onLog, onRestart }: Props) {
  const [whole, setWhole] = useState(false)
  const [open, setOpen] = useState<string | null>(null)
  const drawn = whole ? shown : shown.slice(0, firstRows)
  const engine = query.data?.engine
  return (
    <ListTable
      label="Containers"
      query={query}
      what="Containers"
      className="two stk"
      columns={columns}
      stale={away}
      head={
        <>
          <th>State</th>
          <th>Container</th>
          <th className="num">Since</th>
          <th className="num">Restarts</th>
          <th className="m1">CPU, 10 min</th>
          <SortHead
            num
            label="Cores"
            direction={order === 'cpu' ? 'desc' : null}
            onSort={() => onOrder(order === 'cpu' ? 'worst' : 'cpu')}
          />
          <th>Memory</th>
          <SortHead
            num
            label="MiB"
            direction={order === 'memory' ? 'desc' : null}
            onSort={() => onOrder(order === 'memory' ? 'worst' : 'memory')}
          />
          <th>Ports</th>
          <th>
            <span className="vh">Actions</span>
          </th>
        </>
      }
      empty={away ? null : all === 0 ? <Blank title="No container is on this host" /> : <Blank title="No container matches" />}
      rows={drawn.map((container) => (
        <Fragment key={container.id}>
          <Row
            container={container}
            away={away}
            live={live}
            selected={selected === container.name}
            open={open === container.id}
            whyNoLog={whyNoLog}
            onOpen={() => setOpen(open === container.id ? null : container.id)}
            onLog={() => onLog(container.name)}
            onRestart={() => onRestart(container)}
          />
          {open === container.id && <ContainerDetail container={container} use={live.uses.get(container.id)} columns={columns} />}
        </Fragment>
      ))}
      footer={
        <>
          <span>
            {drawn.length} of {all} rows
          </span>
          {drawn.length < shown.length && (
            <Button small onClick={() => setWhole(true)}>
              Show all {shown.length}
            </Button>
          )}
          {engine && (
            <span className="push not-s">
              Docker {engine.version}, API {engine.apiVersion}, through docker-proxy
            </span>
          )}
        </>
      }
    />
  )
}

type RowProps = {
  readonly container: Container
  readonly away: boolean
  readonly live: LiveUse
  readonly selected: boolean
  readonly open: boolean
  readonly whyNoLog: string | null
  readonly onOpen: () => void
  readonly onLog: () => void
  readonly onRestart: () => void
}

function Row({ container, away, live, selected, open, whyNoLog, onOpen, onLog, onRestart }: RowProps) {
  const { kind, word, detail } = containerStatus(container)
  const since = container.state === 'running' ? container.startedAt : (container.finishedAt ?? container.createdAt)
  const restarts = container.restartCount ?? 0
  return (
    <tr data-row className={selected ? 'on' : ''}>
      <td className="t2">
        <Status kind={away ? 'unknown' : kind}>{away ? 'unknown' : word}</Status>
        {away && <span className="sub">was {word}</span>}
        {!away && detail && <span className="sub">{detail}</span>}
        {container.protected && (
          <span className="sub prot">
            <Shield className="ic s" aria-hidden="true" />
            part of this console, protected
          </span>
        )}
      </td>
      <td className="name t1">
        <button type="button" className="rowname" aria-expanded={open} onClick={onOpen}>
          <b className="mono">{container.name}</b>
        </button>
        <span className="sub mono" title={container.image}>
          {container.image}
        </span>
      </td>
      <td className="num" data-l="Since">
        {since ? <Ago at={since} /> : '–'}
      </td>
      <td className={`num ${restarts > 0 ? 'is-warn fg' : 'c3'}`} data-l="Restarts">
        {container.restartCount ?? '–'}
      </td>
      <UseCells use={live.uses.get(container.id)} runs={container.state === 'running' && !away} live={live} />
      <td className="mono small c2" data-l="Ports">
        {portsOf(container)}
      </td>
      <td className="act">
        <Button
          small
          icon={<ScrollText className="ic s" aria-hidden="true" />}
          disabledReason={whyNoLog}
          reasonHidden
          data-key="l"
          onClick={onLog}
        >
          Log
        </Button>{' '}
        <RestartButton container={container} away={away} onRestart={onRestart} />
      </td>
    </tr>
  )
}

function RestartButton({ container, away, onRestart }: Pick<RowProps, 'container' | 'away' | 'onRestart'>) {
  const whyNot = useWhyNot()
  const reason = whyNot(restartContainer) ?? (container.protected ? 'A part of the console itself' : away ? 'Docker does not answer' : null)
  return (
    <Button small icon={<RotateCw className="ic s" aria-hidden="true" />} disabledReason={reason} reasonHidden onClick={onRestart}>
      Restart…
    </Button>
  )
}

function portsOf({ ports }: Container): string {
  const published = ports
    .filter(({ public: outside }) => outside !== null)
    .map(({ public: outside, private: inside }) => (outside === inside ? `${outside}` : `${outside}→${inside}`))
  return [...new Set(published)].join(', ') || '–'
}
