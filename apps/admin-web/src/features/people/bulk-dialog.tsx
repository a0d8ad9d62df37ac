'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { reasonTrouble } from '@console/console/reason-rule.ts'
import { useCareful } from '@console/console/use-careful.ts'
import { changeUsers, getUser, listUsers } from '@console/contracts/people/actions'
import type { BulkDeed, BulkResult } from '@console/contracts/people/schemas'
import type { Role } from '@console/contracts/shapes'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { SelectField, TextArea, TextField } from '@console/ui/field.tsx'
import { Note } from '@console/ui/states.tsx'
import { useState } from 'react'
import { useProducts } from '../../lib/use-products.ts'
import { BulkResults } from './bulk-results.tsx'
import { bulkWords, peopleCount } from './bulk-words.ts'
import { dayEnd } from './day-end.ts'
import type { Picked } from './use-selection.ts'

const perRequest = 200
const roles = ['viewer', 'operator', 'admin'].map((value) => ({ value, label: value }))

/** One deed to many: what and whom first, then what came of each, and another try for those it was refused for. */
export function BulkDialog({
  deed,
  people,
  onDone,
  onClose,
}: {
  readonly deed: BulkDeed
  readonly people: readonly Picked[]
  /** Told after each run: who is left to do. */
  readonly onDone: (left: ReadonlySet<string>) => void
  readonly onClose: () => void
}) {
  const { client } = useConsole()
  const products = useProducts()
  const [form, setForm] = useState({ reason: '', until: '', product: 'bytelyst-devops', role: 'viewer', plan: '' })
  const set = (part: Partial<typeof form>): void => setForm({ ...form, ...part })
  // Fixed when the dialog opens: who is done leaves the selection behind it.
  const [all] = useState(people)
  const [results, setResults] = useState<ReadonlyMap<string, BulkResult>>(new Map())
  const [asked, setAsked] = useState<readonly Picked[]>(people)
  const needsReason = deed === 'disable' || deed === 'endSessions' || deed === 'requireReset'
  const needsProduct = deed === 'setMembership' || deed === 'removeMembership'
  const plans = products.find(({ id }) => id === form.product)?.plans ?? []
  const until = form.until === '' ? undefined : dayEnd(form.until)
  const body = {
    deed,
    ...(needsReason && { reason: form.reason.trim() }),
    ...(deed === 'disable' && until && { until }),
    ...(needsProduct && { productId: form.product }),
    ...(deed === 'setMembership' && { role: form.role as Role, ...(form.plan && { plan: form.plan }) }),
  }
  /** In parts: what the first ones came to is kept where a later one fails. */
  const careful = useCareful(async () => {
    const known = new Map(results)
    const left = asked.filter(({ id }) => !known.has(id))
    for (let at = 0; at < left.length; at += perRequest) {
      const userIds = left.slice(at, at + perRequest).map(({ id }) => id)
      const answer = await client.call(changeUsers, { body: { ...body, userIds } })
      for (const one of answer.results) known.set(one.userId, one)
      setResults(new Map(known))
    }
    return known
  }, [listUsers, getUser])
  const words = bulkWords[deed]
  const trouble =
    (needsReason ? reasonTrouble(form.reason) : null) ??
    (until !== undefined && Date.parse(until) <= Date.now() ? 'Choose a day to come' : null)
  const finish = (known: ReadonlyMap<string, BulkResult>): void =>
    onDone(new Set(all.filter(({ id }) => known.get(id)?.outcome !== 'done').map(({ id }) => id)))
  const isOver = asked.every(({ id }) => results.has(id)) && !careful.busy
  if (isOver)
    return (
      <BulkResults
        people={all}
        results={results}
        onRetry={(left) => {
          setResults(new Map([...results].filter(([id]) => !left.some((one) => one.id === id))))
          setAsked(left)
        }}
        onClose={onClose}
      />
    )
  const who = peopleCount(asked.length)
  return (
    <CarefulDialog
      careful={careful}
      title={words.title(who)}
      sub={words.sub}
      button={words.button(who)}
      look={words.risky ? 'risk' : 'ink'}
      trouble={trouble}
      troubleShown
      onClose={onClose}
      onDone={finish}
    >
      {results.size > 0 && (
        <Note kind="warn" role="status" title={`${results.size} of ${all.length} are answered`}>
          The others were not asked about yet.
        </Note>
      )}
      <details className="whom" open={asked.length <= 8}>
        <summary>Whom: {who}</summary>
        <ul className="results whom-list">
          {asked.map(({ id, name, email }) => (
            <li key={id}>
              {cleanLogText(name)} <span className="c3">{cleanLogText(email)}</span>
            </li>
          ))}
        </ul>
      </details>
      {needsProduct && (
        <div className="g3">
          <SelectField
            label="Product"
            options={products.map(({ id, label }) => ({ value: id, label: cleanLogText(label) }))}
            value={form.product}
            onChange={(event) => set({ product: event.target.value, plan: '' })}
          />
          {deed === 'setMembership' && (
            <>
              <SelectField label="Role" options={roles} value={form.role} onChange={(event) => set({ role: event.target.value })} />
              <SelectField
                label="Plan"
                options={[{ value: '', label: 'as before' }, ...plans.map((plan) => ({ value: plan, label: cleanLogText(plan) }))]}
                value={form.plan}
                onChange={(event) => set({ plan: event.target.value })}
              />
            </>
          )}
        </div>
      )}
      {needsReason && (
        <TextArea
          label="Reason"
          rows={2}
          value={form.reason}
          hint="Kept in the audit log, in a row for each."
          onChange={(event) => set({ reason: event.target.value })}
        />
      )}
      {deed === 'disable' && (
        <TextField
          label="Until, UTC"
          type="date"
          hint="They are let in again after that day; empty is for good"
          value={form.until}
          onChange={(event) => set({ until: event.target.value })}
        />
      )}
    </CarefulDialog>
  )
}
