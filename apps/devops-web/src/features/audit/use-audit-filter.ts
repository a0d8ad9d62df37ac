'use client'
import type { LogName } from '@console/contracts/audit/schemas'
import { debounce, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useMemo } from 'react'

const outcomes = ['started', 'done', 'failed', 'denied', 'unknown'] as const
const logs = ['platform-service', 'devops-backend', 'docker-proxy', 'host-agent'] as const satisfies readonly LogName[]
const spans = ['1h', '24h', '7d', '30d'] as const
const hours: Record<(typeof spans)[number], number> = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 }
const typingMs = 150

const fields = {
  actor: parseAsString.withDefault(''),
  action: parseAsString.withDefault(''),
  target: parseAsString.withDefault(''),
  requestId: parseAsString.withDefault(''),
  outcome: parseAsStringLiteral(outcomes),
  log: parseAsStringLiteral(logs),
  since: parseAsStringLiteral(spans),
  checkpoints: parseAsBoolean.withDefault(false),
  cursor: parseAsString,
  row: parseAsString,
}
type Values = {
  actor: string
  action: string
  target: string
  requestId: string
  outcome: (typeof outcomes)[number] | null
  log: LogName | null
  since: (typeof spans)[number] | null
  checkpoints: boolean
}
export type AuditFilter = ReturnType<typeof useAuditFilter>['query']

/** The view of the audit page, kept in its address; a change of the filter begins at the newest row again. */
export function useAuditFilter() {
  const [state, setState] = useQueryStates(fields)
  const { actor, action, target, requestId, outcome, log, since, checkpoints, cursor, row } = state
  // Whole minutes: else each look at the page would be another question.
  const from = useMemo(
    () => (since ? new Date(Math.floor(Date.now() / 60_000) * 60_000 - hours[since] * 3_600_000).toISOString() : undefined),
    [since],
  )
  return {
    values: { actor, action, target, requestId, outcome, log, since, checkpoints } satisfies Values,
    cursor,
    row,
    query: {
      actor: actor || undefined,
      action: action || undefined,
      target: target || undefined,
      requestId: requestId || undefined,
      outcome: outcome ?? undefined,
      log: log ?? undefined,
      from,
    },
    set: (part: Partial<Values>) => void setState({ ...part, cursor: null }),
    type: (part: Partial<Values>) => void setState({ ...part, cursor: null }, { limitUrlUpdates: debounce(typingMs) }),
    page: (next: string | null) => void setState({ cursor: next }),
    open: (next: string | null) => void setState({ row: next }),
  }
}
