'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useDo, useRead, useWhyNot } from '@console/console/use-action.ts'
import { listContainerLines, listContainers, restartContainer } from '@console/contracts/docker/actions'
import type { Container } from '@console/contracts/docker/schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextArea } from '@console/ui/field.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Facts } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { Status, type StatusKind } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { RotateCw, ScrollText, Search } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { useRef, useState } from 'react'
import { ContainerLog } from './container-log.tsx'

const views = ['all', 'running', 'unhealthy'] as const

/** Containers, those that need a look first; the log of one beside them. */
export function ContainersPage() {
  const [q, setQ] = useQueryState('q', parseAsString.withDefault(''))
  const [show, setShow] = useQueryState('show', parseAsStringLiteral(views).withDefault('all'))
  const [log, setLog] = useQueryState('log', parseAsString)
  const [restarting, setRestarting] = useState<Container | null>(null)
  const containers = useRead(listContainers, {}, { every: 10_000 })
  const whyNot = useWhyNot()
  const all = containers.data?.items ?? []
  const shown = all.filter(
    (container) =>
      (show === 'all' || (show === 'running' ? container.state === 'running' : needsLook(container))) &&
      `${container.name} ${container.image} ${container.project ?? ''}`.toLowerCase().includes(q.toLowerCase()),
  )
  const sick = all.filter(needsLook).length
  const away = containers.data?.freshness === 'away'
  return (
    <>
      <PageHead
        title={
          away ? 'Docker does not answer' : sick > 0 ? `${sick} ${sick === 1 ? 'container needs' : 'containers need'} a look` : 'Containers'
        }
        sub={
          containers.data && (
            <>
              {all.filter(({ state }) => state === 'running').length} running of {all.length}
              {containers.data.engine && ` · engine ${containers.data.engine.version}`}
              {containers.data.asOf && (
                <>
                  {' '}
                  · as of <Ago at={containers.data.asOf} />
                </>
              )}
              {containers.data.freshness !== 'live' && ` · ${containers.data.freshness}`}
            </>
          )
        }
      />
      {away && (
        <div className="mb">
          <Note kind="bad" title={all.length > 0 ? 'Shown is what was last known.' : 'Nothing is known yet.'}>
            Start Docker, or give the account of docker-proxy access to its socket (group docker). This page recovers by itself.
          </Note>
        </div>
      )}
      <div className="tools2">
        <span className="search grow">
          <Search className="ic s" aria-hidden="true" />
          <input
            className="inp"
            type="search"
            aria-label="Filter containers"
            placeholder="Filter by name, image, project"
            value={q}
            onChange={(event) => void setQ(event.target.value || null)}
          />
        </span>
        <Segmented
          label="Show"
          value={show}
          onChange={(next) => void setShow(next)}
          options={[
            { value: 'all', label: `all ${all.length}` },
            { value: 'running', label: 'running' },
            { value: 'unhealthy', label: `need a look ${sick}` },
          ]}
        />
      </div>
      <div className="stack">
        <section className={`panel ${away ? 'stale' : ''}`} aria-label="Containers">
          <QueryState query={containers} what="Containers" />
          {containers.data && all.length === 0 && !away && <Blank title="No container is on this host" />}
          {all.length > 0 && shown.length === 0 && <Blank title="No container matches" />}
          {shown.length > 0 && (
            <table className="tbl two stk">
              <thead>
                <tr>
                  <th>State</th>
                  <th>Name</th>
                  <th className="m1">Image</th>
                  <th>Project</th>
                  <th>Ports</th>
                  <th className="num">Restarts</th>
                  <th>
                    <span className="vh">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {shown.map((container) => {
                  const { kind, word, detail } = wordsOf(container)
                  return (
                    <tr key={container.id} className={log === container.name ? 'on' : ''}>
                      <td className="t2">
                        <Status kind={kind}>{word}</Status>
                        <span className="sub">{detail}</span>
                      </td>
                      <td className="name t1">
                        <b className="mono">{container.name}</b>
                        <span className="sub mono">{container.id.slice(0, 12)}</span>
                      </td>
                      <td className="mono small m1" data-l="Image">
                        {container.image}
                      </td>
                      <td className="c2" data-l="Project">
                        {container.project ?? '–'}
                      </td>
                      <td className="mono small" data-l="Ports">
                        {portsOf(container)}
                      </td>
                      <td className="num" data-l="Restarts">
                        {container.restartCount ?? '–'}
                      </td>
                      <td className="act">
                        <Button
                          small
                          icon={<ScrollText className="ic s" aria-hidden="true" />}
                          disabledReason={whyNot(listContainerLines)}
                          reasonHidden
                          onClick={() => void setLog(log === container.name ? null : container.name)}
                        >
                          Log
                        </Button>{' '}
                        <Button
                          small
                          icon={<RotateCw className="ic s" aria-hidden="true" />}
                          disabledReason={
                            whyNot(restartContainer) ??
                            (container.protected ? 'A part of the console itself' : away ? 'Docker does not answer' : null)
                          }
                          reasonHidden
                          onClick={() => setRestarting(container)}
                        >
                          Restart…
                        </Button>
                      </td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          )}
        </section>
        {log !== null && <ContainerLog key={log} name={log} denied={whyNot(listContainerLines)} onClose={() => void setLog(null)} />}
      </div>
      {restarting && <RestartDialog container={restarting} onClose={() => setRestarting(null)} />}
    </>
  )
}

function RestartDialog({ container, onClose }: { readonly container: Container; readonly onClose: () => void }) {
  const restart = useDo(restartContainer, { changes: [listContainers] })
  const toast = useToast()
  const [reason, setReason] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const go = (): void =>
    restart.mutate(
      { params: { name: container.name }, body: { reason: reason.trim() }, activity: true },
      {
        onSuccess: ({ durationMs }) => {
          toast({ kind: 'ok', title: `${container.name} was restarted`, text: `It took ${(durationMs / 1_000).toFixed(1)} s.` })
          onClose()
        },
      },
    )
  return (
    <Dialog
      open
      onClose={onClose}
      busy={restart.isPending}
      title={`Restart ${container.name}?`}
      sub={restartContainer.confirm}
      initialFocus={field}
      footer={
        <span className="push row">
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <Button
            look="ink"
            busy={restart.isPending}
            disabledReason={reason.trim().length < 3 ? 'Give a reason of at least 3 characters' : null}
            reasonHidden
            onClick={go}
          >
            {restart.isPending ? 'Restarting' : `Restart ${container.name}`}
          </Button>
        </span>
      }
    >
      {restart.error && (
        <Note kind="bad" role="alert" title={restart.error.message}>
          {restart.error.code}, request {restart.error.requestId}
        </Note>
      )}
      <Facts
        boxed
        items={[
          [
            'Image',
            <span key="i" className="mono">
              {container.image}
            </span>,
          ],
          ['State', container.status],
          [
            'Id',
            <span key="d" className="mono">
              {container.id.slice(0, 12)}
            </span>,
          ],
        ]}
      />
      <TextArea
        ref={field}
        label="Reason"
        rows={2}
        value={reason}
        hint="Kept in the audit log."
        onChange={(event) => setReason(event.target.value)}
      />
    </Dialog>
  )
}

function needsLook({ state, health, oomKilled, exitCode }: Container): boolean {
  return (
    state === 'restarting' ||
    state === 'dead' ||
    health === 'unhealthy' ||
    oomKilled ||
    (state === 'exited' && exitCode !== null && exitCode !== 0 && exitCode !== 143)
  )
}

function wordsOf({ state, health, status, oomKilled }: Container): { kind: StatusKind; word: string; detail: string } {
  if (oomKilled) return { kind: 'bad', word: 'out of memory', detail: status }
  if (state === 'restarting') return { kind: 'bad', word: 'restarting', detail: status }
  if (health === 'unhealthy') return { kind: 'bad', word: 'unhealthy', detail: status }
  if (state === 'running')
    return { kind: health === 'starting' ? 'running' : 'ok', word: health === 'none' ? 'running' : health, detail: status }
  return { kind: state === 'paused' ? 'paused' : 'stopped', word: state, detail: status }
}

function portsOf({ ports }: Container): string {
  const published = ports
    .filter(({ public: outside }) => outside !== null)
    .map(({ public: outside, private: inside }) => `${outside}→${inside}`)
  return [...new Set(published)].join(' ') || '–'
}
