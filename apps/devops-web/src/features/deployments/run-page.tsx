'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { getDeployment, listDeployments, streamDeploymentLines } from '@console/contracts/deployments/actions'
import type { Run } from '@console/contracts/deployments/schemas'
import { formatBytes, formatCount } from '@console/ui/format.ts'
import { LogView } from '@console/ui/log-view.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Stepper } from '@console/ui/stepper.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { parseAsString, useQueryState } from 'nuqs'
import { useMemo, useState } from 'react'
import { paths } from '../../lib/paths.ts'
import { runStatus } from '../../lib/run-words.ts'
import { ReasonDialog } from './reason-dialog.tsx'
import { RunChecks } from './run-checks.tsx'
import { RunFacts } from './run-facts.tsx'
import { CancelButton, RunHead } from './run-head.tsx'
import { NextInLine, ScriptSteps } from './run-side.tsx'
import { stepsOf } from './run-steps.ts'
import { RunVerdict } from './run-verdict.tsx'
import { type RunOutput, useRunLines } from './use-run-lines.ts'

/** One run: where it stands, what it writes, and why it ended as it did. */
export function RunPage() {
  const [id] = useQueryState('id', parseAsString.withDefault(''))
  const whyNot = useWhyNot()
  const denied = whyNot(streamDeploymentLines)
  const asked = useRead(getDeployment, { params: { id } }, { every: 3_000, enabled: id !== '' })
  const output = useRunLines(id, denied === null)
  // While another run is opened the answer for the one before may still stand here.
  const read = asked.data?.id === id ? asked.data : undefined
  const run = output.run?.id === id && (!read || output.run.version >= read.version) ? output.run : read
  if (id === '')
    return (
      <section className="panel">
        <Blank
          title="No run is named"
          actions={
            <Link className="btn" href={paths.deployments}>
              Open deployments
            </Link>
          }
        >
          The address of a run ends with its id.
        </Blank>
      </section>
    )
  if (!run)
    return (
      <section className="panel">
        <QueryState query={asked} what="The run" />
      </section>
    )
  return (
    <>
      <QueryState query={asked} what="The run" />
      <Known key={run.id} run={run} output={output} denied={denied} />
    </>
  )
}

function Known({ run, output, denied }: { readonly run: Run; readonly output: RunOutput; readonly denied: string | null }) {
  const now = useNow()
  const [dialog, setDialog] = useState<'cancel' | 'rerun' | null>(null)
  const open = useRead(listDeployments, { query: { serviceId: run.serviceId, state: 'open' } }, { every: 5_000 })
  const ended = run.endedAt !== null
  return (
    <>
      <RunHead run={run} onAsk={setDialog} />
      <p className="vh" role="status">
        {run.serviceName} #{run.number} is {runStatus(run).word}
      </p>
      <Stepper steps={stepsOf(run, now)} />
      <RunVerdict run={run} lines={output.lines} />
      <div className="split">
        <Output run={run} output={output} denied={denied} />
        <div className="stack">
          <RunChecks run={run} />
          <RunFacts run={run} />
          <ScriptSteps run={run} />
          <NextInLine run={run} open={open.data?.items ?? []} />
        </div>
      </div>
      {!ended && (
        <div className="dock">
          <CancelButton run={run} onAsk={setDialog} />
        </div>
      )}
      {dialog && <ReasonDialog run={run} deed={dialog} onClose={() => setDialog(null)} />}
    </>
  )
}

function Output({ run, output, denied }: { readonly run: Run; readonly output: RunOutput; readonly denied: string | null }) {
  const rows = useMemo(
    () => output.lines.map(({ seq, at, stream, text }) => ({ key: seq, no: stream === 'chk' ? null : seq, at, stream, text })),
    [output.lines],
  )
  if (denied)
    return (
      <section className="panel">
        <Blank kind="denied" title="The output is not for your role">
          {denied}
        </Blank>
      </section>
    )
  const ended = run.endedAt !== null
  const state = ended ? '' : output.state === 'retrying' ? 'Connection lost, trying again. ' : 'Following '
  return (
    <LogView
      title="Output"
      rows={rows}
      live={!ended}
      firstErrorNo={run.firstErrorLine}
      empty={
        output.error
          ? output.error.message
          : ended
            ? 'The script wrote nothing.'
            : run.startedAt
              ? 'Nothing yet.'
              : 'It has not started yet.'
      }
      footer={`${state}${formatCount(run.lines, 'line')}, ${formatBytes(run.bytes)}${run.cut ? ', cut at 10 MiB' : ''}`}
    />
  )
}
