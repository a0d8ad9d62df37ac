'use client'
import { AuditTable } from '@console/console/audit-table.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listPlatformAuditRows } from '@console/contracts/audit/actions'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { SearchField } from '@console/ui/search-field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Select } from '@console/ui/select.tsx'
import { X } from 'lucide-react'
import { debounce, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

const typingMs = 150
const fields = {
  action: parseAsString.withDefault(''),
  actor: parseAsString.withDefault(''),
  requestId: parseAsString,
  /** What was acted on, such as a person’s id. */
  target: parseAsString,
  outcome: parseAsStringLiteral(['done', 'failed', 'denied'] as const),
  checkpoints: parseAsBoolean.withDefault(false),
  cursor: parseAsString,
  row: parseAsString,
}

/** Who signed in and who changed access, newest first. */
export function AuditPage() {
  const [{ action, actor, requestId, target, outcome, checkpoints, cursor, row }, set] = useQueryStates(fields)
  const type = (part: { action?: string; actor?: string }): void =>
    void set({ ...part, requestId: null, cursor: null }, { limitUrlUpdates: debounce(typingMs) })
  const rows = useRead(
    listPlatformAuditRows,
    {
      query: {
        action: action || undefined,
        actor: actor || undefined,
        requestId: requestId ?? undefined,
        target: target ?? undefined,
        outcome: outcome ?? undefined,
        checkpoints: checkpoints ? undefined : 'hide',
        limit: '100',
        cursor: cursor ?? undefined,
      },
    },
    cursor ? {} : { every: 10_000 },
  )
  return (
    <>
      <PageHead title="Audit" sub="Sign-ins, good and bad, and every change of access. Rows cannot be edited; times in UTC." />
      <div className="tools2">
        <SearchField
          label="Filter by action"
          placeholder="Action, for example auth.session"
          value={action}
          onChange={(next) => type({ action: next })}
        />
        <SearchField
          label="Filter by person"
          placeholder="Person"
          className="msg"
          value={actor}
          onChange={(next) => type({ actor: next })}
        />
        {target !== null && (
          <Button
            aria-label={`About ${target}: show all`}
            icon={<X className="ic s" aria-hidden="true" />}
            onClick={() => void set({ target: null, cursor: null })}
          >
            about <span className="mono">{target.slice(0, 12)}</span>
          </Button>
        )}
        <Segmented
          label="Outcome"
          value={outcome ?? 'all'}
          onChange={(next) => void set({ outcome: next === 'all' ? null : next, cursor: null })}
          options={[
            { value: 'all', label: 'All' },
            { value: 'done', label: 'Done' },
            { value: 'failed', label: 'Failed' },
            { value: 'denied', label: 'Denied' },
          ]}
        />
        <Select
          label="Checkpoints"
          value={checkpoints ? 'show' : 'hide'}
          onChange={(next) => void set({ checkpoints: next === 'show', cursor: null })}
          options={[
            { value: 'hide', label: 'hidden' },
            { value: 'show', label: 'shown' },
          ]}
        />
      </div>
      <AuditTable
        query={rows}
        open={row}
        onOpen={(next) => void set({ row: next })}
        onRequest={(next) => void set({ requestId: next, cursor: null })}
        cursor={cursor}
        onPage={(next) => void set({ cursor: next })}
      />
    </>
  )
}
