'use client'
import type { RestoreChange, RestorePlan } from '@console/contracts/backups/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { saveBlob } from '@console/ui/save-blob.ts'
import { SearchField } from '@console/ui/search-field.tsx'
import { Download } from 'lucide-react'
import { useState } from 'react'
import type { WholePlan } from './use-whole-plan.ts'

const changeWords: Readonly<Record<RestoreChange['change'], string>> = {
  replace: 'goes back',
  add: 'comes back',
  remove: 'is removed',
}
const perPage = 100

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
    <details className="objs" open={changesTotal <= 12}>
      <summary>
        <b>{changesTotal.toLocaleString('en-US')} change</b>
        <span className="c3 small">by name, hash {changesSha256.slice(0, 8)}</span>
      </summary>
      <div className="pad row wrap">
        <SearchField label="Search the plan" placeholder="Name or id" value={typed} onChange={narrow(setTyped)} />
        <select className="inp" aria-label="Kind" value={kind} onChange={(event) => narrow(setKind)(event.target.value)}>
          <option value="">any kind</option>
          {[...new Set(whole.changes.map((one) => one.kind))].map((name) => (
            <option key={name} value={name}>
              {labelOf(name)}, {countOf({ kind: name })}
            </option>
          ))}
        </select>
        <select className="inp" aria-label="Change" value={change} onChange={(event) => narrow(setChange)(event.target.value)}>
          <option value="">any change</option>
          {(Object.keys(changeWords) as RestoreChange['change'][]).map((name) => (
            <option key={name} value={name}>
              {changeWords[name]}, {countOf({ change: name })}
            </option>
          ))}
        </select>
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
