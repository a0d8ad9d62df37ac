'use client'
import { ListTable } from '@console/console/list-table.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listParts } from '@console/contracts/console/actions'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'

/** The parts of the console itself, what each says, and what helps. */
export function PartsPanel() {
  const parts = useRead(listParts, {}, { every: 5_000 })
  return (
    <div>
      <h2 className="strong cap3">Parts of the console</h2>
      <ListTable
        label="Parts of the console"
        query={parts}
        what="Parts"
        className="stk"
        columns={5}
        empty={null}
        head={
          <>
            <th>State</th>
            <th>Part</th>
            <th>What it says</th>
            <th>Since</th>
            <th>What helps</th>
          </>
        }
        rows={(parts.data?.parts ?? []).map((part) => (
          <tr key={part.part}>
            <td className="t2">
              <Status kind={part.state === 'up' ? 'ok' : part.state === 'away' ? 'bad' : 'warn'}>{part.state}</Status>
            </td>
            <td className="t1">
              <b>{part.part}</b>
            </td>
            <td data-l="Says">{part.detail}</td>
            <td className="c2 nowrap" data-l="Since">
              <Ago at={part.since} />
            </td>
            <td className="c2" data-l="Helps">
              {part.remedy ?? '–'}
            </td>
          </tr>
        ))}
      />
    </div>
  )
}
