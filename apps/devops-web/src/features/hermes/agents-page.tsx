'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { getHermesTelemetry } from '@console/contracts/hermes/actions'
import type { HermesInstance, HermesTelemetry } from '@console/contracts/hermes/schemas'
import { listSignals } from '@console/contracts/hermes/signal-actions'
import type { SignalFigures } from '@console/contracts/hermes/signal-schemas'
import { formatAgo } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status, StatusChip } from '@console/ui/status.tsx'
import { Ago, useNow } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { type ReactNode, useState } from 'react'
import { paths } from '../../lib/paths.ts'
import { HermesHead } from './hermes-head.tsx'
import { reasonWords } from './hermes-words.ts'
import { MemoryWords } from './memory-dialog.tsx'
import { failureWords, latencyWords } from './signal-words.ts'
import { useHermes } from './use-hermes.ts'

const everyMs = 30_000
const first = 5

/** What each agent knows and does, as its files tell. */
export function AgentsPage() {
  const hermes = useHermes()
  const { ops, shown } = hermes
  return (
    <>
      <HermesHead hermes={hermes} tab="agents" />
      <div className="stack">
        {(!ops.data || ops.error) && (
          <Panel>
            <QueryState query={ops} what="The agents" />
          </Panel>
        )}
        {shown.length > 0 && <HealthPanel instances={shown} />}
        {shown.map(({ id, label }) => (
          <Inventory key={id} id={id} label={label} />
        ))}
      </div>
    </>
  )
}

/** From signals that agents send; until one comes there is nothing to say, and that is not zero. */
function HealthPanel({ instances }: { readonly instances: readonly HermesInstance[] }) {
  const query = useRead(listSignals, {}, { every: everyMs })
  return (
    <Panel
      title="Agent health"
      label="of the last 24 hours, from signals the agents send"
      actions={
        <Link className="link small" href={paths.hermesTab('signals')}>
          Open signals
        </Link>
      }
    >
      <QueryState query={query} what="What the agents signal" />
      <table className="tbl stk">
        <caption className="vh">Agent health</caption>
        <thead>
          <tr>
            <th>Agent</th>
            <th>Signals</th>
            <th>Failures</th>
            <th>Latency</th>
            <th>Last success</th>
            <th>Last failure</th>
          </tr>
        </thead>
        <tbody>
          {instances.map(({ id, label }) => (
            <HealthRow key={id} label={label} health={query.data?.items.find(({ instance }) => instance === id)?.health ?? null} />
          ))}
        </tbody>
      </table>
    </Panel>
  )
}

function HealthRow({ label, health }: { readonly label: string; readonly health: SignalFigures | null }) {
  return (
    <tr>
      <td className="t1">
        <b>{label}</b>
      </td>
      <td className="t2">{health === null ? <Status kind="unknown">No data</Status> : health.total.toLocaleString('en')}</td>
      <td data-l="Failures">{failureWords(health)}</td>
      <td data-l="Latency">{latencyWords(health)}</td>
      <td data-l="Last success">{health?.lastSuccessAt ? <Ago at={health.lastSuccessAt} /> : <span className="c3">No data</span>}</td>
      <td data-l="Last failure">
        {health?.lastFailureAt ? (
          <>
            <Ago at={health.lastFailureAt} />
            {health.lastError && `, ${health.lastError}`}
          </>
        ) : (
          <span className="c3">No data</span>
        )}
        {health === null && (
          <>
            {' '}
            <Link className="link small" href={paths.agentKeys}>
              Point it here
            </Link>
          </>
        )}
      </td>
    </tr>
  )
}

function Inventory({ id, label }: { readonly id: string; readonly label: string }) {
  const query = useRead(getHermesTelemetry, { params: { instance: id } }, { every: everyMs })
  const now = useNow()
  const { data } = query
  return (
    <Panel
      title={`${label}: memory and skills`}
      label="Memory & Skills inventory (live)"
      actions={<span className="small c3">read from files, not by the hermes program</span>}
      className={data && query.error ? 'stale' : ''}
    >
      <QueryState query={query} what={`What ${label} knows`} />
      {data?.reason && (
        <Blank kind="unknown" title={`Nothing is known of ${label}`}>
          {reasonWords[data.reason]}
        </Blank>
      )}
      {data && !data.reason && (
        <div className="parts">
          {partsOf(data, now).map((part) => (
            <Part key={part.name} {...part}>
              {part.name === 'Memory' && <MemoryWords id={id} label={label} opened={data.memoryBodies} />}
            </Part>
          ))}
        </div>
      )}
    </Panel>
  )
}

