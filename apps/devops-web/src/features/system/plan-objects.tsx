import { CleanupKept } from '@console/console/cleanup-kept.tsx'
import { CleanupObjects, firstShown, MoreRow } from '@console/console/cleanup-objects.tsx'
import type { CleanupItem, CleanupPlan } from '@console/contracts/docker/disk-schemas'
import { formatBytes, formatDay } from '@console/ui/format.ts'
import { useState } from 'react'
import { goesWords, keepsWords, kinds } from './disk-words.ts'

/** Every object that goes, with its name and why it can. */
export function PlanObjects({ plan }: { readonly plan: CleanupPlan }) {
  return (
    <CleanupObjects
      items={plan.items}
      kinds={kinds}
      textOf={({ id, names }) => `${id} ${names.join(' ')}`}
      columns={5}
      head={
        <>
          <th>Object</th>
          <th>Name</th>
          <th>Made</th>
          <th className="num">Size</th>
          <th>Why it can go</th>
        </>
      }
      row={(item) => <ItemRow key={item.id} item={item} />}
      left={
        plan.leftCount > 0 &&
        `${plan.leftCount.toLocaleString('en-US')} more could go. One plan holds 10,000 objects; plan again afterwards.`
      }
    />
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
  const shown = all ? plan.kept : plan.kept.slice(0, firstShown)
  return (
    <CleanupKept
      count={plan.keptCount}
      heads={['Object', 'Name', 'Size', 'Why']}
      rows={
        <>
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
        </>
      }
    />
  )
}
