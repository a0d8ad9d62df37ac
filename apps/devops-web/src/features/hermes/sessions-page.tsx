'use client'
import type { HermesSession } from '@console/contracts/hermes/schemas'
import { SearchField } from '@console/ui/search-field.tsx'
import { Select } from '@console/ui/select.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { TelemetryPanels } from './telemetry-panels.tsx'

const states = ['all', 'open', 'ended'] as const
const stateWords = { all: 'All', open: 'Open', ended: 'Ended' } as const

/** The sessions of each agent, newest first; what was said in them is not read. */
export function SessionsPage() {
  const [text, setText] = useQueryState('q', parseAsString.withDefault(''))
  const [state, setState] = useQueryState('state', parseAsStringLiteral(states).withDefault('all'))
  const wanted = text.trim().toLowerCase()
  const fits = ({ title, source, model, ended }: HermesSession): boolean =>
    (state === 'all' || ended === (state === 'ended')) &&
    (wanted === '' || [title, source, model].some((part) => part?.toLowerCase().includes(wanted)))
  return (
    <TelemetryPanels
      tab="sessions"
      what="sessions"
      sectionOf={({ sessions }) => sessions}
      filters={
        <>
          <SearchField
            label="Find a session"
            placeholder="Title, source or model"
            value={text}
            onChange={(value) => void setText(value === '' ? null : value)}
          />
          <Select
            label="State"
            value={state}
            options={states.map((value) => ({ value, label: stateWords[value] }))}
            onChange={(value) => void setState(value)}
          />
        </>
      }
    >
      {({ sessions }) => {
        const items = (sessions?.items ?? []).filter(fits)
        return { shown: items.length, table: <Table items={items} /> }
      }}
    </TelemetryPanels>
  )
}

function Table({ items }: { readonly items: readonly HermesSession[] }) {
  return (
    <table className="tbl stk">
      <caption className="vh">Sessions, newest first</caption>
      <thead>
        <tr>
          <th>Title</th>
          <th>Source</th>
          <th>Model</th>
          <th className="num">Messages</th>
          <th>Started</th>
          <th>Last activity</th>
          <th>State</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ id, title, source, model, messages, startedAt, lastActivityAt, ended }) => (
          <tr key={id}>
            <td className="t1">
              <b>{title ?? 'No title'}</b>
              <span className="sub mono">{id}</span>
            </td>
            <td>{source}</td>
            <td className="mono small">{model ?? '–'}</td>
            <td className="num" data-l="Messages">
              {messages ?? '–'}
            </td>
            <td data-l="Started">{startedAt ? <Ago at={startedAt} /> : '–'}</td>
            <td data-l="Last activity">{lastActivityAt ? <Ago at={lastActivityAt} /> : '–'}</td>
            <td className="t2">{ended ? <Status kind="queued">ended</Status> : <Status kind="ok">open</Status>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
