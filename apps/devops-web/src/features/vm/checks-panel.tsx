import { QueryState } from '@console/console/query-state.tsx'
import type { useRead } from '@console/console/use-action.ts'
import type { getVmHealth } from '@console/contracts/vm/actions'
import type { VmCheck } from '@console/contracts/vm/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatDuration, formatInstant } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { LoadingRows } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { Play } from 'lucide-react'
import { verdicts, worstFirst } from './health-words.ts'

type Props = { readonly query: ReturnType<typeof useRead<typeof getVmHealth>>; readonly onRun: () => void }

/** What the machine's own script looked at, the worst first, each with what to do. */
export function ChecksPanel({ query, onRun }: Props) {
  const { data, isPending, isFetching } = query
  return (
    <Panel
      title="Checks"
      label={
        data && (
          <>
            <span className="mono">{data.script.name}</span>, <span className="mono">{data.script.sha256.slice(0, 8)}</span>,{' '}
            <Ago at={data.checkedAt} />, took {formatDuration(data.tookMs)}
          </>
        )
      }
      actions={
        <Button small icon={<Play className="ic s" aria-hidden="true" />} busy={isFetching} onClick={onRun}>
          Run now
        </Button>
      }
      className={data && query.error ? 'stale' : ''}
    >
      {!isPending && <QueryState query={query} what="Checks" />}
      {(isPending || data) && (
        <table className="tbl two stk vmchecks" aria-busy={isPending}>
          <caption className="vh">Checks, worst first</caption>
          <thead>
            <tr>
              <th>Verdict</th>
              <th>Check</th>
              <th>Measured</th>
              <th>Wanted</th>
              <th className="num">For</th>
            </tr>
          </thead>
          <tbody>
            {isPending && <LoadingRows columns={5} />}
            {data && worstFirst(data.checks).map((check) => <Row key={check.id} check={check} at={data.checkedAt} />)}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function Row({ check: { title, status, measured, wanted, advice, since }, at }: { readonly check: VmCheck; readonly at: string }) {
  const forMs = Date.parse(at) - Date.parse(since)
  const { kind, word } = verdicts[status]
  return (
    <tr data-row>
      <td className="t2">
        <Status kind={kind}>{word}</Status>
      </td>
      <td className="t1">
        <b>{title}</b>
      </td>
      <td className="c2" data-l="Measured">
        {measured}
        {status !== 'ok' && advice !== '' && <span className="sub">{advice}</span>}
      </td>
      <td className="c3" data-l="Wanted">
        {wanted === '' ? '–' : wanted}
      </td>
      <td className="num c2" data-l="For" title={`since ${formatInstant(since)}, as far as somebody looked`}>
        {(status === 'fail' || status === 'warn') && (forMs === 0 ? 'new' : formatDuration(forMs))}
      </td>
    </tr>
  )
}
