import { Button } from '@console/ui/button.tsx'
import { SearchField } from '@console/ui/search-field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Select } from '@console/ui/select.tsx'
import { X } from 'lucide-react'
import type { useAuditFilter } from './use-audit-filter.ts'

type Filter = ReturnType<typeof useAuditFilter>

/** What is looked for; all of it stands in the address. */
export function AuditFilters({ filter: { values, set, type } }: { readonly filter: Filter }) {
  return (
    <div className="tools2">
      <SearchField
        label="Filter by action"
        placeholder="Action, for example restart"
        value={values.action}
        onChange={(action) => type({ action })}
      />
      <SearchField
        label="Filter by person"
        placeholder="Person"
        className="msg"
        value={values.actor}
        onChange={(actor) => type({ actor })}
      />
      <Segmented
        label="Outcome"
        value={values.outcome ?? 'all'}
        onChange={(next) => set({ outcome: next === 'all' ? null : next })}
        options={[
          { value: 'all', label: 'All' },
          { value: 'done', label: 'Done' },
          { value: 'failed', label: 'Failed' },
          { value: 'denied', label: 'Denied' },
        ]}
      />
      <Select
        label="Log"
        value={values.log ?? ''}
        onChange={(log) => set({ log: log || null })}
        options={[
          { value: '', label: 'all four' },
          { value: 'platform-service', label: 'platform-service' },
          { value: 'devops-backend', label: 'devops-backend' },
          { value: 'docker-proxy', label: 'docker-proxy' },
          { value: 'host-agent', label: 'host-agent' },
        ]}
      />
      <Select
        label="Since"
        value={values.since ?? ''}
        onChange={(since) => set({ since: since || null })}
        options={[
          { value: '', label: 'the first row' },
          { value: '1h', label: '1 h' },
          { value: '24h', label: '24 h' },
          { value: '7d', label: '7 d' },
          { value: '30d', label: '30 d' },
        ]}
      />
      <Select
        label="Checkpoints"
        value={values.checkpoints ? 'show' : 'hide'}
        onChange={(next) => set({ checkpoints: next === 'show' })}
        options={[
          { value: 'hide', label: 'hidden' },
          { value: 'show', label: 'shown' },
        ]}
      />
      <Chip name="request" value={values.requestId.slice(0, 8)} onClear={() => set({ requestId: '' })} />
      <Chip name="on" value={values.target} onClear={() => set({ target: '' })} />
    </div>
  )
}

function Chip({ name, value, onClear }: { readonly name: string; readonly value: string; readonly onClear: () => void }) {
  if (value === '') return null
  return (
    <span className="filter">
      <span>
        <span className="k">{name}:</span> {value}
      </span>
      <Button look="quiet" small aria-label={`Clear ${name}`} icon={<X className="ic s" aria-hidden="true" />} onClick={onClear} />
    </span>
  )
}
