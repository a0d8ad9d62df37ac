'use client'
import type { Run, RunLine } from '@console/contracts/deployments/schemas'
import { Note } from '@console/ui/states.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { runStatus } from '../../lib/run-words.ts'

/** Why a run did not succeed: the sentence, the exit status, and the first line that says error, without scrolling. */
export function RunVerdict({ run, lines }: { readonly run: Run; readonly lines: readonly RunLine[] }) {
  if (run.outcome === null || run.state === 'succeeded') return null
  const first = run.firstErrorLine === null ? undefined : lines.find(({ seq }) => seq === run.firstErrorLine)
  return (
    <div className="mb">
      <Note
        kind={runStatus(run).kind}
        title={run.outcome}
        action={
          run.outcome.includes('approve') ? (
            <Link className="btn s" href={paths.approveScript(run.scriptId)}>
              Look at the script
            </Link>
          ) : undefined
        }
      >
        {run.signal ? `Ended by ${run.signal}. ` : run.exitCode === null ? '' : `Exit status ${run.exitCode}. `}
        {run.cancelledBy && `Cancelled by ${run.cancelledBy}. `}
        {run.firstErrorLine !== null && (
          <span className="firsterr">
            First error, line {run.firstErrorLine}
            {first && (
              <>
                : <span className="mono">{first.text.slice(0, 300)}</span>
              </>
            )}
          </span>
        )}
      </Note>
    </div>
  )
}
