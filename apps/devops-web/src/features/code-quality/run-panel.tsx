'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useDo, useRead, useWhyNot } from '@console/console/use-action.ts'
import { cancelCodeRun, getCodeRun, listCodeRunLines, listCodeRuns } from '@console/contracts/code-quality/actions'
import { Button } from '@console/ui/button.tsx'
import { formatBytes, formatCount, formatDuration } from '@console/ui/format.ts'
import { LogView } from '@console/ui/log-view.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import { useEffect, useMemo, useState } from 'react'
import { countsText, kindOf, tookMs } from './check-words.ts'

const everyMs = 2_000
const mostLines = 5_000

/** One run: each check with what it counted, and its output while it grows. */
export function RunPanel({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const now = useNow()
  const [whole, setWhole] = useState(false)
  const whyNot = useWhyNot()
  const noLog = whyNot(listCodeRunLines)
  const run = useRead(getCodeRun, { params: { id } }, { every: everyMs })
  const lines = useRead(
    listCodeRunLines,
    { params: { id }, query: { after: String(Math.max(0, (run.data?.lines ?? 0) - mostLines)), limit: String(mostLines) } },
    { ...(!whole && { every: everyMs }), enabled: noLog === null && run.data !== undefined },
  )
  // Once the last line is here nothing more is asked for.
  useEffect(() => setWhole(lines.data?.ended === true), [lines.data])
  const cancel = useDo(cancelCodeRun, { changes: [getCodeRun, listCodeRuns] })
  const rows = useMemo(
    () => (lines.data?.items ?? []).map(({ seq, at, stream, text }) => ({ key: seq, no: stream === 'chk' ? null : seq, at, stream, text })),
    [lines.data],
  )
  if (!run.data)
    return (
      <section className="panel">
        <QueryState query={run} what="The run" />
      </section>
    )
  const { projectPath, state, checks, outcome, endedAt, bytes, cut, firstErrorLine } = run.data
  const ended = endedAt !== null
  const denied = whyNot(cancelCodeRun)
  return (
    <>
      <Panel
        title={projectPath}
        label={<Status kind={kindOf[state]}>{state}</Status>}
        actions={
          <span className="row">
            {!ended && (
              <Button
                small
                busy={cancel.isPending}
                disabledReason={denied}
                reasonHidden
                onClick={() => cancel.mutate({ params: { id }, body: { reason: 'cancelled on the page' }, activity: true })}
              >
                Cancel run
              </Button>
            )}
            <Button small onClick={onClose}>
              Close
            </Button>
          </span>
        }
        footer={outcome && <span>{outcome}</span>}
      >
        {cancel.error && (
          <Note kind="bad" role="alert" title={cancel.error.message}>
            {cancel.error.code}
          </Note>
        )}
        <table className="tbl stk">
          <thead>
            <tr>
              <th>Check</th>
              <th>Result</th>
              <th>Counted</th>
              <th className="num">Took</th>
            </tr>
          </thead>
          <tbody>
            {checks.map((check) => {
              const took = tookMs(check, now)
              return (
                <tr key={check.name}>
                  <td className="mono t1">{check.name}</td>
                  <td className="t2">
                    <Status kind={kindOf[check.state]}>{check.state}</Status>
                    {check.bound === 'memory' && <span className="sub">reached the memory that checks may take</span>}
                  </td>
                  <td data-l="Counted">{countsText(check.counts) || <span className="c3">–</span>}</td>
                  <td className="num" data-l="Took">
                    {took === null ? '–' : formatDuration(took)}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </Panel>
      {noLog ? (
        <section className="panel">
          <Blank kind="denied" title="The output is not for your role">
            {noLog}
          </Blank>
        </section>
      ) : (
        <LogView
          title="Output"
          rows={rows}
          live={!ended}
          firstErrorNo={firstErrorLine}
          empty={lines.error ? lines.error.message : ended ? 'The checks wrote nothing.' : 'Nothing yet.'}
          footer={`${formatCount(run.data.lines, 'line')}, ${formatBytes(bytes)}${cut ? ', cut' : ''}`}
        />
      )}
    </>
  )
}