type PartProps = {
  readonly name: string
  readonly section: Pick<NonNullable<HermesTelemetry['memory']>, 'status' | 'reason' | 'total' | 'truncated'> | null
  readonly note: string | null
  readonly lines: readonly { readonly key: string; readonly text: string; readonly warn: boolean }[]
}

function partsOf({ memory, memoryFacts, skills, sessions, cron }: HermesTelemetry, now: number): readonly PartProps[] {
  const ago = (at: string | null): string => (at === null || now === 0 ? '' : `, ${formatAgo(at, now)}`)
  const line = (key: string, text: string, warn = false) => ({ key, text, warn })
  const used = memoryFacts?.usedCharacters ?? null
  return [
    {
      name: 'Memory',
      section: memory,
      note: [
        used === null ? null : `${used} of ${memoryFacts?.limitCharacters} characters used.`,
        memoryFacts?.externalProvider && `External provider: ${memoryFacts.externalProvider}, not listed.`,
      ]
        .filter(Boolean)
        .join(' '),
      lines: (memory?.items ?? []).map(({ entry, characters }) => line(`${entry}`, `Entry ${entry}, ${characters} characters`)),
    },
    {
      name: 'Skills',
      section: skills,
      note: null,
      lines: (skills?.items ?? []).map(({ name, category, provenance, disabled, reason, lastUsedAt }) =>
        line(
          `${category}/${name}`,
          `${name}, ${provenance}${disabled ? ', disabled' : ''}${reason ? ', cannot be read' : ''}${lastUsedAt === null ? '' : `, used${ago(lastUsedAt).slice(1)}`}`,
          reason !== null,
        ),
      ),
    },
    {
      name: 'Sessions',
      section: sessions,
      note: null,
      lines: (sessions?.items ?? []).map(({ id, title, source, lastActivityAt }) =>
        line(id, `${title ?? 'No title'}, ${source}${ago(lastActivityAt)}`),
      ),
    },
    {
      name: 'Cron',
      section: cron,
      note: null,
      lines: (cron?.items ?? []).map(({ id, name, schedule, state, lastStatus, lastDeliveryError }) => {
        const result = lastDeliveryError === null ? (lastStatus ?? 'never ran') : 'delivered nothing'
        const failed = lastDeliveryError !== null || (lastStatus !== null && lastStatus !== 'ok')
        return line(id, `${name}, ${schedule ?? 'no schedule'}, ${state === 'scheduled' ? result : state}`, failed && state === 'scheduled')
      }),
    },
  ]
}

function Part({ name, section, note, lines, children }: PartProps & { readonly children?: ReactNode }) {
  const [all, setAll] = useState(false)
  const shown = all ? lines : lines.slice(0, first)
  const up = section?.status === 'up'
  return (
    <section aria-label={name}>
      <p className="row">
        <b>{name}</b> <StatusChip kind={up ? 'ok' : 'unknown'}>{up ? 'up' : 'unknown'}</StatusChip>
        <span className="push num">{up ? section.total : '–'}</span>
      </p>
      {!up && <p className="c3">{section?.reason ? reasonWords[section.reason] : 'It was not read.'}</p>}
      {up && lines.length === 0 && <p className="c3">None.</p>}
      {up && note && <p className="c3 small">{note}</p>}
      <ul>
        {shown.map(({ key, text, warn }) => (
          <li key={key}>{warn ? <Status kind="warn">{text}</Status> : text}</li>
        ))}
      </ul>
      {lines.length > first && (
        <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `Show ${lines.length}`}
        </button>
      )}
      {all && section?.truncated && (
        <p className="c3 small">
          The first {lines.length} of {section.total}.
        </p>
      )}
      {children}
    </section>
  )
}
