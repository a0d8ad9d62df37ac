'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { getHermesTelemetry } from '@console/contracts/hermes/actions'
import type { HermesReason, HermesTelemetry } from '@console/contracts/hermes/schemas'
import { Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { StatusChip } from '@console/ui/status.tsx'
import type { ReactNode } from 'react'
import { HermesHead } from './hermes-head.tsx'
import { reasonWords } from './hermes-words.ts'
import { useHermes } from './use-hermes.ts'

const everyMs = 30_000
type Section = Pick<NonNullable<HermesTelemetry['sessions']>, 'status' | 'reason' | 'total' | 'truncated'> | null

/** One part of what each shown instance tells, a panel each with its states. */
export function TelemetryPanels({
  tab,
  what,
  filters,
  sectionOf,
  children,
}: {
  readonly tab: 'sessions' | 'cron'
  readonly what: string
  readonly filters?: ReactNode
  readonly sectionOf: (told: HermesTelemetry) => Section
  readonly children: (told: HermesTelemetry) => { readonly shown: number; readonly table: ReactNode; readonly note?: ReactNode }
}) {
  const hermes = useHermes()
  const { ops, shown } = hermes
  return (
    <>
      <HermesHead hermes={hermes} tab={tab} />
      {filters && <div className="row w mb">{filters}</div>}
      <div className="stack">
        {(!ops.data || ops.error) && (
          <Panel>
            <QueryState query={ops} what="The agents" />
          </Panel>
        )}
        {shown.map(({ id, label }) => (
          <One key={id} id={id} label={label} what={what} sectionOf={sectionOf}>
            {children}
          </One>
        ))}
      </div>
    </>
  )
}

function One({
  id,
  label,
  what,
  sectionOf,
  children,
}: Pick<Parameters<typeof TelemetryPanels>[0], 'what' | 'sectionOf' | 'children'> & { readonly id: string; readonly label: string }) {
  const query = useRead(getHermesTelemetry, { params: { instance: id } }, { every: everyMs })
  const { data } = query
  const section = data ? sectionOf(data) : null
  const up = section?.status === 'up'
  const drawn = data && up ? children(data) : null
  return (
    <Panel
      title={`${label}: ${what}`}
      {...(up && { label: `${section.total} in all${section.truncated ? ', the newest shown' : ''}` })}
      actions={data && <StatusChip kind={up ? 'ok' : 'unknown'}>{up ? 'up' : 'unknown'}</StatusChip>}
      className={data && query.error ? 'stale' : ''}
    >
      <QueryState query={query} what={`What ${label} does`} />
      {data && !up && (
        <Blank kind="unknown" title="It is not known">
          {why(data.reason ?? section?.reason ?? null)}
        </Blank>
      )}
      {drawn?.note}
      {drawn && (drawn.shown === 0 ? <Blank title={section?.total === 0 ? 'None' : 'None fits'} /> : drawn.table)}
    </Panel>
  )
}

const why = (reason: HermesReason | null): string => (reason === null ? 'It was not read.' : reasonWords[reason])
