import type { CleanupItem, CleanupPlan } from '@console/contracts/docker/disk-schemas'
import { formatBytes, formatDay } from '@console/ui/format.ts'
import { SearchField } from '@console/ui/search-field.tsx'
import { Countdown } from '@console/ui/time-text.tsx'
import { ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { goesWords, keepsWords, kinds } from './disk-words.ts'

/** Counts, size, and how long the plan may still be confirmed. */
export function PlanBar({ plan }: { readonly plan: CleanupPlan }) {
  return (
    <div className="planbar">
      <div>
        <span className="label">Deletes</span>
        <b>
          {plan.items.length.toLocaleString('en-US')} {plan.items.length === 1 ? 'object' : 'objects'}
        </b>
      </div>
      <div>
        <span className="label">Frees, at least</span>
        <b>{formatBytes(plan.totalBytes)}</b>
      </div>
      <div>
        <span className="label">Keeps</span>
        <b>
          {plan.keptCount.toLocaleString('en-US')} {plan.keptCount === 1 ? 'object' : 'objects'}
        </b>
      </div>
      <div>
        <span className="label">This plan lapses in</span>
        <b>
          <Countdown to={plan.expiresAt} />
        </b>
      </div>
    </div>
  )
}

const firstShown = 5

/** Every object that goes, in groups by kind, each of which opens whole; a search looks through all of them. */
export function PlanObjects({ plan }: { readonly plan: CleanupPlan }) {
  const [q, setQ] = useState('')
  const [open, setOpen] = useState<readonly string[]>([])
  const text = q.toLowerCase()
  const fits = ({ id, names }: CleanupItem): boolean => `${id} ${names.join(' ')}`.toLowerCase().includes(text)
  const groups = kinds.flatMap((kind) => {
    const own = plan.items.filter((item) => item.kind === kind.kind)
    const found = own.filter(fits)
    const shown = q !== '' || open.includes(kind.kind) ? found : found.slice(0, firstShown)
    return own.length === 0 ? [] : [{ ...kind, own, found, shown }]
  })
  return (
    <section className="objs" aria-label="What goes">
      <div className="row between diffh">
        <SearchField
          className="grow logfind"
          label="Search the plan"
          placeholder={`Search ${plan.items.length.toLocaleString('en-US')} objects`}
          value={q}
          onChange={setQ}
        />
      </div>
      <div className="scroll" tabIndex={0} role="region" aria-label="Objects to delete">
        <table className="tbl stk">
          <caption className="vh">Objects to delete</caption>
          <thead>
            <tr>
              <th>Object</th>
              <th>Name</th>
              <th>Made</th>
              <th className="num">Size</th>
              <th>Why it can go</th>
            </tr>
          </thead>
          {groups.map(({ kind, title, own, found, shown }) => (
            <tbody key={kind}>
              <tr className="grp">
                <td colSpan={5}>
                  <span className="row">
                    <b className="c2">{title}</b> {found.length === own.length ? own.length : `${found.length} of ${own.length}`}
                    <span className="push">{formatBytes(own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))}</span>
                  </span>
                </td>
              </tr>
              {shown.map((item) => (
                <ItemRow key={item.id} item={item} />
              ))}
              <MoreRow columns={5} more={found.length - shown.length} onMore={() => setOpen([...open, kind])} />
            </tbody>
          ))}
        </table>
      </div>
      {plan.leftCount > 0 && (
        <p className="small c3 pad">
          {plan.leftCount.toLocaleString('en-US')} more could go. One plan holds 10,000 objects; plan again afterwards.
        </p>
      )}
    </section>
  )
}

/** The way to the rest of a group; nothing where all of it is shown. */
function MoreRow({ columns, more, onMore }: { readonly columns: number; readonly more: number; readonly onMore: () => void }) {
  if (more === 0) return null
  return (
    <tr>
      <td colSpan={columns}>
        <button type="button" className="link small" onClick={onMore}>
          Show {more.toLocaleString('en-US')} more
        </button>
      </td>
    </tr>
  )
}

function ItemRow({ item: { kind, id, names, sizeBytes, createdAt, since, reason } }: { readonly item: CleanupItem }) {
  const known = kinds.find((one) => one.kind === kind)?.one
  const at = since ?? createdAt
  return (
    <tr>
      <td className="m0 mono small" title={id}>
        {kind === 'images' ? id.slice(7, 19) : kind === 'build-cache' ? id.slice(0, 12) : known}
      </td>
      <td className="t1 mono small brk">{kind === 'build-cache' ? names.join(' ') : names.join(', ') || '<none>'}</td>
      <td className="c2 small nowrap" data-l="Made">
        {at === null ? 'unknown' : `${since && kind === 'containers' ? 'ended ' : ''}${formatDay(at)}`}
      </td>
      <td className="t2 num">{formatBytes(sizeBytes)}</td>
      <td className="c2 small" data-l="Why it can go">
        {goesWords[reason]}
      </td>
    </tr>
  )
}

/** What stays of the kinds that were chosen, and why. */
export function KeptObjects({ plan }: { readonly plan: CleanupPlan }) {
  const [all, setAll] = useState(false)
  if (plan.keptCount === 0) return null
  const shown = all ? plan.kept : plan.kept.slice(0, firstShown)
  return (
    <details className="objs" open>
      <summary>
        <ShieldCheck className="ic s" aria-hidden="true" />
        <b>
          {plan.keptCount.toLocaleString('en-US')} {plan.keptCount === 1 ? 'is' : 'are'} kept
        </b>
        <span className="c3 small">and this plan cannot touch {plan.keptCount === 1 ? 'it' : 'them'}</span>
      </summary>
      <div className="scroll" tabIndex={0} role="region" aria-label="What is kept">
        <table className="tbl stk">
          <caption className="vh">What is kept</caption>
          <thead className="vh">
            <tr>
              <th>Object</th>
              <th>Name</th>
              <th>Size</th>
              <th>Why</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ kind, id, names, sizeBytes, why, note }) => (
              <tr key={`${kind} ${id}`}>
                <td className="c2 small" data-l="Object">
                  {kinds.find((one) => one.kind === kind)?.one}
                </td>
                <td className="t1 mono small brk">{names.join(', ') || id.replace('sha256:', '').slice(0, 12)}</td>
                <td className="t2 num small">{formatBytes(sizeBytes)}</td>
                <td className="c2 small" data-l="Why">
                  {keepsWords[why]}
                  {note !== '' && `: ${note}`}
                </td>
              </tr>
            ))}
            <MoreRow columns={4} more={plan.kept.length - shown.length} onMore={() => setAll(true)} />
          </tbody>
        </table>
      </div>
    </details>
  )
}
