'use client'
import type { RestoreChange, RestorePlan } from '@console/contracts/backups/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { formatCount } from '@console/ui/format.ts'
import { saveBlob } from '@console/ui/save-blob.ts'
import { SearchField } from '@console/ui/search-field.tsx'
import { Select } from '@console/ui/select.tsx'
import { Download } from 'lucide-react'
import { useState } from 'react'
import type { WholePlan } from './use-whole-plan.ts'

const changeWords: Readonly<Record<RestoreChange['change'], string>> = {
  replace: 'goes back',
  add: 'comes back',
  remove: 'is removed',
}
const perPage = 100
/** How many are looked at without being asked for, and narrowed by nothing. */
const shownWhole = 12

/** Each object that changes, page by page, narrowed by kind, by what happens to it and by name; all of it as a file. */
export function RestoreChanges({ plan, whole }: { readonly plan: RestorePlan; readonly whole: WholePlan }) {
  const [kind, setKind] = useState('')
  const [change, setChange] = useState('')
  const [typed, setTyped] = useState('')
  const [page, setPage] = useState(0)
  const { changesTotal, changesSha256, backupId } = plan
  if (changesTotal === 0) return null
  const words = typed.trim().toLowerCase()
  const found = whole.changes.filter(
    (one) =>
      (kind === '' || one.kind === kind) &&
      (change === '' || one.change === change) &&
      (words === '' || `${one.name} ${one.id}`.toLowerCase().includes(words)),
  )
  const pages = Math.max(1, Math.ceil(found.length / perPage))
  const at = Math.min(page, pages - 1)
  const labelOf = (name: string): string => plan.kinds.find((one) => one.kind === name)?.label ?? name
  const countOf = (which: Partial<RestoreChange>): number =>
    whole.changes.filter((one) => Object.entries(which).every(([field, value]) => one[field as 'kind'] === value)).length
  const narrow = (set: (value: string) => void) => (value: string) => {
    set(value)
    setPage(0)
  }
  return (
    <details className="objs" open={changesTotal <= shownWhole}>
      <summary>
        <b>{formatCount(changesTotal, 'change')}</b>
        <span className="c3 small">one by one, hash {changesSha256.slice(0, 8)}</span>
      </summary>
      <div className="row between wrap diffh">
        {changesTotal > shownWhole && (
          <>
            <SearchField
              className="grow logfind"
              label="Search the plan"
              placeholder="Name or id"
              value={typed}
              onChange={narrow(setTyped)}
            />
            <Select
              label="Kind"
              value={kind}
              options={[
                { value: '', label: 'any' },
                ...plan.kinds.flatMap((one) => {
                  const count = countOf({ kind: one.kind })
                  return count === 0 ? [] : [{ value: one.kind, label: `${one.label}, ${count}` }]
                }),
              ]}
              onChange={narrow(setKind)}
            />
            <Select
              label="What"
              value={change}
              options={[
                { value: '', label: 'any' },
                ...(Object.keys(changeWords) as RestoreChange['change'][]).map((value) => ({
                  value,
                  label: `${changeWords[value]}, ${countOf({ change: value })}`,
                })),
              ]}
              onChange={narrow(setChange)}
            />
          </>
        )}
        <Button
          small
          icon={<Download className="ic s" aria-hidden="true" />}
          disabledReason={whole.trouble}
          reasonHidden
          onClick={() => saveBlob(new Blob([whole.text], { type: 'application/x-ndjson' }), `restore-${backupId}.ndjson`)}
        >
          Save the plan
        </Button>
      </div>
      <div className="scroll" tabIndex={0} role="region" aria-label="What changes">
        <table className="tbl stk">
          <caption className="vh">What changes</caption>
          <tbody>
            {found.slice(at * perPage, (at + 1) * perPage).map((one) => (
              <tr key={`${one.kind} ${one.pk} ${one.id}`}>
                <td className="t1 small brk">{cleanLogText(one.name)}</td>
                <td className="c2 small" data-l="Kind">
                  {labelOf(one.kind)}
                </td>
                <td className="t2 c2 small" data-l="What">
                  {changeWords[one.change]}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {found.length === 0 && <p className="pad c2 small">Nothing in the plan matches.</p>}
      </div>
      {pages > 1 && (
        <div className="pad row">
          <span className="small c2" role="status">
            {(at * perPage + 1).toLocaleString('en-US')} to {Math.min(found.length, (at + 1) * perPage).toLocaleString('en-US')} of{' '}
            {found.length.toLocaleString('en-US')}
          </span>
          <span className="push row">
            <Button small disabledReason={at === 0 ? 'This is the first page' : null} reasonHidden onClick={() => setPage(at - 1)}>
              Before
            </Button>
            <Button small disabledReason={at === pages - 1 ? 'This is the last page' : null} reasonHidden onClick={() => setPage(at + 1)}>
              Next
            </Button>
          </span>
        </div>
      )}
    </details>
  )
}
