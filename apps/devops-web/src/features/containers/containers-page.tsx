'use client'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listContainerLines, listContainers } from '@console/contracts/docker/actions'
import type { Container } from '@console/contracts/docker/schemas'
import { formatTotals } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { SearchField } from '@console/ui/search-field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Select } from '@console/ui/select.tsx'
import { Note } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { needsLook } from '../../lib/container-words.ts'
import { ContainerLog } from './container-log.tsx'
import { ContainersTable } from './containers-table.tsx'
import { DockerAway } from './docker-away.tsx'
import { RestartDialog } from './restart-dialog.tsx'
import { type LiveUse, useLiveUse } from './use-live-use.ts'
import { inOrder, type Order, orders } from './use-words.ts'

const views = ['all', 'running', 'unhealthy', 'stopped'] as const
type View = (typeof views)[number]
const inView: Record<View, (container: Container) => boolean> = {
  all: () => true,
  running: ({ state }) => state === 'running',
  unhealthy: needsLook,
  stopped: ({ state }) => state === 'exited' || state === 'created' || state === 'dead',
}

const orderNames: Record<Order, string> = { worst: 'worst first', cpu: 'most CPU', memory: 'most memory', name: 'name' }

/** Containers, those that need a look first; the log of one below them. */
export function ContainersPage() {
  const [q, setQ] = useQueryState('q', parseAsString.withDefault(''))
  const [show, setShow] = useQueryState('show', parseAsStringLiteral(views).withDefault('all'))
  const [order, setOrder] = useQueryState('sort', parseAsStringLiteral(orders).withDefault('worst'))
  const [log, setLog] = useQueryState('log', parseAsString)
  const [restarting, setRestarting] = useState<Container | null>(null)
  const containers = useRead(listContainers, {}, { every: 10_000 })
  const live = useLiveUse()
  const whyNoLog = useWhyNot()(listContainerLines)
  const all = containers.data?.items ?? []
  const text = q.toLowerCase()
  const matching = all.filter((container) => inView[show](container) && textOf(container).includes(text))
  const shown = inOrder(matching, order, live.settled)
  const count = (view: View): number => all.filter(inView[view]).length
  const sick = count('unhealthy')
  const away = containers.data?.freshness === 'away'
  return (
    <>
      <PageHead
        title={away ? 'Containers' : sick > 0 ? `${sick} ${sick === 1 ? 'container needs' : 'containers need'} a look` : 'Containers'}
        sub={containers.data && <Summary list={containers.data} />}
      />
      {away && <DockerAway known={all.length > 0} asOf={containers.data?.asOf ?? null} onTry={() => void containers.refetch()} />}
      <div className="tools2">
        <SearchField
          label="Filter containers"
          placeholder="Name, image, project or port"
          value={q}
          onChange={(next) => void setQ(next || null)}
        />
        <Segmented
          label="Show"
          value={show}
          onChange={(next) => void setShow(next)}
          options={[
            { value: 'all', label: `All ${all.length}` },
            { value: 'unhealthy', label: `Need a look ${sick}` },
            { value: 'running', label: `Running ${count('running')}` },
            { value: 'stopped', label: `Stopped ${count('stopped')}` },
          ]}
        />
        <Select
          label="Sort"
          value={order}
          onChange={(next) => void setOrder(next)}
          options={orders.map((value) => ({ value, label: orderNames[value] }))}
        />
      </div>
      {!away && <NotLive trouble={live.trouble} />}
      <div className="stack">
        <ContainersTable
          query={containers}
          all={all.length}
          shown={shown}
          away={away}
          live={live}
          order={order}
          onOrder={(next) => void setOrder(next)}
          selected={log}
          whyNoLog={whyNoLog}
          onLog={(name) => void setLog(log === name ? null : name)}
          onRestart={setRestarting}
        />
        {log !== null && <ContainerLog key={log} name={log} denied={whyNoLog} onClose={() => void setLog(null)} />}
      </div>
      {restarting && <RestartDialog container={restarting} onClose={() => setRestarting(null)} />}
    </>
  )
}

function NotLive({ trouble }: Pick<LiveUse, 'trouble'>) {
  if (!trouble) return null
  return (
    <div className="mb">
      <Note kind="warn" role="status" title={`CPU and memory are not live. ${trouble.title}`}>
        {trouble.asOf ? (
          <>
            Shown is what was known <Ago at={trouble.asOf} />.
          </>
        ) : (
          'States, logs and restarts do not need them.'
        )}
      </Note>
    </div>
  )
}

type List = { readonly items: readonly Container[]; readonly asOf: string | null; readonly freshness: string }

function Summary({ list: { items, asOf, freshness } }: { readonly list: List }) {
  if (freshness === 'away') return asOf ? <>Unknown since {asOf.slice(11, 16)} UTC; the rest of the console works</> : <>Unknown</>
  const up = items.filter(({ state, health }) => state === 'running' && health !== 'unhealthy' && health !== 'starting').length
  const of = (fits: (container: Container) => boolean): number => items.filter(fits).length
  const totals = formatTotals(
    {
      up,
      unhealthy: of(({ health }) => health === 'unhealthy'),
      restarting: of(({ state }) => state === 'restarting'),
      starting: of(({ state, health }) => state === 'running' && health === 'starting'),
      paused: of(({ state }) => state === 'paused'),
      stopped: of(inView.stopped),
    },
    items.length,
  )
  return (
    <>
      {totals}
      {asOf && freshness !== 'live' && (
        <>
          {' '}
          · {freshness}, as of <Ago at={asOf} />
        </>
      )}
    </>
  )
}

function textOf({ name, image, project, service, ports }: Container): string {
  return `${name} ${image} ${project ?? ''} ${service ?? ''} ${ports.map((port) => port.public ?? '').join(' ')}`.toLowerCase()
}
