'use client'
import { useRead } from '@console/console/use-action.ts'
import { listThrottles } from '@console/contracts/people/actions'
import type { Throttle } from '@console/contracts/people/schemas'
import { PageHead } from '@console/ui/page-head.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useState } from 'react'
import { LiftDialog } from './lift-dialog.tsx'
import { ThrottleTable } from './throttle-table.tsx'

const kinds = ['account', 'address', 'reset'] as const
const states = ['blocked', 'near'] as const

/** Who is held back after failed sign-ins, and for how long. */
export function ThrottlesPage() {
  const [{ kind, state }, set] = useQueryStates({ kind: parseAsStringLiteral(kinds), state: parseAsStringLiteral(states) })
  const [lifting, setLifting] = useState<Throttle | null>(null)
  const throttles = useRead(listThrottles, { query: { kind: kind ?? undefined, state: state ?? undefined } }, { every: 5_000 })
  return (
    <>
      <PageHead
        title={findingOf(throttles.data)}
        sub="After 10 failed sign-ins in 15 min an account is held back, after 30 attempts in 1 min an address. A block ends by itself."
      />
      <div className="tools2">
        <Segmented
          label="Kind"
          value={kind ?? 'all'}
          onChange={(next) => void set({ kind: next === 'all' ? null : next })}
          options={[
            { value: 'all', label: 'All' },
            { value: 'account', label: 'Accounts' },
            { value: 'address', label: 'Addresses' },
            { value: 'reset', label: 'Links' },
          ]}
        />
        <Segmented
          label="State"
          value={state ?? 'all'}
          onChange={(next) => void set({ state: next === 'all' ? null : next })}
          options={[
            { value: 'all', label: 'All' },
            { value: 'blocked', label: 'Blocked' },
            { value: 'near', label: 'Near to it' },
          ]}
        />
      </div>
      <ThrottleTable query={throttles} filtered={kind !== null || state !== null} onLift={setLifting} />
      {lifting && <LiftDialog throttle={lifting} onClose={() => setLifting(null)} />}
    </>
  )
}

function findingOf(data: { readonly blocked: number; readonly near: number } | undefined): string {
  if (!data) return 'Blocked sign-ins'
  if (data.blocked > 0) return data.blocked === 1 ? '1 sign-in is blocked' : `${data.blocked} sign-ins are blocked`
  return data.near > 0 ? 'Nobody is blocked, some are near to it' : 'Nobody is blocked'
}
