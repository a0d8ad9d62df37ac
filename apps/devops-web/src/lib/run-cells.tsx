import type { Run } from '@console/contracts/deployments/schemas'
import { formatDuration } from '@console/ui/format.ts'
import { Ago } from '@console/ui/time-text.tsx'

/** Why, by whom, when, how long and with what verdict, as five cells of a table of runs. */
export function RunCells({ run }: { readonly run: Run }) {
  return (
    <>
      <td data-l="Reason">{run.reason}</td>
      <td className="c2 nowrap" data-l="By">
        {run.actor.name ?? run.actor.id}
      </td>
      <td className="c2 nowrap" data-l="Started">
        <Ago at={run.startedAt ?? run.queuedAt} />
      </td>
      <td className="num" data-l="Took">
        {run.endedAt && run.startedAt ? formatDuration(Date.parse(run.endedAt) - Date.parse(run.startedAt)) : '–'}
      </td>
      <td className="c2 small verd" data-l="Verdict">
        {run.outcome ?? '–'}
      </td>
    </>
  )
}
