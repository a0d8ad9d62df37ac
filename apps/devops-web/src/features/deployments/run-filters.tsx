'use client'
import { runStates } from '@console/contracts/deployments/run-states'
import type { Run } from '@console/contracts/deployments/schemas'
import { SearchField } from '@console/ui/search-field.tsx'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'

const states = [...runStates, 'open'] as const

/** What the list of runs is narrowed to, as it stands in the address. */
export function useRunFilter() {
  const [serviceId, setServiceId] = useQueryState('serviceId', parseAsString.withDefault(''))
  const [state, setState] = useQueryState('state', parseAsStringLiteral(states))
  const [q, setQ] = useQueryState('q', parseAsString.withDefault('').withOptions({ throttleMs: 150 }))
  const clear = (): void => {
    void setServiceId(null)
    void setState(null)
    void setQ(null)
  }
  return { serviceId, setServiceId, state, setState, q, setQ, clear }
}

/** Free text over what is loaded; state and service are asked of the API. */
export function RunFilters({
  filter: { serviceId, setServiceId, state, setState, q, setQ },
  services,
}: {
  readonly filter: ReturnType<typeof useRunFilter>
  readonly services: readonly string[]
}) {
  return (
    <div className="tools2">
      <SearchField
        label="Search runs"
        placeholder="Run, service, reason or person"
        value={q}
        onChange={(next) => void setQ(next || null)}
      />
      <select
        className="inp pickone"
        aria-label="State"
        value={state ?? ''}
        onChange={(event) => void setState((event.target.value || null) as Run['state'] | null)}
      >
        <option value="">any state</option>
        {states.map((name) => (
          <option key={name} value={name}>
            {name === 'open' ? 'not ended' : name === 'timed-out' ? 'timed out' : name}
          </option>
        ))}
      </select>
      <select
        className="inp pickone"
        aria-label="Service"
        value={serviceId}
        onChange={(event) => void setServiceId(event.target.value || null)}
      >
        <option value="">any service</option>
        {[...new Set([...services, ...(serviceId ? [serviceId] : [])])].map((id) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </select>
    </div>
  )
}
